"""The horizontal axis of a run's charts: epochs, steps, or time in a unit that fits."""

from typing import NamedTuple

import numpy as np

from builder.runs.followed import AxisName
from builder.runs.growing import View

AXES: dict[AxisName, str] = {"epoch": "Epoch", "step": "Step", "elapsed_s": "Time"}
_UNITS = ((3600.0, "h"), (60.0, "min"), (1.0, "s"))
_FEW = 3
"""So many of a larger unit there must be for it to be taken."""


class Axis(NamedTuple):
    """What is recorded of a run stands at (recorded + start) / unit."""

    name: AxisName
    title: str
    unit: float = 1.0

    def place(self, recorded: np.ndarray | float, start: float = 0.0) -> np.ndarray | float:
        return (recorded + start) / self.unit

    def recorded(self, view: View | None, start: float = 0.0) -> View | None:
        """The part in view, as the run counts."""
        return view and View(view.low * self.unit - start, view.high * self.unit - start)


SECONDS = Axis("elapsed_s", "Training time (s)")


def axis_of(name: AxisName, longest_s: float) -> Axis:
    """`longest_s` is how long the longest of the runs has trained."""
    if name != "elapsed_s":
        return Axis(name, AXES[name])
    unit, word = next(((size, word) for size, word in _UNITS if longest_s >= _FEW * size), _UNITS[-1])
    return Axis(name, f"Training time ({word})", unit)
