"""Opens CSV, TSV and their kin; every fault is named with its line."""

import csv
from collections.abc import Iterator
from pathlib import Path

from builder.data.tables.batches import Batch, Layout, name_columns, rows_per_batch, text_batch
from builder.data.tables.encoding import check_text, find_encoding
from builder.data.tables.sniff import SAMPLE_CHARACTERS, Dialect, find_dialect, find_header, sample_records, usual_width
from builder.errors import DataError
from builder.spec.data import TableReading

MARK = {"\t": "tab", "\n": "line break", "\r": "line break"}
MOST_SHOWN = 40
"""Letters of a line that are repeated."""


def open_table(path: Path, place: str, reading: TableReading) -> tuple[Layout, Iterator[Batch]]:
    """Raises: DataError for a file that is no text, has no rows, or a single column."""
    encoding = reading.encoding or find_encoding(path, place)
    check_text(path, encoding, place)
    with path.open(encoding=encoding, newline="") as file:
        text = file.read(SAMPLE_CHARACTERS)
    dialect = find_dialect(text, reading.delimiter)
    line, first = next(_numbered(path, encoding, dialect, place), (1, []))
    if not any(map(str.strip, first)):
        raise DataError(f"{place} has no header and no rows. Choose a file with a header and rows.")
    _check_delimiter(len(first), text, reading, place)
    _check_first(line, first, usual_width(text, dialect), place)
    header = find_header(sample_records(text, dialect), reading.missing) if reading.header is None else reading.header
    layout = Layout(
        names=name_columns(first if header else [""] * len(first)),
        format="text", header_line=line, header=header, delimiter=dialect.delimiter, encoding=encoding,
    )  # fmt: skip
    return layout, _batches(path, place, layout, dialect)


def _check_delimiter(width: int, text: str, reading: TableReading, place: str) -> None:
    """Raises: DataError if the delimiter that was set cuts nothing and another one would."""
    other = find_dialect(text)
    others = max(map(len, sample_records(text, other)[:1]), default=0)
    if reading.delimiter and width == 1 < others:
        shown, better = (MARK.get(mark, mark) for mark in (reading.delimiter, other.delimiter))
        raise DataError(f"{place}, line 1: with the delimiter '{shown}' there is one column only; '{better}' gives {others}. Set the delimiter to '{better}', or leave it empty.")  # fmt: skip


def _check_first(line: int, first: list[str], usual: int, place: str) -> None:
    """Raises: DataError if a title, a comment or the like stands before the table."""
    if usual > 1 and usual != len(first):
        shown = first[0] if len(first[0]) <= MOST_SHOWN else f"{first[0][:MOST_SHOWN]}…"
        raise DataError(
            f"{place}, line {line}: '{shown}' begins a line of {len(first)} where most have {usual} values. "
            "Remove what stands before the header, or give the header a name for every column."
        )


def _batches(path: Path, place: str, layout: Layout, dialect: Dialect) -> Iterator[Batch]:
    width, limit = len(layout.names), rows_per_batch(len(layout.names))
    lines: list[int] = []
    rows: list[list[str]] = []
    records = _numbered(path, layout.encoding, dialect, place)
    if layout.header:
        next(records)
    for line, record in records:
        if len(record) != width:
            raise DataError(f"{place}, line {line}: there are {len(record)} values where the first line has {width}. Correct that line, or the quotes and delimiters in it.")  # fmt: skip
        lines.append(line)
        rows.append(record)
        if len(rows) == limit:
            yield text_batch(lines, rows)
            lines, rows = [], []
    if rows:
        yield text_batch(lines, rows)


def _numbered(path: Path, encoding: str, dialect: Dialect, place: str) -> Iterator[tuple[int, list[str]]]:
    """Records with the line on which each starts; blank lines are left out."""
    with path.open(encoding=encoding, newline="") as file:
        records = dialect.records(file)
        start = 1
        try:
            for record in records:
                if record:
                    yield start, record
                start = records.line_num + 1
        except csv.Error as error:
            raise DataError(f"{place}, line {start}: {_reason(error)}") from None


def _reason(error: csv.Error) -> str:
    if "field larger" in str(error):
        return f"a value is longer than {csv.field_size_limit():,} letters. If a quote is opened there and never closed, close it; else shorten the value."
    if "unexpected end" in str(error):
        return "a quote is opened there and never closed. Close it, or double it if it belongs to the value."
    return "text follows a closing quote. Double the quotes that belong to the value."
