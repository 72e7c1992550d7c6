"""Thins and smooths curves to what a screen can show."""

from itertools import pairwise

import numpy as np

BLOCK = 256


def minmax(x: np.ndarray, y: np.ndarray, points: int = 1200) -> tuple[np.ndarray, np.ndarray]:
    """At most `points` points that draw the same picture: both ends, and each stretch's lowest and highest."""
    x, y = np.asarray(x), np.asarray(y)
    rows = minmax_rows(y, points)
    return x[rows], y[rows]


def minmax_rows(y: np.ndarray, points: int) -> np.ndarray:
    """The places of those points, in order."""
    if len(y) <= points:
        return np.arange(len(y))
    inner = y[1:-1]
    stretch = -(-len(inner) // max((points - 2) // 2, 1))
    whole = len(inner) // stretch * stretch
    kept = [*lowest_and_highest(inner[:whole].reshape(-1, stretch))]
    if whole < len(inner):
        kept += [whole + place for place in lowest_and_highest(inner[whole:].reshape(1, -1))]
    return np.unique(np.concatenate([[0], *(1 + place for place in kept), [len(y) - 1]]))


def lowest_and_highest(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Flat places of each row's lowest and of its highest value; NaN counts only in a row of nothing else."""
    starts = np.arange(len(y)) * y.shape[1]
    lowest, highest = y.argmin(axis=1), y.argmax(axis=1)  # either stops at a NaN
    torn = np.isnan(y[np.arange(len(y)), lowest])
    if torn.any():
        lowest[torn] = np.where(np.isnan(y[torn]), np.inf, y[torn]).argmin(axis=1)
        highest[torn] = np.where(np.isnan(y[torn]), -np.inf, y[torn]).argmax(axis=1)
    return starts + lowest, starts + highest


def smooth(y: np.ndarray, weight: float) -> np.ndarray:
    """As a `Smoother` does with the whole curve."""
    return Smoother(weight).extend(y)


class Smoother:
    """Exponential moving average of a curve that grows, without the pull of a start at zero.

    `weight` in [0, 1) is the past's share. Values that are not finite stay as they are and count for nothing.
    Formula: Kingma & Ba 2015, section 3.
    """

    def __init__(self, weight: float) -> None:
        self.weight = weight
        self._total = self._count = 0.0

    def extend(self, y: np.ndarray) -> np.ndarray:
        """Of the next values alone, which follow on those before."""
        y = np.asarray(y, dtype=float)
        if self.weight <= 0 or not len(y):
            return y
        is_finite = np.isfinite(y)
        total = _moving_sum(np.where(is_finite, y, 0.0), self.weight, self._total)
        count = _moving_sum(is_finite.astype(float), self.weight, self._count)
        self._total, self._count = total[-1], count[-1]
        return np.where(is_finite, total / np.where(is_finite, count, 1.0), y)


def _moving_sum(y: np.ndarray, weight: float, before: float) -> np.ndarray:
    """s[t] = weight * s[t - 1] + y[t], a block at a time; `before` is the sum up to the first value."""
    padded = np.zeros(-(-len(y) // BLOCK) * BLOCK)
    padded[: len(y)] = y
    sums, lag = padded.reshape(-1, BLOCK), 1
    while lag < BLOCK:  # each pass doubles how many values a sum takes in
        sums[:, lag:] += weight**lag * sums[:, :-lag]
        lag *= 2
    decay = float(weight) ** np.arange(1, BLOCK + 1)
    sums[0] += before * decay
    for earlier, block in pairwise(sums):
        block += earlier[-1] * decay
    return sums.reshape(-1)[: len(y)]
