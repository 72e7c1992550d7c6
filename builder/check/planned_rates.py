"""Tells the learning rate of each step before a run, as far as it follows from the settings alone."""

import math
from collections.abc import Sequence

from builder.catalogue import rates
from builder.spec.training import TrainingSpec


def planned(training: TrainingSpec, train_rows: int, steps: Sequence[int]) -> list[float]:
    """Rates at these steps, counted from 0; one that follows a figure is told as if that always improved."""
    call = training.scheduler.schedule_call()
    schedule = getattr(rates, training.scheduler.function)
    per_epoch, warmup = training.steps_per_epoch(train_rows), training.scheduler.warmup
    held_from, held = training.held_rate(train_rows) or (math.inf, 0.0)

    def rate(step: int) -> float:
        return training.optimizer.lr * rates.share_at(step, per_epoch, training.epochs, warmup, schedule, call.kwargs)

    return [held if step >= held_from else rate(step) for step in steps]


def spread_steps(training: TrainingSpec, train_rows: int, most: int) -> list[int]:
    """At most so many steps, evenly, the first and the last among them."""
    last = training.steps_per_epoch(train_rows) * training.epochs - 1
    count = min(last + 1, most)
    return [round(place * last / max(count - 1, 1)) for place in range(count)]
