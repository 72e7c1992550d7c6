"""Turns raw columns into typed ones: float64 with NaN, or text with None."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from builder.data.tables.parsing import as_date, as_number, as_text
from builder.data.tables.reading import RawTable
from builder.errors import DataError
from builder.spec.data import NUMERIC_TYPES, Column

INFINITIES = ("inf", "-inf")
"""Where a file that knows its types may hold what is no number to a model."""
EXAMPLE = {"number": "a number", "date": "a date such as 2024-01-31"}


def typed_column(
    raw: Any, column: Column, missing: Collection[str], table: RawTable, is_new: bool = True
) -> np.ndarray:
    """Float64 or object values of one column; `is_new` if its commas are not yet known to be decimal;
    between commas that part values they hardly are. Raises: DataError with the line."""
    if is_new or table.layout.delimiter == ",":
        commas = CommaCheck(column, missing)
        commas.look_at(table, raw)
        commas.refuse_unclear()
    return typed_values(raw, column, missing, table)


def typed_values(raw: Any, column: Column, missing: Collection[str], table: RawTable) -> np.ndarray:
    """Of a column whose commas are decimal. Raises: DataError with the line."""
    if column.type not in NUMERIC_TYPES:
        return texts_of(raw, missing)
    read = as_number if column.type == "number" else as_date
    values, fault = numbers_of(raw, missing, read)
    if fault is not None:
        raise DataError(
            f"{table.where(fault)}: column '{column.name}' needs {EXAMPLE[column.type]}; got '{texts_of(raw, ())[fault]}'. "
            "Correct it, add it to the missing marks, or set the column's type to category."
        )
    return values


def numbers_of(raw: Any, missing: Collection[str], read: Callable[[str | None, Collection[str]], float] = as_number) -> tuple[np.ndarray, int | None]:  # fmt: skip
    """The values, and the first row that `read` refuses, if any."""
    if not is_text(raw) and read is as_number:
        values = raw.to_numpy().astype(np.float64)
        values[np.isin(values, number_marks(missing))] = np.nan
        too_large = np.flatnonzero(np.abs(values) > 3.4e38)
        return values, (int(too_large[0]) if len(too_large) else None)
    fast = parse_at_once(raw, missing) if read is as_number else None
    if fast is not None:
        return fast, None
    known: dict[str | None, float] = {}
    values = np.full(len(raw), np.nan)
    for row, text in enumerate(texts_of(raw, ())):
        if text not in known:
            try:
                known[text] = read(text, missing)
            except ValueError:
                return values, row
        values[row] = known[text]
    return values, None


def texts_of(raw: Any, missing: Collection[str]) -> np.ndarray:
    """Object array of str and None; equal texts are held once."""
    encoded = raw.combine_chunks().dictionary_encode()
    known = encoded.dictionary.to_pylist()
    if not is_text(raw):
        missing = {*missing, *map(number_text, number_marks(missing))}
        known = [number_text(value) for value in known]
    texts = np.empty(len(known) + 1, object)
    texts[:-1] = [as_text(text, missing) for text in known]
    return texts[encoded.indices.fill_null(len(known)).to_numpy()]


def number_text(value: float) -> str:
    """Whole numbers without '.0', others with every digit they need."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 2**53 else repr(value)


def number_marks(missing: Collection[str]) -> list[float]:
    """The missing marks that are numbers: in a file that knows its types, "-999" and "-999.0" are one."""
    return list(_number_marks(frozenset(missing)))


@lru_cache(maxsize=16)
def _number_marks(missing: frozenset[str]) -> tuple[float, ...]:
    marks = []
    for mark in missing:
        try:
            marks.append(float(mark) if mark in INFINITIES else as_number(mark, ("",)))
        except ValueError:
            continue
    return tuple(mark for mark in marks if mark == mark)


def is_text(raw: Any) -> bool:
    import pyarrow as pa

    return pa.types.is_string(raw.type)


def unclear_comma(texts: Collection[str]) -> str | None:
    """A text whose comma may part decimals as well as thousands, judged from the whole column; None if all is clear."""
    commas = Commas()
    commas.look_at(texts)
    return commas.unclear


@dataclass
class Commas:
    """What the texts of a column say about its commas."""

    first: str | None = None
    """The first text with one."""
    has_point: bool = False
    is_decimal: bool = False
    """Whether a comma stands where none would part thousands."""

    def look_at(self, texts: Collection[str]) -> None:
        for text in texts:
            self.has_point = self.has_point or "." in text
            if "," not in text:
                continue
            plain = text.strip()
            self.first = plain if self.first is None else self.first
            head, *tails = plain.lstrip("+-").split(",")
            if len(tails) == 1 and (len(tails[0]) != 3 or len(head) > 3 or head in ("", "0")):
                self.is_decimal = True

    @property
    def unclear(self) -> str | None:
        return self.first if self.has_point or not self.is_decimal else None


class CommaCheck:
    """Looks through all rows of a column, some at a time, for commas that may part thousands."""

    def __init__(self, column: Column, missing: Collection[str]):
        self._column, self._marks = column, sorted({*missing, ""})
        self._commas, self._place = Commas(), ""

    def look_at(self, table: RawTable, raw: Any) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        if self._column.type != "number" or not is_text(raw):
            return
        commas, present = self._commas, raw.filter(pc.invert(pc.is_in(raw, pa.array(self._marks, pa.string()))))
        commas.has_point = commas.has_point or bool(pc.any(pc.match_substring(present, ".")).as_py())
        commas.look_at(present.filter(pc.match_substring(present, ",")).unique().to_pylist())
        if not self._place and commas.first is not None:
            row = next(row for row, text in enumerate(raw.to_pylist()) if text and text.strip() == commas.first)
            self._place = table.where(row)

    def refuse_unclear(self) -> None:
        """Raises: DataError with the line of the first one."""
        if self._commas.unclear:
            raise DataError(
                f"{self._place}: in column '{self._column.name}' the comma of '{self._commas.unclear}' may part decimals or thousands. "
                "Write numbers with a decimal point and no other mark, or set the column's type to category."
            )


def parse_at_once(raw: Any, missing: Collection[str]) -> np.ndarray | None:
    """The same as `as_number` on each text, or None if that must be tried text by text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = pc.utf8_trim_whitespace(raw)
    is_missing = pc.is_in(plain, pa.array(sorted({*missing, ""}), pa.string()))
    try:
        values = pc.if_else(is_missing, pa.scalar(None, pa.string()), plain).cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    largest = pc.max(pc.abs(values)).as_py()
    has_nan = pc.any(pc.is_nan(values)).as_py()
    return None if has_nan or (largest or 0) > 3.4e38 else values.to_numpy().astype(np.float64)
