"""What the readers of all table formats hand over, and how it is written to Parquet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

CELLS_PER_BATCH = 1_000_000


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


def rows_per_batch(width: int) -> int:
    return max(100, CELLS_PER_BATCH // max(width, 1))


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
    """Writes columns c0, c1, …; returns the line of each row. Memory is bounded by the batch."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer, lines = None, [np.empty(0, np.int64)]
    try:
        for batch in batches:
            table = pa.table(list(batch.columns), names=[f"c{at}" for at in range(len(layout.names))])
            writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table)
            lines.append(np.asarray(batch.lines, np.int64))
    finally:
        if writer:
            writer.close()
    return np.concatenate(lines)
