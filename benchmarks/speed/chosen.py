"""Reads which cases and contenders are asked for."""

import os
from collections.abc import Sequence


def chosen(variable: str, known: Sequence[str]) -> tuple[str, ...]:
    """The names that an environment variable holds, with commas between; all that are known if it is not set."""
    names = tuple(name.strip() for name in os.environ.get(variable, "").split(",") if name.strip())
    if unknown := set(names) - set(known):
        raise SystemExit(f"{variable}: there is no {', '.join(sorted(unknown))}; take any of: {', '.join(known)}")
    return names or tuple(known)
