"""Says how many threads a training step deserves."""

import os

SMALL_STEP = 6_000_000
"""Multiply-adds of a step below which one thread is quicker than several."""


def thread_count(multiply_adds: int) -> int:
    """One for steps so small that handing out work costs more than the work; the same project, the same number."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return 1 if multiply_adds < SMALL_STEP else cores
