"""Guesses a column's type from its name and values."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from builder.data.tables.columns import INFINITIES, is_text, number_marks, parse_at_once, unclear_comma
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
    if not is_text(raw):
        return _guess_numbers(name, raw, missing)
    counts = raw.value_counts()
    texts, times = counts.field("values").to_pylist(), counts.field("counts").to_pylist()
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


def _guess_numbers(name: str, raw: Any, missing: Collection[str]) -> Guess:
    """Of a column of a file that knows its types."""
    import pyarrow as pa

    values = raw.drop_null().to_numpy()
    present = np.sort(values[~np.isin(values, number_marks(missing))])
    distinct = int((present[1:] != present[:-1]).sum()) + bool(len(present))
    counts = {"count": len(present), "distinct": distinct, "missing": len(raw) - len(present)}
    if odd := next((text for text in INFINITIES if float(text) in present[[0, -1]]), None) if len(present) else None:
        return Guess(_guess_infinite(name, distinct, len(present)), **counts, odd_text=odd)
    is_whole = pa.types.is_integer(raw.type) or bool(
        (present == np.floor(present)).all() and (abs(present) < 2**53).all()
    )
    is_row_name = IDENTIFIER_NAME.search(name) and is_whole and distinct == len(raw) > 1
    return Guess("identifier" if is_row_name else "number", **counts, is_whole=is_whole and bool(len(present)))


def _guess_infinite(name: str, distinct: int, count: int) -> ColumnType:
    """As of texts of one word each."""
    differs = (distinct > 20 and distinct > 0.5 * count) or (distinct == count > 1 and IDENTIFIER_NAME.search(name))
    return "identifier" if differs else "category"


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
