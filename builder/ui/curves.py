"""Turns runs into curves: loss by step and epoch, metrics by epoch; of several runs each in a colour of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from builder.catalogue.metrics import METRICS
from builder.runs.events import Events
from builder.runs.followed import FollowedRun
from builder.runs.growing import View
from builder.ui.chart_axis import Axis

POINTS = 1200
"""Most points of a curve that a screen can tell apart (facts.md)."""
BUDGET = 2 * POINTS
"""Points in view of all curves of a kind in a chart, so that an update stays small however many there are."""
RUN_COLORS = tuple(f"--strata-run-{number}" for number in range(1, 7))
"""In chart.css, for either theme; the first is of the run that the page shows."""
_PALETTE = (
    "--st-blue-color",
    "--st-green-color",
    "--st-orange-color",
    "--st-violet-color",
    "--st-red-color",
    "--st-gray-color",
)
_DASHES = ("solid", "dash", "dot")
TRAINING, VALIDATION = "--st-primary-color", "--st-orange-color"
_THIN, _THICK = 1.2, 2.8


@dataclass(frozen=True)
class DrawnRun:
    """A run in a chart. One that was forked begins, in time, where the run it comes from had got to."""

    name: str
    followed: FollowedRun
    events: Events
    is_live: bool = False
    before_s: float = 0.0
    color: str = TRAINING

    def start(self, axis: Axis) -> float:
        return self.before_s if axis.name == "elapsed_s" else 0.0

    def last(self, axis: Axis) -> float:
        """Where its curves end; without a step, where they begin."""
        steps = self.events.steps
        return axis.place(float(steps[axis.name][-1]) if len(steps) else 0.0, self.start(axis))


@dataclass(frozen=True)
class Frame:
    """What of the runs is in view."""

    axis: Axis
    view: View | None = None


def loss_traces(run: DrawnRun, frame: Frame, smoothing: float) -> list[dict[str, Any]]:
    """Training loss of each step, raw in the background once it is smoothed, and both losses of each epoch."""
    traces = []
    if smoothing > 0:
        raw = _of_steps(run, frame, POINTS)
        traces.append(_line("Each step", *raw, TRAINING, width=1, opacity=0.35))
    smoothed = _of_steps(run, frame, POINTS, smoothing)
    traces.append(_line("Training", *smoothed, TRAINING, opacity=0.9 if smoothing > 0 else 0.55))
    of_epochs = _of_epochs(run, frame, "validation", "loss", POINTS // 2)
    traces.append(_line("Validation", *of_epochs, VALIDATION, width=2.5))
    return traces


def metric_traces(run: DrawnRun, frame: Frame, kinds: Sequence[str], smoothing: float) -> list[dict[str, Any]]:
    """Each metric in a colour of its own: validation solid, training dotted, and faint what was measured at each step."""
    traces, points = [], _share(3 * len(kinds))
    for kind, color in zip(kinds, _PALETTE * len(kinds), strict=False):
        if kind in run.events.step_metrics:
            each = _of_steps(run, frame, points, smoothing, kind)
            traces.append(_line(f"{metric_label(kind)}, each step", *each, color, width=1, opacity=0.4))
        for part, look in (("validation", {"width": 2.5}), ("train", {"dash": "dot"})):
            name = f"{metric_label(kind)}, {'training' if part == 'train' else part}"
            traces.append(_line(name, *_of_epochs(run, frame, part, kind, points), color, **look))
    return traces


def compared_losses(runs: Sequence[DrawnRun], frame: Frame, smoothing: float) -> list[dict[str, Any]]:
    """Of each run training thin and validation thick, in its own colour and under one name in the legend."""
    points, traces = _share(len(runs)), []
    for run in runs:
        training = _of_steps(run, frame, points, smoothing)
        pair = _pair(run, run.name, training, _of_epochs(run, frame, "validation", "loss", points))
        traces += _on_top(pair) if run is runs[0] else pair
    return traces


def compared_metrics(runs: Sequence[DrawnRun], frame: Frame, kinds: Sequence[str]) -> list[dict[str, Any]]:
    """Likewise; of several metrics each is drawn in a dash of its own."""
    points, traces = _share(2 * len(runs) * len(kinds)), []
    for kind, dash in zip(kinds, _DASHES * len(kinds), strict=False):
        for run in runs:
            name = f"{run.name}, {metric_label(kind)}" if len(kinds) > 1 else run.name
            training, validation = (_of_epochs(run, frame, part, kind, points) for part in ("train", "validation"))
            if len(validation[0]):  # another run may have been trained with other metrics
                pair = _pair(run, name, training, validation, dash)
                traces += _on_top(pair) if run is runs[0] else pair
    return traces


def metric_label(kind: str) -> str:
    return METRICS[kind].label if kind in METRICS else kind


def best_epoch(events: Events) -> dict[str, Any] | None:
    """The last epoch that was the best so far."""
    return next((epoch for epoch in reversed(events.epochs) if epoch.get("is_best")), None)


def _share(curves: int) -> int:
    return min(POINTS // 2, BUDGET // max(curves, 1))


def _of_steps(
    run: DrawnRun, frame: Frame, points: int, smoothing: float = 0.0, name: str = "loss"
) -> tuple[np.ndarray, np.ndarray]:
    axis, start = frame.axis, run.start(frame.axis)
    view = axis.recorded(frame.view, start)
    x, y = run.followed.of_steps(axis.name, view, points, name=name, smoothing=smoothing, is_live=run.is_live)
    return axis.place(x, start), y


def _of_epochs(run: DrawnRun, frame: Frame, part: str, name: str, points: int) -> tuple[np.ndarray, np.ndarray]:
    axis, start = frame.axis, run.start(frame.axis)
    x, y = run.followed.of_epochs(part, name, axis.name, axis.recorded(frame.view, start), points)
    return axis.place(x, start), y


def _pair(run: DrawnRun, name: str, training: Any, validation: Any, dash: str = "solid") -> list[dict[str, Any]]:
    """The legend shows the thick one alone; a click there takes both away."""
    group = {"legendgroup": name}
    thin = _line(f"{name}, training", *training, run.color, width=_THIN, opacity=0.8, dash=dash)
    return [
        thin | group | {"showlegend": False},
        _line(name, *validation, run.color, width=_THICK, dash=dash) | group,
    ]


def _on_top(traces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The run that is shown must not be hidden by one that it began with."""
    return [trace | {"zorder": 1} for trace in traces]


def _line(
    name: str,
    x: np.ndarray,
    y: np.ndarray,
    color: str,
    *,
    width: float = 2,
    dash: str = "solid",
    opacity: float = 1,
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(x) == 1 else "lines",
        "name": name,
        "x": x,
        "y": y,
        "line": {"color": color, "width": width, "dash": dash},
        "opacity": opacity,
    }
