"""What becomes of table columns before the first layer; everything is fitted on the training split alone."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from builder.data.tables.columns import number_text
from builder.errors import DataError
from builder.spec.base import Spec
from builder.spec.data import NUMERIC_TYPES, Column, TableData

if TYPE_CHECKING:
    import pandas as pd

UNSEEN, MISSING, FIRST = 0, 1, 2
"""Ids of a category that training never met, of no value, and of the first category."""

SMALLEST_SCALE = float(np.finfo(np.float32).tiny)
"""Below it float32 loses digits, and torch takes it for 0."""

FILLS: dict[str, Callable[[np.ndarray], float]] = {"median": np.median, "mean": np.mean, "zero": lambda values: 0.0}


Columns = Mapping[str, Any]
"""A frame, or another thing that gives a whole column for its name."""


class NumberColumn(Spec):
    """(where(isnan(x), fill, x) - shift) / scale, in float32."""

    name: str
    fill: float
    shift: float
    scale: float


class CategoryColumn(Spec):
    """`table[id]` is the encoded row; ids: 0 unseen, 1 missing, 2… the categories."""

    name: str
    categories: tuple[str, ...]
    missing: tuple[str, ...]
    table: tuple[tuple[float, ...], ...]

    def ids(self, texts: "pd.Series | np.ndarray") -> np.ndarray:
        """Int64 [N] from text with None for missing."""
        known = {text: FIRST + at for at, text in enumerate(self.categories)}
        return _looked_up(texts, known, UNSEEN, MISSING)


class TablePreprocessing(Spec):
    """Numbers first, then categories, each in the order of the features."""

    numbers: tuple[NumberColumn, ...]
    categories: tuple[CategoryColumn, ...]
    width: int
    """Inputs that reach the first layer."""
    target: str = ""
    target_shift: float = 0.0
    target_scale: float = 1.0
    classes: tuple[str, ...] = ()

    def encode(self, columns: Columns) -> tuple[np.ndarray, np.ndarray]:
        """Numbers as float32 [N, n], as they are, NaN for missing; category ids as int64 [N, m]."""
        fitted = (*self.numbers, *self.categories)
        rows = len(columns[fitted[0].name]) if fitted else 0
        numbers = np.empty((rows, len(self.numbers)), np.float32)
        for at, column in enumerate(self.numbers):
            numbers[:, at] = np.asarray(columns[column.name])
        ids = np.empty((rows, len(self.categories)), np.int64)
        for at, column in enumerate(self.categories):
            ids[:, at] = column.ids(np.asarray(columns[column.name]))
        return numbers, ids

    def raw_inputs(self, frame: "pd.DataFrame") -> dict[str, np.ndarray]:
        """What the exported model takes: float32 [N, 1] with NaN, or text [N, 1] with ''."""
        numbers = {column.name: frame[column.name].to_numpy().astype(np.float32)[:, None] for column in self.numbers}
        texts = {
            column.name: np.array(["" if text is None else text for text in frame[column.name]], object)[:, None]
            for column in self.categories
        }  # fmt: skip
        return numbers | texts

    def targets(self, columns: Columns) -> np.ndarray:
        """Class indices as int64, -1 for a missing or unknown class; without classes float64 in the target's own unit."""
        values = np.asarray(columns[self.target])
        return class_indices(class_texts(values), self.classes) if self.classes else values.astype(np.float64)


def fit_table(data: TableData, columns: Columns, train_rows: np.ndarray) -> TablePreprocessing:
    """Learns fills, scales and categories from `train_rows`, and the classes, if any, from all rows. Raises: DataError."""
    marks = tuple(sorted({*data.reading.missing, ""}))
    numbers, categories = [], []
    for column in data.features:
        values = np.asarray(columns[column.name])[train_rows]
        if column.type in NUMERIC_TYPES:
            numbers.append(_fit_number(column, values))
        else:
            categories.append(_fit_category(column, values, marks))
    width = len(numbers) + sum(len(column.table[0]) for column in categories)
    fitted = {"numbers": tuple(numbers), "categories": tuple(categories), "width": width}
    return TablePreprocessing(**fitted, **_FIT_TARGET[data.task](data, columns, train_rows))


def _fit_classes(data: TableData, columns: Columns, train_rows: np.ndarray) -> dict[str, Any]:
    name = data.target.name
    return {"target": name, "classes": sort_classes(class_texts(columns[name]), data.positive, name)}


def _fit_value(data: TableData, columns: Columns, train_rows: np.ndarray) -> dict[str, Any]:
    values = np.asarray(columns[data.target.name])[train_rows]
    known = values[~np.isnan(values)]
    spread = float(known.std())
    if 0 < spread < SMALLEST_SCALE:
        raise DataError(
            f"The target column '{data.target.name}' varies by {spread:.1e} only, less than the model's numbers can hold. "
            "Give it in a smaller unit."
        )
    return {"target": data.target.name, "target_shift": float(known.mean()), "target_scale": spread or 1.0}


_FIT_TARGET: dict[str, Callable[..., dict[str, Any]]] = {
    "classification": _fit_classes, "regression": _fit_value, "reconstruction": lambda *_: {},
}  # fmt: skip


def class_texts(values: "pd.Series | np.ndarray") -> np.ndarray:
    """Class names as text, None for missing; numbers without a needless '.0'."""
    values = np.asarray(values)
    if values.dtype == object:
        return values
    distinct, places = np.unique(values, return_inverse=True)
    texts = np.empty(len(distinct), object)
    texts[:] = [None if np.isnan(value) else number_text(value) for value in distinct.tolist()]
    return texts[places]


def class_indices(texts: np.ndarray, classes: Sequence[str]) -> np.ndarray:
    """Int64 places in `classes`, -1 for anything else."""
    return _looked_up(texts, {name: at for at, name in enumerate(classes)}, -1, -1)


def _looked_up(texts: Any, known: Mapping[str, int], unknown: int, missing: int) -> np.ndarray:
    """Int64 [N]; each different text is looked up once."""
    import pandas as pd

    codes, distinct = pd.factorize(np.asarray(texts, object))
    return np.array([*(known.get(text, unknown) for text in distinct), missing], np.int64)[codes]


def sort_classes(texts: Sequence[str | None], positive: str | None, target: str) -> tuple[str, ...]:
    """By number if all are numbers, else by letter; of two classes the positive one is last. Raises: DataError if it is not there."""
    classes = sorted_names({text for text in texts if text is not None})
    if positive is None:
        return classes
    if positive not in classes:
        raise DataError(
            f"The positive class '{positive}' is no value of '{target}'. Choose one of: {', '.join(classes[:20])}."
        )
    return tuple(sorted(classes, key=lambda name: name == positive)) if len(classes) == 2 else classes


def sorted_names(names: set[str]) -> tuple[str, ...]:
    """By number if all are numbers, else by letter; "NaN" is no number, for it has no place among them."""
    try:
        numbers = {name: float(name) for name in names}
    except ValueError:
        return tuple(sorted(names))
    if any(map(math.isnan, numbers.values())):
        return tuple(sorted(names))
    return tuple(sorted(names, key=lambda name: (numbers[name], name)))


def _fit_number(column: Column, values: np.ndarray) -> NumberColumn:
    known = values[~np.isnan(values)]
    fill = float(FILLS[column.impute](known)) if len(known) else 0.0
    filled = np.where(np.isnan(values), fill, values)
    shift, scale = {
        "standard": (filled.mean(), filled.std()),
        "minmax": (filled.min(), filled.max() - filled.min()),
        "none": (0.0, 1.0),
    }[column.scale]
    is_constant = scale < SMALLEST_SCALE or filled.min() == filled.max()
    return NumberColumn(name=column.name, fill=fill, shift=float(shift), scale=1.0 if is_constant else float(scale))


def _fit_category(column: Column, texts: np.ndarray, marks: tuple[str, ...]) -> CategoryColumn:
    import pandas as pd

    counts = pd.Series(texts, dtype=object).value_counts()
    seen = sorted_names(set(counts.index))
    frequent = min(seen, key=lambda name: (-counts[name], name), default=None)
    order = dict.fromkeys(name for name in column.order if name not in marks)  # a missing mark has no place
    categories = (*order, *(name for name in seen if name not in order)) if column.encoding == "ordinal" else seen
    encode = _ordinal_rows if column.encoding == "ordinal" else _onehot_rows
    rows = encode(categories, frequent, column.impute == "own_category" or not categories)
    return CategoryColumn(name=column.name, categories=categories, missing=marks, table=rows)


def _onehot_rows(
    categories: Sequence[str], frequent: str | None, is_missing_own: bool
) -> tuple[tuple[float, ...], ...]:
    width = len(categories) + is_missing_own
    rows = [tuple(float(at == place) for at in range(width)) for place in range(width)]
    missing = rows[-1] if is_missing_own else rows[categories.index(frequent)]
    return ((0.0,) * width, missing, *rows[: len(categories)])


def _ordinal_rows(
    categories: Sequence[str], frequent: str | None, is_missing_own: bool
) -> tuple[tuple[float, ...], ...]:
    """One number from 0 to 1, and a second one that says "missing" if that is a category of its own."""
    steps = max(len(categories) - 1, 1)
    own = (0.0,) if is_missing_own else ()
    rows = [(at / steps, *own) for at in range(len(categories))]
    usual = rows[categories.index(frequent)] if frequent is not None else (0.0, *own)
    return (usual, (usual[0], 1.0) if is_missing_own else usual, *rows)
