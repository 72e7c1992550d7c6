"""Follows one run for all who watch it: each event is read once, each curve smoothed and indexed as it grows."""

import math
import threading
from typing import Any, Literal

import numpy as np

from builder.runs.events import EventReader, Events
from builder.runs.folder import RunFolder
from builder.runs.growing import GrowingArray, GrowingCurve, View, rows_in_view
from builder.runs.thinning import Smoother

AxisName = Literal["epoch", "step", "elapsed_s"]
Points = tuple[np.ndarray, np.ndarray]
FINE, ROUGH = 512, 16
"""A live curve is drawn anew when it is so much of itself longer; roughly where only its outline is out of view."""
_KEPT = 3
"""Smoothings of a curve of the steps, which is long: a slider that is moved leaves one behind at each stop."""


class FollowedRun:
    """Safe to share between threads."""

    def __init__(self, folder: RunFolder) -> None:
        self.reader = EventReader(folder)
        self._lock = threading.RLock()
        self._forget()

    def _forget(self) -> None:
        self._events: Events | None = None
        self._of_steps: dict[str, dict[float, tuple[GrowingCurve, Smoother]]] = {}
        self._of_epochs: dict[tuple[str, str], GrowingCurve] = {}
        self._places: dict[AxisName, GrowingArray] = {}

    def read(self) -> Events:
        """All events so far; only the new ones cost anything."""
        with self._lock:
            events = self.reader.read()
            if self._events is not None and not _goes_on(self._events, events):
                self._forget()
            self._events = events
            return events

    def of_steps(
        self,
        axis: AxisName,
        view: View | None,
        points: int,
        *,
        name: str = "loss",
        smoothing: float = 0.0,
        is_live: bool = False,
    ) -> Points:
        """The loss of each step, or a metric, as it is to be drawn: all of it in view if that is little, else thinned."""
        with self._lock:
            x, curve = self._events.steps[axis], self._step_curve(name, smoothing)
            end = worth_drawing(x, view) if is_live else len(curve)
            rows = rows_in_view(x, curve, view, points, end)
            return x[rows], curve.y[rows]

    def of_epochs(self, part: str, name: str, axis: AxisName, view: View | None, points: int) -> Points:
        """A figure of each epoch's `part` ("train" or "validation"), likewise; empty if it was never measured."""
        with self._lock:
            x, curve = self._places_of_epochs(axis), self._epoch_curve(part, name)
            rows = rows_in_view(x, curve, view, points) if np.isfinite(curve.y).any() else np.arange(0)
            return x[rows], curve.y[rows]

    def _step_curve(self, name: str, smoothing: float) -> GrowingCurve:
        kept = self._of_steps.setdefault(name, {})
        curve, smoother = kept[smoothing] = kept.pop(smoothing, None) or (GrowingCurve(), Smoother(smoothing))
        while len(kept) > _KEPT:
            del kept[next(iter(kept))]  # the one that was not used for the longest time
        measured = self._events.steps["loss"] if name == "loss" else self._events.step_metrics[name]
        curve.extend(smoother.extend(measured[len(curve) :]))
        return curve

    def _epoch_curve(self, part: str, name: str) -> GrowingCurve:
        curve = self._of_epochs.setdefault((part, name), GrowingCurve())
        new = self._events.epochs[len(curve) :]
        curve.extend(np.array([_number(epoch.get(part, {}).get(name)) for epoch in new]))
        return curve

    def _places_of_epochs(self, axis: AxisName) -> np.ndarray:
        places = self._places.setdefault(axis, GrowingArray())
        places.extend(np.array([_number(epoch.get(axis)) for epoch in self._events.epochs[len(places) :]]))
        return places.numbers


def worth_drawing(x: np.ndarray, view: View | None) -> int:
    """How many of a live curve's points to draw: it grows in strides too small to be seen, and else stays as it is."""
    total = len(x)
    is_past = view is not None and total > 0 and view.high < x[-1]
    stride = 1 << max(0, (total // (ROUGH if is_past else FINE)).bit_length() - 1)
    return total - total % stride


def _goes_on(before: Events, now: Events) -> bool:
    """False if the files began anew meanwhile."""
    count = len(before.steps)
    if len(now.steps) < count or len(now.epochs) < len(before.epochs):
        return False
    return count == 0 or before.steps["elapsed_s"][count - 1] == now.steps["elapsed_s"][count - 1]


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)
