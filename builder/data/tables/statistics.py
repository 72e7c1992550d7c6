"""Describes a prepared table for the screens: each column, the classes of each part, some rows."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from builder.spec.data import NUMERIC_TYPES, Column, ColumnType, Role

if TYPE_CHECKING:
    import pandas as pd

    from builder.data.tables.dataset import TableDataset

BINS = 30
TOP_VALUES = 20
PREVIEW_ROWS = 50


@dataclass(frozen=True)
class Numbers:
    """Of the values that are not missing; dates in days since 1970-01-01."""

    mean: float
    std: float
    """Of the values as they are, not of a sample (ddof = 0)."""
    min: float
    q25: float
    median: float
    q75: float
    max: float
    edges: tuple[float, ...]
    """Of the histogram's bins, one more than `counts`."""
    counts: tuple[int, ...]


@dataclass(frozen=True)
class ColumnProfile:
    """`count` values are there, `missing` are not; `top` are the most frequent texts with their counts."""

    name: str
    type: ColumnType
    role: Role
    count: int
    missing: int
    distinct: int
    numbers: Numbers | None = None
    top: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class TableProfile:
    rows: int
    columns: tuple[ColumnProfile, ...]
    class_balance: dict[str, tuple[int, int, int]]
    """Rows of each class in training, validation and test; empty where no class is asked for."""
    preview: "pd.DataFrame"
    """The first rows."""

    def of(self, name: str) -> ColumnProfile:
        return next(column for column in self.columns if column.name == name)


def profile_table(dataset: "TableDataset") -> TableProfile:
    """Takes one pass over each column."""
    return TableProfile(
        rows=len(dataset),
        columns=tuple(_profile_column(column, dataset.frame[column.name]) for column in dataset.data.columns),
        class_balance=_class_balance(dataset),
        preview=dataset.frame.head(PREVIEW_ROWS),
    )


def _class_balance(dataset: "TableDataset") -> dict[str, tuple[int, int, int]]:
    classes = dataset.preprocessing.classes
    return class_balance(classes, dataset.target_values(), dataset.split.parts()) if classes else {}


def class_balance(
    classes: tuple[str, ...], labels: np.ndarray, parts: dict[str, np.ndarray]
) -> dict[str, tuple[int, int, int]]:  # fmt: skip
    """Rows of each class in each part."""
    counts = [np.bincount(labels[rows], minlength=len(classes)).tolist() for rows in parts.values()]
    return dict(zip(classes, zip(*counts, strict=True), strict=True))


def _profile_column(column: Column, values: "pd.Series") -> ColumnProfile:
    present = values.dropna()
    described = {"name": column.name, "type": column.type, "role": column.role, "count": len(present)}
    described |= {"missing": len(values) - len(present), "distinct": int(present.nunique())}
    if column.type in NUMERIC_TYPES:
        return ColumnProfile(**described, numbers=_describe(present.to_numpy()) if len(present) else None)
    top = present.value_counts(sort=True).head(TOP_VALUES)
    return ColumnProfile(**described, top=tuple((str(text), int(count)) for text, count in top.items()))


def _describe(values: np.ndarray) -> Numbers:
    q25, median, q75 = np.quantile(values, (0.25, 0.5, 0.75)).tolist()
    counts, edges = _histogram(values)
    return Numbers(
        mean=float(values.mean()), std=float(values.std()), min=float(values.min()), q25=q25, median=median, q75=q75,
        max=float(values.max()), edges=tuple(edges.tolist()), counts=tuple(counts.tolist()),
    )  # fmt: skip


def _histogram(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One bin for each value if these are few whole numbers, else `BINS` of equal width."""
    low, high = values.min(), values.max()
    is_whole = bool((values == np.floor(values)).all())
    if is_whole and high - low < BINS:
        return np.histogram(values, bins=np.arange(low - 0.5, high + 1))
    try:
        return np.histogram(values, bins=BINS, range=(low, high))
    except ValueError:  # so close together that float64 has no 30 edges between them
        return np.array([len(values)]), np.array([low, high])
