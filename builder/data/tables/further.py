"""Reads a further table part by part, for evaluation and prediction in bounded memory."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from builder.data.tables.columns import is_text, number_text
from builder.data.tables.importing import type_rows
from builder.data.tables.reading import RawTable
from builder.spec.data import Column

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Part:
    """Some rows: `columns` as in the file, `frame` typed as the project says."""

    columns: dict[str, Any]
    frame: "pd.DataFrame"

    def cells(self, name: str) -> list[str]:
        """A column as text, as the file has it."""
        raw = self.columns[name]
        values = raw.to_pylist()
        if is_text(raw):
            return ["" if value is None else value for value in values]
        return ["" if value is None or value != value else number_text(value) for value in values]


def read_parts(table: RawTable, wanted: Sequence[Column], missing: Collection[str]) -> Iterator[Part]:
    """`table` is from `open_rows`; the frames hold the `wanted` columns. Raises: DataError with the line."""
    for rows, columns in table.parts(table.names):
        yield Part(columns, type_rows(rows, columns, wanted, missing))
