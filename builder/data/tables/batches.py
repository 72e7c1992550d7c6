"""What the readers of all table formats hand over, and how it is written to Parquet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

CELLS_PER_BATCH = 1_000_000
NUMBERS_FOR_A_TEXT = 4
"""That take about as much memory."""
GROUP_BYTES = 32 << 20
"""Batches are written together up to this size: each group of a file has its cost for each of its columns."""


@dataclass(frozen=True)
class Layout:
    """How the file was read; for the screens, and for places in messages."""

    names: tuple[str, ...]
    format: str
    line_word: str = "line"
    header_line: int = 1
    header: bool = True
    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()

    @staticmethod
    def from_json(document: dict[str, Any]) -> "Layout":
        return Layout(**{**document, "names": tuple(document["names"]), "sheets": tuple(document["sheets"])})


@dataclass(frozen=True)
class Batch:
    """Some rows: for each a line number; pyarrow arrays, one for each column."""

    lines: Sequence[int]
    columns: Sequence[Any]


def text_batch(lines: list[int], rows: list[Sequence[str | None]]) -> Batch:
    import pyarrow as pa

    return Batch(lines, [pa.array(column, pa.string()) for column in zip(*rows, strict=True)])


def rows_per_batch(texts: int, numbers: int = 0) -> int:
    """For so many columns of text, and of numbers that stay numbers."""
    return max(100, CELLS_PER_BATCH // max(texts + numbers // NUMBERS_FOR_A_TEXT, 1))


def evenly_picked(count: int, most: int) -> np.ndarray:
    """Sorted numbers of at most so many rows: one at random from each stretch, so that no rhythm of the table decides."""
    step = max(1, -(-count // most))
    starts = np.arange(0, count, step)
    return np.minimum(starts + np.random.default_rng(0).integers(0, step, len(starts)), count - 1)


def name_columns(cells: Sequence[str | None]) -> tuple[str, ...]:
    """The header's names; a column without one is called by its place."""
    taken = {cell for cell in cells if cell}
    names = []
    for at, cell in enumerate(cells, start=1):
        name = cell or f"column_{at}"
        while not cell and name in taken:
            name += "_"
        names.append(name)
    return tuple(names)


def write_batches(batches: Iterator[Batch], path: Path, layout: Layout) -> np.ndarray:
    """Writes columns c0, c1, …; returns the line of each row. Memory is bounded by a group."""
    import pyarrow as pa

    lines, names = [np.empty(0, np.int64)], [f"c{at}" for at in range(len(layout.names))]

    def tables() -> Iterator[Any]:
        for batch in batches:
            lines.append(np.asarray(batch.lines, np.int64))
            yield pa.table(list(batch.columns), names=names)

    write_tables(tables(), path)
    return np.concatenate(lines)


def write_tables(tables: Iterator[Any], path: Path) -> None:
    """Writes pyarrow tables below each other, in groups of `GROUP_BYTES`; nothing if there are none."""
    writer = None
    try:
        for group in _groups(tables):
            writer = writer or _open_writer(path, group.schema)
            writer.write_table(group, row_group_size=len(group))
    finally:
        if writer:
            writer.close()


def _groups(tables: Iterator[Any]) -> Iterator[Any]:
    import pyarrow as pa

    held, size = [], 0
    for table in tables:
        if len(table):
            held.append(table)
        size += table.nbytes
        if held and size >= GROUP_BYTES:
            yield pa.concat_tables(held)
            held, size = [], 0
    if held:
        yield pa.concat_tables(held)


def _open_writer(path: Path, schema: Any) -> Any:
    """Packs numbers lightly: they are read again and again, and hardly become smaller."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    floats = {field.name for field in schema if pa.types.is_floating(field.type)}
    return pq.ParquetWriter(
        path,
        schema,
        compression={name: "lz4" if name in floats else "zstd" for name in schema.names},
        use_dictionary=[name for name in schema.names if name not in floats],
        write_statistics=False,
    )
