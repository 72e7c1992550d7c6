"""A prepared table: typed rows, their split and what was fitted on the training part."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from builder.data.preprocessing import TablePreprocessing, class_texts, fit_table
from builder.data.splitting import SplitIndex, split_rows
from builder.data.tables.batches import Layout
from builder.data.tables.importing import import_table
from builder.data.tables.kept import Found, kept, kept_split, key_of_found
from builder.data.tables.reading import RawTable, read_table
from builder.data.tables.typed import TypedRows, memory_bytes
from builder.errors import DataError
from builder.spec.data import NUMERIC_TYPES, TableData
from builder.spec.facts import OWN_INPUT, DataFacts, RawInput

if TYPE_CHECKING:
    from builder.data.tables.statistics import TableProfile
    from builder.data.tables.warnings import DataWarning

MOST_CLASSES = 10_000
FLOAT_BYTES = 4


@dataclass(frozen=True)
class TableDataset:
    """A table of any size: what is asked of it again and again is kept."""

    data: TableData
    table: RawTable
    """The file's content before its columns were typed; knows how the file was read."""
    rows: TypedRows
    split: SplitIndex

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def layout(self) -> Layout:
        """How the file was read: delimiter, encoding, header, sheets."""
        return self.table.layout

    @property
    def content(self) -> str:
        """Changes when the file's content or the way it is read does."""
        return self.table.folder.name

    @cached_property
    def preprocessing(self) -> TablePreprocessing:
        return self._kept(
            "preprocessing", TablePreprocessing, lambda: fit_table(self.data, self.rows, self.split.train)
        )

    @cached_property
    def facts(self) -> DataFacts:
        return self._kept("facts", DataFacts, self._find_facts)

    def _find_facts(self) -> DataFacts:
        fitted = self.preprocessing
        counts = (
            np.bincount(self.target_values()[self.split.train], minlength=len(fitted.classes)) if fitted.classes else ()
        )
        of_classes = "binary" if len(fitted.classes) == 2 else "multiclass"
        return DataFacts(
            input_shape=(fitted.width,),
            task=of_classes if self.data.task == "classification" else self.data.task,
            target=OWN_INPUT if self.data.task == "reconstruction" else self.data.target.name,
            classes=fitted.classes,
            class_counts=tuple(int(count) for count in counts),
            target_lowest=float(np.nanmin(self.target_values())) if self.data.task == "regression" else None,
            row_counts=self.split.row_counts,
            raw_inputs=tuple(
                RawInput(name=column.name, dtype="float32" if column.type in NUMERIC_TYPES else "string")
                for column in self.data.features
            ),
        )  # fmt: skip

    @property
    def is_streamed(self) -> bool:
        """Whether a training reads its inputs from disk, because together they are too large for memory."""
        return len(self) * self.preprocessing.width * FLOAT_BYTES > memory_bytes()

    def target_values(self) -> np.ndarray:
        """One for each row that is given one: class index as int64 (-1 where it is missing), or float64 (NaN)."""
        return self.preprocessing.targets(self.rows)

    def profile(self) -> "TableProfile":
        from builder.data.tables.statistics import profile_table

        return profile_table(self)

    def warnings(self) -> "tuple[DataWarning, ...]":
        from builder.data.tables.warnings import DataWarning, warn_of_table

        return self._kept("warnings", tuple[DataWarning, ...], lambda: warn_of_table(self))

    def leaks(self) -> tuple[tuple[str, str], ...]:
        """Columns that give the target away by themselves, each with how that was seen."""
        from builder.data.tables.leaks import find_leaks

        return self._kept("leaks", tuple[tuple[str, str], ...], lambda: tuple(find_leaks(self)))

    def key_of(self, what: str) -> str:
        """Under which something is kept that follows from the rows and what the project says of them."""
        return key_of_found(self.rows, self.data, what)

    def _kept(self, what: str, kind: Any, find: Callable[[], Found]) -> Found:
        return kept(self.rows, self.data, what, kind, find)


def prepare_table(data: TableData, path: Path, place: str) -> TableDataset:
    """Raises: DataError with one plain sentence."""
    table = read_table(path, place, data.reading)
    rows = import_table(table, data)
    if not data.features:
        raise DataError(f"{place}: no column has the role feature. Give at least one that role.")
    return TableDataset(data, table, rows, kept_split(rows, data, lambda: _split(data, rows, place)))


def _split(data: TableData, columns: TypedRows, place: str) -> SplitIndex:
    """Rows without a target are left out, unless none is asked for."""
    if data.task == "reconstruction":
        return split_rows(np.arange(len(columns)), None, data.split, place)
    labels = _check_target(data, columns, place)
    rows = np.flatnonzero(labels >= 0)
    return split_rows(rows, labels[rows] if data.task == "classification" else None, data.split, place)


def _check_target(data: TableData, columns: TypedRows, place: str) -> np.ndarray:
    """The target's class of each row as a number, -1 where it is missing. Raises: DataError if it cannot be learnt."""
    name, values = data.target.name, columns[data.target.name]
    if data.task == "regression" and data.target.type not in NUMERIC_TYPES:
        raise DataError(f"{place}: regression needs a number as target; column '{name}' is {data.target.type}. Choose classification or another target.")  # fmt: skip
    texts = class_texts(values) if data.task == "classification" else values
    codes, distinct = _factorize(texts)
    if len(distinct) < 2:
        got = f"is '{distinct[0]}' in every row" if len(distinct) else "has no value in any row"
        raise DataError(
            f"{place}: the target column '{name}' {got}, so there is nothing to learn. Choose another target."
        )
    if data.task == "classification" and len(distinct) > MOST_CLASSES:
        raise DataError(f"{place}: the target column '{name}' has {len(distinct):,} different values; {MOST_CLASSES:,} classes are allowed. Choose another target.")  # fmt: skip
    return codes


def _factorize(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    import pandas as pd

    return pd.factorize(values, sort=False)
