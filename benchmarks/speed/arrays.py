"""Gives peers the very numbers that our training sees: preprocessed, split, as arrays."""

from pathlib import Path

import numpy as np

from builder.data.dataset import prepare
from builder.spec.project import Project
from builder.training.examples import load_examples


def write_arrays(project: Project, folder: Path) -> None:
    examples = load_examples(prepare(project.data), project.training.loss, project.training.seed)
    for part, rows in (("train", examples.train_rows), ("validation", examples.validation_rows)):
        np.save(folder / f"x_{part}.npy", examples.inputs(rows).contiguous().numpy())
        np.save(folder / f"y_{part}.npy", examples.truth[rows].numpy().astype(np.int64))
