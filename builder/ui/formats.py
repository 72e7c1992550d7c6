"""Writes numbers for people: thousands marked, units given, no more digits than mean something."""

import math

_BYTES = ("B", "kB", "MB", "GB", "TB")
_STEPS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
MISSING = "–"


def count(value: int | None) -> str:
    """1234 → `1,234`."""
    return MISSING if value is None else f"{value:,}"


def counted(value: int, noun: str) -> str:
    """1, row → `1 row`; 1234, row → `1,234 rows`."""
    return f"{value:,} {noun}" if value == 1 else f"{value:,} {noun}{'es' if noun.endswith('s') else 's'}"


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
    if abs(value) >= 1e9 or 0 < abs(value) < 1e-4:
        return f"{value:.{digits - 1}e}"
    if abs(value) >= 10 ** (digits - 1):
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def alike(*values: float | None, digits: int = 4) -> tuple[str, ...]:
    """Values to be compared, all with as many decimals as give the largest `digits` digits: 9.5 and 12 → `9.50`, `12.00`."""
    known = [abs(value) for value in values if value is not None and math.isfinite(value)]
    largest = max(known, default=0.0)
    if largest and not 1e-3 <= largest < 1e7:
        return tuple(_finite(value, f".{digits - 1}e") for value in values)
    return tuple(_finite(value, f",.{decimals(largest, digits)}f") for value in values)


def decimals(value: float, digits: int) -> int:
    """Decimals that give `value` as many digits."""
    return max(0, digits - 1 - math.floor(math.log10(value))) if value else digits


def fixed(value: float | None, places: int) -> str:
    """1 → `1.0000` with four places."""
    return _finite(value, f",.{places}f")


def _finite(value: float | None, form: str) -> str:
    return format(value, form) if value is not None and math.isfinite(value) else MISSING


def latency(milliseconds: float) -> str:
    """With two digits: 0.0174 → `17 µs`, 1.234 → `1.2 ms`."""
    amount, unit = (milliseconds * 1000, "µs") if milliseconds < 0.9995 else (milliseconds, "ms")
    if not amount:
        return "0 µs"
    places = 1 - math.floor(math.log10(amount))
    amount = round(amount, places)
    return f"{amount:,.{max(0, 1 - math.floor(math.log10(amount)))}f} {unit}"


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
