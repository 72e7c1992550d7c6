"""Finds the delimiter and the header of a text table from its first lines."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from builder.data.tables.parsing import as_date, as_number

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_CHARACTERS = 1 << 18
SAMPLE_RECORDS = 200


@dataclass(frozen=True)
class Dialect:
    """How the text is cut into values; `spaced` if a space follows each delimiter and belongs to it."""

    delimiter: str
    spaced: bool = False

    def records(self, lines, strict: bool = True):
        return csv.reader(lines, delimiter=self.delimiter, skipinitialspace=self.spaced, strict=strict)


def find_dialect(text: str, delimiter: str | None = None) -> Dialect:
    """The delimiter under which most records are as long as the first one, and longest."""
    candidates = (delimiter,) if delimiter else DELIMITERS
    best = max(candidates, key=lambda candidate: _score(text, candidate))
    return Dialect(best, _is_spaced(text, best))


def sample_records(text: str, dialect: Dialect) -> list[list[str]]:
    """The first records, blank lines left out; the last one may be cut off and is dropped if others remain."""
    records = list(islice(_readable_records(text, dialect), SAMPLE_RECORDS))
    is_cut = len(text) >= SAMPLE_CHARACTERS and 1 < len(records) < SAMPLE_RECORDS
    return records[:-1] if is_cut else records


def _readable_records(text: str, dialect: Dialect) -> Iterator[list[str]]:
    try:
        yield from filter(None, dialect.records(io.StringIO(text, newline=""), strict=False))
    except csv.Error:  # the reading itself will say where
        return


def usual_width(text: str, dialect: Dialect) -> int:
    """Values in most of the first records; with a dialect that cuts nothing, as the best other one cuts them."""
    widths = [_most_common(text, dialect)] if len(sample_records(text, dialect)[0]) > 1 else []
    return max(widths or [_most_common(text, Dialect(delimiter)) for delimiter in DELIMITERS])


def _most_common(text: str, dialect: Dialect) -> int:
    """0 if no length is that of most records."""
    lengths = Counter(map(len, sample_records(text, dialect)))
    (length, count) = lengths.most_common(1)[0]
    return length if count > 0.5 * lengths.total() else 0


def find_header(records: Sequence[Sequence[str]], missing: Sequence[str]) -> bool:
    """Whether the first record names the columns: it does unless it looks like the records below it."""
    first, rest = records[0], [record for record in records[1:] if len(record) == len(records[0])]
    if not rest or (_counts_up(first) and not _counts_up(rest[0])):
        return True
    is_value = [_is_value(cell) for cell in first]
    holds_values = [_mostly_values(column, missing) for column in zip(*rest, strict=True)]
    if any(
        below and not above and cell not in missing
        for above, below, cell in zip(is_value, holds_values, first, strict=True)
    ):
        return True
    if any(is_value):
        return False
    filled = [cell for cell in first if cell]
    repeats = any(cell and cell in column for cell, column in zip(first, zip(*rest, strict=True), strict=True))
    return len(set(filled)) == len(filled) and not repeats


def _counts_up(cells: Sequence[str]) -> bool:
    """Whether the numbers among the cells are 0, 1, 2, … or years in a row, as in "country, 2023, 2024"."""
    numbers = [int(cell) for cell in cells if cell.isascii() and cell.isdigit()]
    in_a_row = len(numbers) > 1 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    return (
        in_a_row
        and (numbers[0] == 0 or 1900 <= numbers[0] <= 2100)
        and not any(_is_value(cell) for cell in cells if not cell.isdigit())
    )


def _score(text: str, delimiter: str) -> tuple[bool, float, float, int]:
    records = sample_records(text, Dialect(delimiter, _is_spaced(text, delimiter)))
    width = len(records[0]) if records else 0
    even = sum(len(record) == width for record in records) / max(len(records), 1)
    cells = [cell for record in records for cell in record]
    clean = sum(_is_value(cell) or not any(mark in cell for mark in DELIMITERS) for cell in cells) / max(len(cells), 1)
    return width > 1, round(even, 1), clean, width


def _is_spaced(text: str, delimiter: str) -> bool:
    lines = text.splitlines()[:SAMPLE_RECORDS]
    count = sum(line.count(delimiter) for line in lines)
    return delimiter != "\t" and count > 0 and count == sum(line.count(delimiter + " ") for line in lines)


def _is_value(cell: str) -> bool:
    """Whether the cell is a number or a date, and so no name."""
    for read in (as_number, as_date):
        try:
            return read(cell, ()) == read(cell, ())  # NaN, for an empty cell, is not
        except ValueError:
            continue
    return False


def _mostly_values(column: Sequence[str], missing: Sequence[str]) -> bool:
    filled = [cell for cell in column if cell not in missing]
    return bool(filled) and sum(map(_is_value, filled)) > 0.5 * len(filled)
