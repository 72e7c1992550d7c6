"""Describes a prepared table for the screens: each column, the classes of each part, some rows."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from builder.data.tables.batches import evenly_picked
from builder.data.tables.kept import kept, kept_rows
from builder.data.tables.typed import TypedRows
from builder.spec.data import NUMERIC_TYPES, Column, ColumnType, Role

if TYPE_CHECKING:
    import pandas as pd

    from builder.data.tables.dataset import TableDataset

BINS = 30
TOP_VALUES = 20
PREVIEW_ROWS = 100
SAMPLE_ROWS = 50_000


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
    """Told apart are at most `MOST_TEXTS` texts."""
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
    sample: "pd.DataFrame"
    """All rows, or evenly picked ones of a table that is too large for memory."""

    def of(self, name: str) -> ColumnProfile:
        return next(column for column in self.columns if column.name == name)


def profile_table(dataset: "TableDataset") -> TableProfile:
    rows, data = dataset.rows, dataset.data
    return TableProfile(
        rows=len(rows),
        columns=profile_columns(dataset),
        class_balance=kept(rows, data, "balance", dict[str, tuple[int, int, int]], lambda: _class_balance(dataset)),
        preview=rows.take(np.arange(min(PREVIEW_ROWS, len(rows)))),
        sample=rows.frame if rows.is_held else kept_rows(rows, data, "sample", evenly_picked(len(rows), SAMPLE_ROWS)),
    )


def profile_columns(dataset: "TableDataset") -> tuple[ColumnProfile, ...]:
    """Takes one pass over each column, once for a table that is read from disk."""
    rows, data = dataset.rows, dataset.data
    return kept(
        rows,
        data,
        "columns",
        tuple[ColumnProfile, ...],
        lambda: tuple(_profile_column(column, rows) for column in data.columns),
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


def _profile_column(column: Column, rows: TypedRows) -> ColumnProfile:
    described = {"name": column.name, "type": column.type, "role": column.role}
    if column.type in NUMERIC_TYPES:
        values = rows[column.name]
        absent = np.isnan(values)
        present = values[~absent] if absent.any() else values.copy()
        numbers, distinct = _describe(present) if len(present) else (None, 0)
        counted = {"count": len(present), "missing": len(rows) - len(present), "distinct": distinct}
        return ColumnProfile(**described, **counted, numbers=numbers)
    count, counts = rows.text_counts(column.name)
    counted = {"count": count, "missing": len(rows) - count, "distinct": len(counts)}
    top = counts.head(TOP_VALUES)
    return ColumnProfile(**described, **counted, top=tuple((str(text), int(times)) for text, times in top.items()))


def _describe(values: np.ndarray) -> tuple[Numbers, int]:
    """The figures, and how many different values there are; the values are sorted in place."""
    mean, std = float(values.mean()), float(values.std())
    values.sort()
    counts, edges = _histogram(values)
    q25, median, q75 = _quartiles(values).tolist()
    numbers = Numbers(
        mean=mean, std=std, min=float(values[0]), q25=q25, median=median, q75=q75, max=float(values[-1]),
        edges=tuple(edges.tolist()), counts=tuple(counts.tolist()),
    )  # fmt: skip
    return numbers, 1 + int((values[1:] != values[:-1]).sum())


def _quartiles(ordered: np.ndarray) -> np.ndarray:
    """What np.quantile gives, to the last bit, which would look for them again."""
    place = np.multiply((0.25, 0.5, 0.75), len(ordered) - 1)
    low = place.astype(np.int64)
    share, a, b = place - low, ordered[low], ordered[np.minimum(low + 1, len(ordered) - 1)]
    return np.where(share < 0.5, a + (b - a) * share, b - (b - a) * (1 - share))


def _histogram(ordered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One bin for each value if these are few whole numbers, else `BINS` of equal width; as np.histogram counts."""
    low, high = ordered[0], ordered[-1]
    is_whole = bool((ordered == np.floor(ordered)).all())
    if is_whole and high - low < BINS:
        edges = np.arange(low - 0.5, high + 1)
    else:
        try:
            edges = np.histogram_bin_edges(ordered, bins=BINS, range=(low, high))
        except ValueError:  # so close together that float64 has no 30 edges between them
            edges = np.array([low, high])
    return np.diff(np.searchsorted(ordered, edges[:-1]), append=len(ordered)), edges
