"""Reads a further table part by part, for evaluation and prediction in bounded memory."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from builder.data.tables.batches import rows_per_batch
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


@dataclass(frozen=True)
class _Rows(RawTable):
    """Rows from `start` on; messages name their line in the file."""

    start: int

    def where(self, row: int) -> str:
        return super().where(self.start + row)


def read_parts(table: RawTable, wanted: Sequence[Column], missing: Collection[str]) -> Iterator[Part]:
    """`table` is from `open_rows`; the frames hold the `wanted` columns. Raises: DataError with the line."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    start = 0
    with pq.ParquetFile(table.folder / "raw.parquet") as file:
        for batch in file.iter_batches(batch_size=rows_per_batch(len(table.names))):
            columns = {
                name: pa.chunked_array([column]) for name, column in zip(table.names, batch.columns, strict=True)
            }
            rows = _Rows(table.folder, table.place, table.layout, start)
            yield Part(columns, type_rows(rows, columns, wanted, missing))
            start += batch.num_rows
