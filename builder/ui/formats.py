"""Writes numbers for people: thousands marked, units given, no more digits than mean something."""

import math

_BYTES = ("B", "kB", "MB", "GB", "TB")
_STEPS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
MISSING = "–"


def count(value: int | None) -> str:
    """1234 → `1,234`."""
    return MISSING if value is None else f"{value:,}"


def compact(value: float | None) -> str:
    """12300 → `12.3 k`; below 10,000 as it is."""
    if value is None:
        return MISSING
    if abs(value) < 10_000:
        return f"{value:,.0f}"
    size, letter = next(step for step in _STEPS if abs(value) >= step[0] * 0.9995)
    return f"{value / size:.3g} {letter}"


def size_bytes(value: int) -> str:
    """3400000 → `3.4 MB`."""
    amount, step = float(value), 0
    while amount >= 999.5 and step < len(_BYTES) - 1:
        amount, step = amount / 1000, step + 1
    return f"{amount:.0f} B" if step == 0 else f"{amount:.{1 if amount < 99.95 else 0}f} {_BYTES[step]}"


def duration(seconds: float | None) -> str:
    """80 → `1 min 20 s`."""
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def percent(share: float | None, digits: int = 1) -> str:
    """0.1234 → `12.3 %`."""
    return MISSING if share is None or not math.isfinite(share) else f"{share * 100:.{digits}f} %"


def number(value: float | None, digits: int = 4) -> str:
    """A measured value with at least `digits` meaningful digits: 0.123456 → `0.1235`, 151234.4 → `151,234`."""
    if value is None or not math.isfinite(value):
        return MISSING
    if abs(value) >= 10 ** (digits - 1):
        return f"{value:,.0f}"
    if value != 0 and abs(value) < 1e-4:
        return f"{value:.{digits - 1}e}"
    return f"{value:.{digits}g}"


def ago(seconds: float) -> str:
    """How long something is past: `just now`, `5 min ago`, `3 h ago`, `2 days ago`."""
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    if seconds < 86400:
        return f"{int(seconds // 3600)} h ago"
    days = int(seconds // 86400)
    return f"{days} day{'s' if days > 1 else ''} ago"
