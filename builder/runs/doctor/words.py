"""Writes the doctor's figures: three digits, and plain powers of ten where a number would be unreadable."""


def said(value: float) -> str:
    """0.12345 → `0.123`, 1234 → `1,230`, 0.0000021 → `2.1e-06`."""
    if value == 0 or 1e-3 <= abs(value) < 1e6:
        digits = f"{float(f'{value:.3g}'):,.6f}"
        return digits.rstrip("0").rstrip(".")
    return f"{value:.2g}"


def share(value: float) -> str:
    """0.456 → `46 %`."""
    return f"{value:.0%}".replace("%", " %")
