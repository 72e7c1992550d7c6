"""The typed columns of a kept table: in memory where they are small, else read from disk, a column or some rows at a time."""

import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from builder.data.tables.gathered import Gathered
from builder.spec.data import NUMERIC_TYPES, Column

if TYPE_CHECKING:
    import pandas as pd

MEMORY_BYTES = 256 << 20
GROUP_BYTES = 32 << 20
"""Columns are read from disk together up to this size: opening a file takes its time."""
MOST_TEXTS = 1_000_000
"""Different texts of one column that are told apart."""


def memory_bytes() -> int:
    """What a table may take in memory as float64 columns, and once more as inputs of a model; a larger one stays on disk.

    `STRATA_TABLE_MB` sets it. It does not follow the free memory: the order of the rows in training depends on it.
    """
    text = os.environ.get("STRATA_TABLE_MB", "")
    return int(text) << 20 if text.isdecimal() else MEMORY_BYTES


class TypedRows:
    """Numbers and dates as float64 (dates in days since 1970-01-01) with NaN, all else as text with None."""

    def __init__(self, folder: Path, columns: Sequence[Column]):
        """Raises: OSError or ValueError if the file is damaged."""
        import pyarrow.parquet as pq

        self.key, self._path = folder.name, folder / "typed.parquet"
        self._columns = {column.name: (f"c{at}", column.type in NUMERIC_TYPES) for at, column in enumerate(columns)}
        self._metadata, self._group = pq.read_metadata(self._path), {}
        self._count = self._metadata.num_rows
        self.is_held = self._count * len(self._columns) * 8 <= memory_bytes()
        if self.is_held:
            self.frame  # noqa: B018 a damaged file is found here, and made anew

    def __len__(self) -> int:
        return self._count

    @cached_property
    def frame(self) -> "pd.DataFrame":
        """All rows."""
        return self._gathered(list(self._columns)).frame()

    def __getitem__(self, name: str) -> np.ndarray:
        """A whole column."""
        if self.is_held:
            return self.frame[name].to_numpy()
        group = self._group
        if name not in group:
            names = list(self._columns)
            first, width = names.index(name), max(1, GROUP_BYTES // (8 * self._count))
            group = self._gathered(names[first : first + width]).columns()
            self._group = group if len(group) > 1 else {}
        return group[name]

    def _gathered(self, names: Sequence[str], rows: np.ndarray | None = None) -> Gathered:
        """These columns, of the rows of these sorted numbers or of all."""
        gathered, end = self._empty(names, self._count if rows is None else len(rows)), 0
        for start, count, part in self._read(names, {}, rows):
            if rows is None:
                gathered.add(part, slice(start, start + count))
                continue
            first, end = end, int(np.searchsorted(rows, start + count))
            gathered.add(part, slice(first, end), rows[first:end] - start)
        return gathered

    def parts(self, names: Sequence[str] | None = None) -> "Iterator[tuple[int, pd.DataFrame]]":
        """All rows, some at a time, each time with the number of the first."""
        names = list(self._columns if names is None else names)
        if self.is_held:
            return iter([(0, self.frame[names])])
        return ((start, self._framed(part, count)) for start, count, part in self._read(names))

    def _empty(self, names: Sequence[str], count: int) -> Gathered:
        return Gathered(count, {name: self._columns[name][1] for name in names})

    def _framed(self, part: dict[str, np.ndarray], count: int) -> "pd.DataFrame":
        gathered = self._empty(list(part), count)
        gathered.add(part, slice(0, count))
        return gathered.frame()

    def arrays(self, names: Sequence[str]) -> Iterator[tuple[int, int, dict[str, np.ndarray]]]:
        """First row, number of rows and columns of each of the same parts: without a frame, where there are many columns."""
        if self.is_held:
            return iter([(0, self._count, {name: self[name] for name in names})])
        return self._read(names)

    def take(self, rows: np.ndarray, names: Sequence[str] | None = None) -> "pd.DataFrame":
        """These rows, which are sorted."""
        if self.is_held:
            return (self.frame if names is None else self.frame[list(names)]).iloc[rows]
        rows = np.asarray(rows)
        return self._gathered(list(self._columns if names is None else names), rows).frame().set_axis(rows)

    def text_counts(self, name: str) -> "tuple[int, pd.Series]":
        """How many rows have a text, and how often each stands there, most frequent first.

        Texts that come after the first `MOST_TEXTS` different ones are not counted one by one.
        """
        import pandas as pd

        total, counts = 0, {}
        for _, part in self.parts([name]):
            for text, count in part[name].value_counts(sort=False).items():
                total += count
                if text in counts or len(counts) < MOST_TEXTS:
                    counts[text] = counts.get(text, 0) + count
        return int(total), pd.Series(counts, dtype=np.int64).sort_values(ascending=False, kind="stable")

    def fingerprints(self, names: Sequence[str]) -> np.ndarray:
        """A number for each row; rows that are alike in these columns have the same one, others another."""
        from pandas.util import hash_pandas_object

        return np.concatenate([hash_pandas_object(part, index=False).to_numpy() for _, part in self.parts(names)])

    def _read(
        self, names: Sequence[str], held: dict[str, str] | None = None, rows: np.ndarray | None = None
    ) -> Iterator[tuple[int, int, dict[str, np.ndarray]]]:
        """First row, number of rows and columns of each part, or of those that have some of the sorted `rows`; texts that
        `held` has are not held twice."""
        import pyarrow.parquet as pq

        start, columns = 0, {name: self._columns[name] for name in names}
        texts = [place for place, is_number in columns.values() if not is_number]
        with pq.ParquetFile(self._path, metadata=self._metadata, read_dictionary=texts, pre_buffer=False) as file:
            for group in range(file.num_row_groups):
                count = self._metadata.row_group(group).num_rows
                if rows is not None and np.diff(np.searchsorted(rows, (start, start + count))) == 0:
                    start += count
                    continue
                table = file.read_row_group(group, columns=[place for place, _ in columns.values()])
                yield start, count, {
                    name: _values(table.column(place), is_number, held) for name, (place, is_number) in columns.items()
                }  # fmt: skip
                start += count


def _values(column: Any, is_number: bool, held: dict[str, str] | None = None) -> np.ndarray:
    """Of a pyarrow ChunkedArray."""
    import pyarrow as pa

    if is_number:
        return column.to_numpy()
    if not pa.types.is_dictionary(column.type):
        return np.array(column.to_pylist(), dtype=object)
    whole = column.combine_chunks()
    texts = whole.dictionary.to_pylist()
    known = np.array([*(texts if held is None else (held.setdefault(text, text) for text in texts)), None], object)
    return known[whole.indices.fill_null(len(known) - 1).to_numpy()]
