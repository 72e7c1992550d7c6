"""Turns the text of one cell into a number, a date or a category; each function stands alone."""

import math
import re
from collections.abc import Collection
from datetime import UTC, datetime


def as_number(text: str | None, missing: Collection[str]) -> float:
    """NaN for a missing value; a decimal comma counts as a point. Raises: ValueError if it is no finite number."""
    text = "" if text is None else text.strip()
    if not text or text in missing:
        return math.nan
    plain = text if "." in text else text.replace(",", ".", 1)
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", plain, re.ASCII) or abs(float(plain)) > 3.4e38:
        raise ValueError(f"'{text}' is not a number")
    return float(plain)


def as_date(text: str | None, missing: Collection[str]) -> float:
    """Days since 1970-01-01 (UTC), NaN for a missing value; takes 2024-01-31, 2024/1/31 and 31.1.2024, with or without a time. Raises: ValueError."""
    text = "" if text is None else text.strip()
    if not text or text in missing:
        return math.nan
    found = re.fullmatch(
        r"(?:(\d{4})[-/](\d{1,2})[-/](\d{1,2})|(\d{1,2})\.(\d{1,2})\.(\d{4}))"
        r"(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?",
        text, re.ASCII,
    )  # fmt: skip
    if not found:
        raise ValueError(f"'{text}' is not a date")
    year, month, day, day_first, month_first, year_last, hour, minute, second, fraction, zone = found.groups()
    moment = datetime(int(year or year_last), int(month or month_first), int(day or day_first), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC)  # fmt: skip
    seconds = moment.timestamp() + float(f"0.{fraction or 0}")
    if zone and zone != "Z":
        seconds -= int(zone[0] + "1") * (int(zone[1:3]) * 3600 + int(zone[-2:]) * 60)
    return seconds / 86400


def as_text(text: str | None, missing: Collection[str]) -> str | None:
    """The text exactly as it is, or None for a missing value."""
    return None if text is None or text == "" or text in missing else text
