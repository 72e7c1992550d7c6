"""Says how good a run's model is on rows or images that it was given later."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from builder.data.images.further import FurtherImage, part_read, read_images
from builder.data.preprocessing import class_texts
from builder.data.tables.further import read_parts
from builder.data.tables.importing import open_rows
from builder.data.tables.reading import RawTable
from builder.errors import DataError
from builder.evaluation.baseline import Baseline, fit_baseline, mean_baseline
from builder.evaluation.report import Answers, evaluate
from builder.evaluation.trained import TrainedModel, load_trained
from builder.runs.folder import RunFolder
from builder.spec.data import ImageData

Piece = tuple[Tensor, Tensor]
"""Answers with the truth of some rows."""
_ROWS = defaultdict(lambda: "row with a target", {"reconstruction": "row"})


def evaluate_on(folder: RunFolder, path: Path) -> dict[str, Any]:
    """The report of the test split, on a further file. Raises: DataError if it lacks what the answers are compared with."""
    trained = load_trained(folder)
    of_images = isinstance(trained.project.data, ImageData)
    pieces = list(_images(trained, path) if of_images else _tables(trained, path))
    if not pieces:
        raise DataError(f"{path.name} has no {'image that can be read' if of_images else _ROWS[trained.facts.task]}. Add some.")  # fmt: skip
    given, truth = (torch.cat(tensors) for tensors in zip(*pieces, strict=True))
    chosen = trained.project.training.metrics
    report = evaluate(trained.facts, Answers(given, truth), _baseline(trained, folder), chosen)
    own = json.loads(folder.evaluation.read_bytes()) if folder.evaluation.exists() else {}
    part = part_read(path) if of_images else None
    place = f"{path.name} {part}" if part else path.name
    return report | {"split": place, "best_epoch": own.get("best_epoch"), "best_by": own.get("best_by")}


def _tables(trained: TrainedModel, path: Path) -> Iterator[Piece]:
    with open_rows(path, trained.project.data) as table:
        yield from (_own_inputs if trained.facts.task == "reconstruction" else _parts)(trained, table)


def _own_inputs(trained: TrainedModel, table: RawTable) -> Iterator[Piece]:
    data = trained.project.data
    for part in read_parts(table, data.features, data.reading.missing):
        if len(part.frame):
            yield trained.give_back(*map(torch.from_numpy, trained.preprocessing.encode(part.frame)))


def _parts(trained: TrainedModel, table: RawTable) -> Iterator[Piece]:
    data, fitted = trained.project.data, trained.preprocessing
    if data.target.name not in table.names:
        raise DataError(
            f"{table.place} has no column '{data.target.name}', the target. Add it; without it nothing can be compared."
        )
    for part in read_parts(table, (*data.features, data.target), data.reading.missing):
        rows = part.frame[part.frame[data.target.name].notna()]
        if len(rows) == 0:
            continue
        targets = fitted.targets(rows)
        if fitted.classes:
            _require_known(class_texts(rows[data.target.name]), targets, trained, table.place)
        numbers, ids = fitted.encode(rows)
        yield trained.answer(torch.from_numpy(numbers), torch.from_numpy(ids)), _truth(targets, trained)


def _images(trained: TrainedModel, path: Path) -> Iterator[Piece]:
    """What cannot be read as an image is left out, as in training."""
    classes = {name: place for place, name in enumerate(trained.facts.classes)}
    for image in read_images(path, trained.project.data):
        if image.pixels_HWC is None:
            continue
        pixels = torch.tensor(image.pixels_HWC).unsqueeze(0)
        if trained.facts.task == "reconstruction":
            yield trained.give_back(pixels)
            continue
        if image.folder not in classes:
            raise DataError(_wrong_folder(image, path, trained))
        yield trained.answer(pixels), torch.tensor([classes[image.folder]])


def _require_known(texts: np.ndarray, targets: np.ndarray, trained: TrainedModel, place: str) -> None:
    unknown = np.flatnonzero(targets < 0)
    if len(unknown):
        raise DataError(
            f"{place}: column '{trained.facts.target}' holds the class '{texts[unknown[0]]}', which the model does not know. "
            f"Leave such rows out, or train again with them; it knows {_some(trained.facts.classes)}."
        )


def _wrong_folder(image: FurtherImage, path: Path, trained: TrainedModel) -> str:
    lies = f"lies in the folder '{image.folder}'" if image.folder else "lies in no folder"
    known = _some(trained.facts.classes)
    return f"{path.name}: '{image.name}' {lies}, where the name of its class is needed. Sort the images into folders named {known}."


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def _truth(targets: np.ndarray, trained: TrainedModel) -> Tensor:
    """Class numbers (N,), or values (N, 1)."""
    if trained.preprocessing.classes:
        return torch.from_numpy(targets)
    return torch.from_numpy(targets.astype(np.float32)).unsqueeze(1)


def _baseline(trained: TrainedModel, folder: RunFolder) -> Baseline:
    """Fitted on the training rows of the run, of which the run's folder holds counts and mean."""
    facts = trained.facts
    if facts.task == "reconstruction":
        return mean_baseline(torch.from_numpy(np.load(folder.mean_input, allow_pickle=False)))
    if facts.task == "regression":
        return fit_baseline(facts, torch.tensor([[trained.preprocessing.target_shift]]))
    return fit_baseline(facts, torch.repeat_interleave(torch.tensor(facts.class_counts)))
