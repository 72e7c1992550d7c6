"""Reads a table file once into columns of text or plain numbers, with the line each row came from."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from builder.data.storage import hash_file, key_of, open_once, passing_folder
from builder.data.tables import delimited, excel, parquet
from builder.data.tables.batches import Batch, Layout, evenly_picked, rows_per_batch, write_batches
from builder.errors import DataError
from builder.spec.data import TableReading

FORMAT = 2
MOST_GUESSED = 1_000_000
"""Texts from which the type of a column is guessed."""
CELLS_TOGETHER = 4_000_000
"""Columns are read together up to this size: opening a file takes its time."""
WAYS_OUT = {
    "text": "If the values are parted by something other than a comma, semicolon, tab or '|', set the delimiter.",
    "excel": "Choose another sheet, or add columns.",
    "parquet": "Add columns.",
}


@dataclass(frozen=True)
class RawTable:
    """Columns as in the file: text, or float64 and int64 from a file that knows its types."""

    folder: Path
    place: str
    layout: Layout
    start: int = 0
    """The row of the file with which these begin, where they are a part of it."""

    def __len__(self) -> int:
        import pyarrow.parquet as pq

        return pq.read_metadata(self._path).num_rows

    @property
    def names(self) -> tuple[str, ...]:
        return self.layout.names

    @property
    def _path(self) -> Path:
        return self.folder / "raw.parquet"

    def column(self, name: str):
        """A pyarrow ChunkedArray."""
        return self.columns([name])[name]

    def texts(self, names: Sequence[str]) -> list[str]:
        """Those of these columns that hold text."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        kinds = dict(zip(self.names, pq.read_schema(self._path).types, strict=True))
        return [name for name in names if pa.types.is_string(kinds[name])]

    def columns(self, names: Sequence[str]) -> dict:
        """pyarrow ChunkedArrays by column name."""
        import pyarrow.parquet as pq

        places = {name: f"c{at}" for at, name in enumerate(self.names)}
        table = pq.read_table(self._path, columns=[places[name] for name in names])
        return {name: table.column(at) for at, name in enumerate(names)}

    def columns_to_guess(self, names: Sequence[str]) -> Iterator[tuple[str, Any]]:
        """Each column as a pyarrow ChunkedArray, few in memory at once; of long ones of text rows from all over them."""
        count = len(self)
        width = max(1, CELLS_TOGETHER // count)
        for start in range(0, len(names), width):
            group = names[start : start + width]
            if count <= MOST_GUESSED:
                yield from self.columns(group).items()
            else:
                yield from ((name, self._to_guess(name)) for name in group)

    def _to_guess(self, name: str):
        """Some rows of a column of text; of numbers, which are small, all."""
        import pyarrow as pa

        picked, found = evenly_picked(len(self), MOST_GUESSED), []
        for rows, part in self.parts([name]):
            column = part[name]
            if pa.types.is_string(column.type):
                first, last = np.searchsorted(picked, (rows.start, rows.start + len(column)))
                column = column.take(pa.array(picked[first:last] - rows.start))
            found.append(column)
        return pa.chunked_array([chunk for column in found for chunk in column.chunks], found[0].type)

    def parts(self, names: Sequence[str], most_rows: int | None = None) -> "Iterator[tuple[RawTable, dict]]":
        """Some rows at a time, each time with pyarrow ChunkedArrays by column name. Memory is bounded by a part."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        places = {name: f"c{at}" for at, name in enumerate(self.names)}
        start, most_rows = self.start, most_rows or rows_per_batch(len(self.names))
        with pq.ParquetFile(self._path, pre_buffer=False) as file:  # which would keep all that was read until the end
            for batch in file.iter_batches(batch_size=most_rows, columns=[places[name] for name in names]):
                yield (
                    replace(self, start=start),
                    {name: pa.chunked_array([batch.column(places[name])]) for name in names},
                )
                start += batch.num_rows

    def place_of(self, name: str, text: str) -> str:
        """Where this text, or the number that it says, first stands in a column."""
        import pyarrow as pa

        for rows, part in self.parts([name]):
            is_text = pa.types.is_string(part[name].type)
            row = part[name].index(text if is_text else float(text)).as_py()
            if row >= 0:
                return rows.where(row)
        raise ValueError(f"'{text}' stands nowhere in column '{name}'")

    def where(self, row: int) -> str:
        """The file and line (or row) of a row, for a message."""
        line = int(np.load(self.folder / "lines.npy", allow_pickle=False, mmap_mode="r")[self.start + row])
        return f"{self.place}, {self.layout.line_word} {line}"


def read_table(path: Path, place: str, reading: TableReading) -> RawTable:
    """The imported table; a file is read once, later calls take what was kept. Raises: DataError, and then nothing is kept."""
    _check_file(path, place)
    settings = reading.model_dump(exclude={"missing"})
    # the marks matter for finding the header alone
    key = key_of(
        "raw",
        FORMAT,
        hash_file(path),
        settings,
        list(reading.missing) if reading.header is None else None,
    )
    return open_once(
        key, lambda unfinished: _import(path, place, reading, unfinished, 2), lambda folder: _load(folder, place)
    )


@contextmanager
def read_in_passing(path: Path, place: str, reading: TableReading) -> Iterator[RawTable]:
    """A table of one column or more that is not kept. Raises: DataError."""
    _check_file(path, place)
    with passing_folder() as folder:
        _import(path, place, reading, folder, 1)
        yield _load(folder, place)


def _check_file(path: Path, place: str) -> None:
    if path.is_dir():
        raise DataError(f"{place} is a folder, where a table file is needed. Give the path of the file.")


def _load(folder: Path, place: str) -> RawTable:
    """Raises: OSError or ValueError if the folder is damaged."""
    import pyarrow.parquet as pq

    layout = Layout.from_json(json.loads((folder / "layout.json").read_bytes()))
    lines = np.load(folder / "lines.npy", allow_pickle=False, mmap_mode="r")
    if pq.read_metadata(folder / "raw.parquet").num_rows != len(lines):
        raise ValueError(f"{folder} is cut short")
    return RawTable(folder, place, layout)


def _import(path: Path, place: str, reading: TableReading, folder: Path, fewest_columns: int) -> None:
    layout, batches = _open(path, place, reading)
    if len(layout.names) < fewest_columns:
        raise DataError(
            f"{place} has one column only; a target and at least one feature are needed. {WAYS_OUT[layout.format]}"
        )
    _check_names(layout, place)
    lines = write_batches(batches, folder / "raw.parquet", layout)
    if not len(lines):
        raise DataError(f"{place} has a header but no rows. Add rows below it.")
    np.save(folder / "lines.npy", lines, allow_pickle=False)
    (folder / "layout.json").write_text(json.dumps(asdict(layout)))


def _open(path: Path, place: str, reading: TableReading) -> tuple[Layout, Iterator[Batch]]:
    with path.open("rb") as file:
        start = file.read(4)
    if not start:
        raise DataError(f"{place} is empty. Choose a file with a header and rows.")
    if start == b"PAR1":
        return parquet.open_table(path, place)
    if start == b"PK\x03\x04":
        return excel.open_table(path, place, reading)
    if start[:2] == b"\x1f\x8b":
        raise DataError(f"{place} is packed with gzip. Unpack it, and choose the file that was in it.")
    if start == b"\xd0\xcf\x11\xe0":
        raise DataError(f"{place} is in the old .xls format. Save it as .xlsx or CSV.")
    return delimited.open_table(path, place, reading)


def _check_names(layout: Layout, place: str) -> None:
    first_at: dict[str, int] = {}
    for at, name in enumerate(layout.names, start=1):
        if name in first_at:
            raise DataError(f"{place}, {layout.line_word} {layout.header_line}: two columns are called '{name}' (columns {first_at[name]} and {at}). Rename one of them.")  # fmt: skip
        if len(name) > 1000:
            raise DataError(f"{place}, {layout.line_word} {layout.header_line}: the name of column {at} has {len(name):,} letters; 1,000 are allowed. Check the quotes in that line.")  # fmt: skip
        first_at[name] = at
    if len(layout.names) > 20_000:
        raise DataError(f"{place} has {len(layout.names):,} columns; 20,000 are allowed. Leave some out.")
