"""What the course of a loss tells: whether it still falls, and how much it jumps about."""

import numpy as np

STILL = 0.05
"""A fall that counts as none."""


def fall(losses: np.ndarray) -> float:
    """By how much the last sixth of the epochs is lower than the sixth before it, as a share."""
    part = max(1, len(losses) // 6)
    before, now = np.median(losses[-2 * part : -part]), np.median(losses[-part:])
    return float((before - now) / before) if before > 0 else 0.0


def unrest(losses: np.ndarray) -> float:
    """Mean change from epoch to epoch over the last third, as a share of the mean."""
    late = losses[-max(2, len(losses) // 3) :]
    return float(np.abs(np.diff(late)).mean() / late.mean()) if late.mean() > 0 else 0.0


def gain(losses: np.ndarray) -> float:
    """By how much the last third of the epochs is better than the third before it, as a share; negative if it is worse."""
    part = max(1, len(losses) // 3)
    before, now = np.median(losses[-2 * part : -part]), np.median(losses[-part:])
    return float((before - now) / before) if before > 0 else 0.0
