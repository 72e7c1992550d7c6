"""What the model answered on screen for the held-out rows, which the exported file has to repeat."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch

from builder.data.dataset import ImageDataset, TableDataset
from builder.evaluation.trained import TrainedModel
from builder.export.certificate import Expected
from builder.runs.folder import RunFolder


@dataclass(frozen=True)
class GivenBack:
    """Images as the model gives them back, computed when they are asked for: kept, they could fill the disk."""

    trained: TrainedModel
    dataset: ImageDataset

    def __len__(self) -> int:
        return len(self.dataset.split.test)

    def __getitem__(self, places: np.ndarray) -> np.ndarray:
        """Float32 (N, H, W, C) for places among the test rows."""
        images = [self.dataset.read(int(row)) for row in self.dataset.split.test[places]]
        return np.concatenate([self.trained.answer(torch.tensor(image).unsqueeze(0)).numpy() for image in images])


def seen_on_screen(folder: RunFolder, trained: TrainedModel, dataset: TableDataset | ImageDataset) -> Expected:
    """The answers for the test rows, as the run stored them when it was evaluated."""
    stored = pd.read_parquet(folder.predictions)
    expected = _answers(stored, trained, dataset)
    of_rows = trained.facts.row_counts[2]
    return expected if len(stored) == of_rows else replace(expected, of_rows=of_rows)


def rows_seen(folder: RunFolder) -> np.ndarray:
    """The numbers of the rows that these are answers for."""
    return pd.read_parquet(folder.predictions, columns=["row"])["row"].to_numpy()


def _answers(stored: pd.DataFrame, trained: TrainedModel, dataset: TableDataset | ImageDataset) -> Expected:
    if trained.facts.task == "regression":
        return Expected(stored[["predicted"]].to_numpy(), None, trained.preprocessing.target_scale)
    if trained.facts.task == "reconstruction":
        return _reconstructions(stored, trained, dataset)
    names = [f"probability of {name}" for name in trained.facts.classes]
    return Expected(stored[names].to_numpy(), stored["predicted"].to_numpy(dtype=object))


def _reconstructions(stored: pd.DataFrame, trained: TrainedModel, dataset: TableDataset | ImageDataset) -> Expected:
    errors, fitted = stored["error"].to_numpy(), trained.preprocessing
    if isinstance(dataset, ImageDataset):
        return Expected(GivenBack(trained, dataset), None, np.array(fitted.std), errors)
    names = [f"reconstructed {column.name}" for column in trained.facts.raw_inputs]
    return Expected(stored[names].to_numpy(), None, np.array([column.scale for column in fitted.numbers]), errors)
