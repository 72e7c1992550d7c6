"""How learning rates change over the steps, as shares of the one that is set.

This text is printed into generated scripts, so it depends on Python alone. `step` counts from 0 and `total` is the number
of steps, both without those of the warm-up.
"""

import math
from collections.abc import Callable, Sequence


def share_at(step: int, steps_per_epoch: int, epochs: int, warmup: float, schedule: Callable, settings: dict) -> float:
    """Share of the learning rate at a step; for `warmup` epochs it rises evenly to where its schedule begins."""
    total = epochs * steps_per_epoch
    rising = min(round(warmup * steps_per_epoch), total - 1)
    if step < rising:
        return schedule(0, steps_per_epoch, total - rising, **settings) * (step + 1) / (rising + 1)
    return schedule(step - rising, steps_per_epoch, total - rising, **settings)


def constant(step: int, steps_per_epoch: int, total: int) -> float:
    return 1.0


def step_decay(step: int, steps_per_epoch: int, total: int, step_size: int, gamma: float) -> float:
    return gamma ** (step // steps_per_epoch // step_size)


def multi_step_decay(step: int, steps_per_epoch: int, total: int, milestones: Sequence[int], gamma: float) -> float:
    return gamma ** sum(step // steps_per_epoch >= milestone for milestone in milestones)


def exponential_decay(step: int, steps_per_epoch: int, total: int, gamma: float) -> float:
    return gamma ** (step // steps_per_epoch)


def cosine_decay(step: int, steps_per_epoch: int, total: int, lowest: float) -> float:
    """Source: arXiv:1608.03983, without restarts."""
    return lowest + (1 - lowest) * (1 + math.cos(math.pi * step / total)) / 2


def warm_restarts(step: int, steps_per_epoch: int, total: int, first: int, factor: int, lowest: float) -> float:
    """Source: arXiv:1608.03983."""
    epoch, length = step / steps_per_epoch, first
    while factor > 1 and epoch >= length:
        epoch, length = epoch - length, length * factor
    return lowest + (1 - lowest) * (1 + math.cos(math.pi * (epoch % length) / length)) / 2


def one_cycle(step: int, steps_per_epoch: int, total: int, rise: float, start: float, end: float) -> float:
    """Source: arXiv:1708.07120."""
    peak = rise * total - 1
    if step < peak:
        return 1 - (1 - start) * (1 + math.cos(math.pi * step / peak)) / 2
    return end + (1 - end) * (1 + math.cos(math.pi * (step - peak) / (total - 1 - peak))) / 2


def polynomial_decay(step: int, steps_per_epoch: int, total: int, power: float, lowest: float) -> float:
    return lowest + (1 - lowest) * (1 - step / total) ** power


class PlateauShare:
    """Shrinks each time the figure has not improved for more than `patience` epochs."""

    def __init__(self, factor: float, patience: int, min_delta: float, lowest: float, higher_is_better: bool):
        self.factor, self.patience, self.min_delta, self.lowest = factor, patience, min_delta, lowest
        self.sign = 1 if higher_is_better else -1
        self.share, self.best, self.waited = 1.0, -math.inf, 0

    def tell(self, figure: float) -> None:
        """Of an epoch; a figure that is not defined is no improvement."""
        if self.sign * figure > self.best + self.min_delta:
            self.best, self.waited = self.sign * figure, 0
        else:
            self.waited += 1
        if self.waited > self.patience:
            self.share, self.waited = max(self.share * self.factor, self.lowest), 0
