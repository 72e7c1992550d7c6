"""Reads a trained run back: its project, facts, preprocessing and weights."""

from dataclasses import dataclass

import torch
from pydantic import TypeAdapter
from safetensors.torch import load_file
from torch import Tensor

from builder.data.dataset import ImageDataset, TableDataset
from builder.data.preprocessing import TablePreprocessing
from builder.errors import RunError
from builder.nn.fitting import ImagePreprocessing
from builder.nn.whole import WholeModel
from builder.runs.folder import RunFolder
from builder.spec.facts import DataFacts
from builder.spec.project import Project

_PREPROCESSING = TypeAdapter(ImagePreprocessing | TablePreprocessing)
EVALUATION_BATCH = 1024


@dataclass(frozen=True)
class TrainedModel:
    """A run's best model with everything that belongs to it; `whole` is in evaluation mode."""

    project: Project
    facts: DataFacts
    preprocessing: TablePreprocessing | ImagePreprocessing
    whole: WholeModel

    @torch.no_grad()
    def answer(self, *raw: Tensor) -> Tensor:
        """Probabilities (N, classes), values (N, 1) or reconstructions for what the input module takes."""
        parts = zip(*(tensor.split(EVALUATION_BATCH) for tensor in raw), strict=True)
        answers = [self.whole(*part) for part in parts]
        return torch.cat([part[0] if isinstance(part, tuple) else part for part in answers])

    @torch.no_grad()
    def give_back(self, *raw: Tensor) -> tuple[Tensor, Tensor]:
        """Reconstructions and the inputs, both as the model counts."""
        parts = zip(*(tensor.split(EVALUATION_BATCH) for tensor in raw), strict=True)
        pairs = [(self.whole.core(x), x) for x in (self.whole.encode(*part) for part in parts)]
        given, inputs = zip(*pairs, strict=True)
        return torch.cat(given), torch.cat(inputs)

    def answer_rows(self, dataset: TableDataset | ImageDataset, rows: list[int]) -> Tensor:
        """Answers for rows of a prepared data set."""
        if isinstance(dataset, TableDataset):
            numbers, ids = self.preprocessing.encode(dataset.rows.take(rows))
            return self.answer(torch.from_numpy(numbers), torch.from_numpy(ids))
        return torch.cat([self.answer(torch.tensor(dataset.read(row)).unsqueeze(0)) for row in rows])


def load_trained(folder: RunFolder) -> TrainedModel:
    """Raises: RunError if the run has no weights yet."""
    if not folder.weights.exists():
        raise RunError(f"Run {folder.path.name} has no trained weights. Wait for its first epoch, or train again.")
    project = folder.project
    facts = DataFacts.model_validate_json(folder.facts.read_bytes())
    preprocessing = _PREPROCESSING.validate_json(folder.preprocessing.read_bytes())
    whole = WholeModel(project, facts, preprocessing)
    whole.core.load_state_dict(load_file(folder.weights))
    return TrainedModel(project, facts, preprocessing, whole.eval())
