"""Thins and smooths curves to what a screen can show."""

from itertools import pairwise

import numpy as np

BLOCK = 256


def minmax(x: np.ndarray, y: np.ndarray, points: int = 1200) -> tuple[np.ndarray, np.ndarray]:
    """At most `points` points that draw the same picture: both ends, and each stretch's lowest and highest."""
    x, y = np.asarray(x), np.asarray(y)
    if len(y) <= points:
        return x, y
    inner = y[1:-1]
    stretch = -(-len(inner) // max((points - 2) // 2, 1))
    whole = len(inner) // stretch * stretch
    kept = [1 + _extremes(inner[:whole].reshape(-1, stretch))]
    if whole < len(inner):
        kept.append(1 + whole + _extremes(inner[whole:].reshape(1, -1)))
    rows = np.unique(np.concatenate([[0], *kept, [len(y) - 1]]))
    return x[rows], y[rows]


def _extremes(y: np.ndarray) -> np.ndarray:
    """Flat places of each row's lowest and highest value; NaN counts only in a row of nothing else."""
    starts = np.arange(len(y)) * y.shape[1]
    lowest, highest = y.argmin(axis=1), y.argmax(axis=1)  # either stops at a NaN
    torn = np.isnan(y[np.arange(len(y)), lowest])
    if torn.any():
        lowest[torn] = np.where(np.isnan(y[torn]), np.inf, y[torn]).argmin(axis=1)
        highest[torn] = np.where(np.isnan(y[torn]), -np.inf, y[torn]).argmax(axis=1)
    return np.concatenate([starts + lowest, starts + highest])


def smooth(y: np.ndarray, weight: float) -> np.ndarray:
    """Exponential moving average, `weight` in [0, 1) being the past's share, without the pull of a start at zero.

    Values that are not finite stay as they are and count for nothing. Formula: Kingma & Ba 2015, section 3.
    """
    y = np.asarray(y, dtype=float)
    if weight <= 0 or not len(y):
        return y
    is_finite = np.isfinite(y)
    total = _moving_sum(np.where(is_finite, y, 0.0), weight)
    count = _moving_sum(is_finite.astype(float), weight)
    return np.where(is_finite, total / np.where(is_finite, count, 1.0), y)


def _moving_sum(y: np.ndarray, weight: float) -> np.ndarray:
    """s[t] = weight * s[t - 1] + y[t], a block at a time."""
    padded = np.zeros(-(-len(y) // BLOCK) * BLOCK)
    padded[: len(y)] = y
    lag = np.subtract.outer(np.arange(BLOCK), np.arange(BLOCK))
    within = np.where(lag >= 0, float(weight) ** np.maximum(lag, 0), 0.0)
    sums = padded.reshape(-1, BLOCK) @ within.T
    decay = float(weight) ** np.arange(1, BLOCK + 1)
    for before, block in pairwise(sums):
        block += before[-1] * decay
    return sums.reshape(-1)[: len(y)]
