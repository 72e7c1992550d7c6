"""Waits for what another process does."""

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")


def wait_until(look: Callable[[], Seen], is_true: Callable[[Seen], bool], limit_s: float = 240) -> Seen:
    deadline = time.monotonic() + limit_s
    while not is_true(seen := look()):
        assert time.monotonic() < deadline, seen
        time.sleep(0.02)
    return seen
