"""Opens Excel workbooks (.xlsx): the values that the cells show, as text."""

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path
from typing import Any

from builder.data.tables.batches import Batch, Layout, name_columns, rows_per_batch, text_batch
from builder.data.tables.sniff import SAMPLE_RECORDS, find_header
from builder.errors import DataError
from builder.spec.data import TableReading

LARGEST_UNPACKED_BYTES = 1 << 30
MOST_CELLS = 20_000_000
"""Each is held in memory once; a CSV file is streamed."""
DAMAGE = (
    OSError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    SyntaxError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
)
"""What openpyxl lets through when it meets broken XML; SyntaxError is the parser's own."""


def open_table(path: Path, place: str, reading: TableReading) -> tuple[Layout, Iterator[Batch]]:
    """Raises: DataError if it is no workbook, the sheet is not there, or nothing stands on it."""
    _check_archive(path, place)
    sheets, name, rows = _load(path, place, reading.sheet)
    width = max((len(cells) for _, cells in rows), default=0)
    if not rows:
        raise DataError(f"{place}: sheet '{name}' is empty. Choose another sheet.")
    if width * len(rows) > MOST_CELLS:
        raise _too_large(place, name)
    sample = [[cell or "" for cell in _padded(cells, width)] for _, cells in rows[:SAMPLE_RECORDS]]
    header = find_header(sample, reading.missing) if reading.header is None else reading.header
    names = name_columns(_padded(rows[0][1], width) if header else [None] * width)
    layout = Layout(names, "excel", "row", rows[0][0], header, sheet=name, sheets=sheets)
    return layout, _batches(rows, int(header), width)


def _check_archive(path: Path, place: str) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
            is_workbook = "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError) as error:
        raise DataError(f"{place} is damaged: {error}. Save it again.") from None
    if not is_workbook:
        raise DataError(f"{place} is a zip file without a workbook or images in it. Give a CSV, Excel or Parquet file.")
    if unpacked > LARGEST_UNPACKED_BYTES:
        raise DataError(f"{place} unpacks to more than {LARGEST_UNPACKED_BYTES >> 30} GB. Save it as CSV.")


def _load(path: Path, place: str, sheet: str | None) -> tuple[tuple[str, ...], str, list[tuple[int, list[str | None]]]]:
    import openpyxl

    try:
        with warnings.catch_warnings(action="ignore", category=UserWarning), path.open("rb") as file:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            sheets = tuple(page.title for page in book.worksheets)
            name = sheet or (sheets[0] if sheets else "")
            if name not in sheets:
                raise DataError(
                    f"{place} has no sheet '{name}'; it has {', '.join(sheets) or 'none'}. Choose one of them."
                )
            rows = _rows(book[name], place)
            book.close()
    except DAMAGE as error:
        raise DataError(f"{place} is not a readable workbook: {error}. Save it again as .xlsx or CSV.") from None
    return sheets, name, rows


def _rows(page: Any, place: str) -> list[tuple[int, list[str | None]]]:
    """Rows that are not empty, each with its number and cut after its last value; equal texts are held once."""
    page.reset_dimensions()  # what the file says of its size may be wrong by thousands of columns
    rows, seen, known = [], 0, {}
    for line, row in enumerate(page.iter_rows(values_only=True), start=1):
        seen += len(row) or 1
        if seen > MOST_CELLS:
            raise _too_large(place, page.title)
        cells = _trim([_text(value) for value in row])
        if cells:
            rows.append((line, [known.setdefault(cell, cell) for cell in cells]))
    return rows


def _too_large(place: str, name: str) -> DataError:
    return DataError(f"{place}: sheet '{name}' has more than {MOST_CELLS:,} cells, empty ones between them counted. Save it as CSV.")  # fmt: skip


def _batches(rows: list[tuple[int, list[str | None]]], first: int, width: int) -> Iterator[Batch]:
    size = rows_per_batch(width)
    for start in range(first, len(rows), size):
        part = rows[start : start + size]
        yield text_batch([line for line, _ in part], [_padded(cells, width) for _, cells in part])


def _padded(cells: list[str | None], width: int) -> list[str | None]:
    return cells + [None] * (width - len(cells))


def _trim(cells: list[str | None]) -> list[str | None]:
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def _text(value: Any) -> str | None:
    """Whole numbers without '.0', times of day left out at midnight."""
    if value is None or value in ("", "#N/A"):
        return None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time() else value.isoformat(sep=" ")
    return str(value)
