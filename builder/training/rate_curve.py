"""Reads a learning rate off the curve of a range test."""

from dataclasses import dataclass

import numpy as np

from builder.errors import RunError

SPREAD = 0.15
"""Of the smoothing, in decades of the learning rate."""
START = 1.0
"""Decades at the lower end over which the loss is taken for that of the first weights."""
CLEAR = 4.0
"""Standard errors that the loss has to fall for the fall to count."""
CAREFUL = 0.1
"""Share of the diverging rate that is suggested when nothing was learned on the way there."""


@dataclass(frozen=True)
class RateCurve:
    """The smoothed loss by learning rate, and what is to be seen in it."""

    lrs: np.ndarray
    losses: np.ndarray
    start: float
    noise: float
    """Standard error of a smoothed loss."""

    @property
    def lowest_at(self) -> int:
        return int(np.argmin(self.losses))

    @property
    def falls(self) -> bool:
        return self.start - self.losses[self.lowest_at] > CLEAR * self.noise

    @property
    def lowest(self) -> float:
        return float(self.lrs[self.lowest_at])

    @property
    def suggestion(self) -> float:
        """Raises: RunError if the loss is the same at all rates."""
        if self.falls:
            return self.middle
        if self.diverges_at is None:
            raise RunError(
                "The loss neither fell nor rose clearly at any learning rate. Look at the data and the model first: "
                "something keeps it from learning."
            )
        return self.diverges_at * CAREFUL

    @property
    def middle(self) -> float:
        """The rate by which half of the fall had happened: where it is steepest, but found from the whole curve."""
        half = (self.start + self.losses[self.lowest_at]) / 2
        above = np.flatnonzero(self.losses[: self.lowest_at + 1] >= half)
        return float(self.lrs[above[-1] if len(above) else 0])

    @property
    def diverges_at(self) -> float | None:
        """The rate from which the loss is above its start for good; None if it never is."""
        above = self.losses > self.start + CLEAR * self.noise
        if not above[-1]:
            return None
        below = np.flatnonzero(~above)
        return float(self.lrs[below[-1] + 1 if len(below) else 0])


def read_curve(lrs: np.ndarray, sweeps: np.ndarray) -> RateCurve:
    """`sweeps` are losses (sweeps, points), NaN after a divergence; the curve ends where half of them have diverged."""
    points = int((np.isfinite(sweeps).mean(0) > 0.5).sum())
    lrs, raw = lrs[:points], np.nanmedian(sweeps[:, :points], axis=0)
    per_decade = 1 / np.log10(lrs[1] / lrs[0])
    first = max(2, int(START * per_decade))
    start = float(np.median(raw[:first]))
    # a single loss far up at the end would lift its neighbours
    capped = np.minimum(raw, start + 2 * max(start - raw.min(), 0))
    noise = float(np.std(raw[:first], ddof=1) / np.sqrt(max(1.0, 2 * np.sqrt(np.pi) * SPREAD * per_decade)))
    return RateCurve(lrs, _smoothed(capped, SPREAD * per_decade), start, noise)


def _smoothed(values: np.ndarray, spread: float) -> np.ndarray:
    places = np.arange(len(values))
    weights = np.exp(-0.5 * ((places[:, None] - places) / spread) ** 2)
    return weights @ values / weights.sum(1)
