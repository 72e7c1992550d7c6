"""Guesses a column's type from its name and values."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from builder.data.tables.columns import INFINITIES, is_text, number_marks, number_text, parse_at_once, unclear_comma
from builder.data.tables.parsing import as_date, as_number, as_text
from builder.spec.data import ColumnType

BOOLEANS = ({"true", "false"}, {"yes", "no"}, {"t", "f"}, {"y", "n"})
IDENTIFIER_NAME = re.compile(
    r"(?i:(^|[_\s.-])(id|ids|uuid|guid|index|key|nr|no)$|^(unnamed: ?\d+|column_1_*|__index_level_\d+__|rownames)$)|[a-z]I[dD]$"
)
GROUPED = r"[+-]?\d{1,3}([.,' ]\d{3})+([.,]\d+)?"
"""A number with marks between thousands, which is not read as one."""
MOSTLY = 0.5
MANY_NUMBERS = 10


@dataclass(frozen=True)
class Guess:
    """What a column seems to hold."""

    type: ColumnType
    count: int
    """Values that are not missing."""
    distinct: int
    missing: int
    is_whole: bool = False
    """Whether it holds whole numbers alone."""
    odd_text: str | None = None
    """The first text among what are mostly numbers."""


def guess(name: str, raw: Any, missing: Collection[str]) -> Guess:
    """`raw` is a pyarrow column as it stands in the file."""
    if (plain := _guess_plain_numbers(name, raw, missing)) is not None:
        return plain
    counts = raw.value_counts()
    texts, times = counts.field("values").to_pylist(), counts.field("counts").to_pylist()
    if not is_text(raw):
        marks = number_marks(missing)
        present = {number_text(value): time for value, time in zip(texts, times, strict=True) if value is not None and value not in marks}  # fmt: skip
        return _guess_numbers(name, raw, present)
    present = {
        text: time
        for text, time in zip(texts, times, strict=True)
        if as_text(text, missing) is not None and text.strip() not in missing
    }
    count = sum(present.values())
    kind, odd = _guess_texts(name, raw, present, count)
    is_whole = kind == "number" and all(as_number(text, ()).is_integer() for text in present)
    return Guess(kind, count, len(present), len(raw) - count, is_whole, odd)


def _guess_texts(name: str, raw: Any, present: dict[str, int], count: int) -> tuple[ColumnType, str | None]:
    if not present:
        return "category", None
    if len(present) == 2 and {text.strip().casefold() for text in present} in BOOLEANS:
        return "boolean", None
    if all(_reads(as_date, text) for text in present):
        return "date", None
    if any(re.fullmatch(r"\s*[+-]?0\d+\s*", text) for text in present):  # 007 is no 7
        return _guess_words(name, present, count), None
    numbers = {text: time for text, time in present.items() if _reads(as_number, text)}
    if len(numbers) == len(present) and unclear_comma(present) is None:
        if any(
            len(re.sub(r"\D", "", text)) > 15 and _reads(int, text) for text in present
        ):  # float64 would lose digits
            return "identifier", None
        return _number_or_identifier(name, raw, present), None
    odd = next((text for text in present if text not in numbers), unclear_comma(present))
    alike = {text for text in present if text in numbers or re.fullmatch(GROUPED, text.strip())}
    is_mixed = sum(present[text] for text in alike) > MOSTLY * count and len(alike) > MANY_NUMBERS
    return _guess_words(name, present, count), odd if is_mixed else None


def _guess_plain_numbers(name: str, raw: Any, missing: Collection[str]) -> Guess | None:
    """The same guess for a column of numbers as text, all at once; None if it needs a closer look."""
    import pyarrow.compute as pc

    values = parse_at_once(raw, missing) if is_text(raw) else None
    if values is None or np.isnan(values).all():
        return None
    if pc.any(pc.match_substring_regex(raw, r"^\s*[+-]?(0\d|\d{16,}\s*$)")).as_py():
        return None
    present = values[~np.isnan(values)]
    distinct = len(raw.filter(~np.isnan(values)).unique())
    kind = "number"
    if IDENTIFIER_NAME.search(name):
        kind = _number_or_identifier(name, raw, raw.unique().to_pylist())
    is_whole = bool((present == np.floor(present)).all())
    return Guess(kind, len(present), distinct, len(raw) - len(present), is_whole)


def _guess_numbers(name: str, raw: Any, present: dict[str, int]) -> Guess:
    count = sum(present.values())
    if odd := next((text for text in INFINITIES if text in present), None):
        return Guess(_guess_words(name, present, count), count, len(present), len(raw) - count, odd_text=odd)
    is_whole = all("." not in text and "e" not in text and "n" not in text for text in present)
    kind = _number_or_identifier(name, raw, present) if present else "number"
    return Guess(kind, count, len(present), len(raw) - count, is_whole and bool(present))


def _number_or_identifier(name: str, raw: Any, texts: Collection[str]) -> ColumnType:
    """Whole numbers that all differ and are called an id name the row, and measure nothing."""
    is_row_name = IDENTIFIER_NAME.search(name) and len(texts) == len(raw) > 1
    return "identifier" if is_row_name and all(_reads(int, text) for text in texts) else "number"


def _guess_words(name: str, present: dict[str, int], count: int) -> ColumnType:
    words = sum(len(text.split()) for text in present) / len(present)
    if words >= 4 and len(present) > 0.2 * count and len(present) > 20:
        return "text"
    if len(present) > 20 and len(present) > 0.5 * count:
        return "text" if words >= 3 else "identifier"
    if len(present) == count > 1 and IDENTIFIER_NAME.search(name):
        return "identifier"
    return "category"


def _reads(read: Callable[..., float], text: str) -> bool:
    try:
        read(text) if read is int else read(text, ())
    except ValueError:
        return False
    return "_" not in text
