"""Turns the events of a run into charts: loss by step and epoch, metrics by epoch, the best epoch marked."""

from typing import Any

import numpy as np

from builder.catalogue.metrics import METRICS
from builder.runs.events import Events
from builder.runs.thinning import minmax, smooth
from builder.ui.live_chart import packed

POINTS = 1200
"""Most points of a curve that a screen can tell apart (facts.md)."""
_PALETTE = (
    "--st-blue-color",
    "--st-green-color",
    "--st-orange-color",
    "--st-violet-color",
    "--st-red-color",
    "--st-gray-color",
)
TRAINING, VALIDATION = "--st-primary-color", "--st-orange-color"


def loss_traces(events: Events, smoothing: float) -> list[dict[str, Any]]:
    """Training loss of each step, raw in the background once it is smoothed, and both losses of each epoch."""
    steps = events.steps
    traces = []
    if smoothing > 0:
        traces.append(
            _line("Each step", *minmax(steps["epoch"], steps["loss"], POINTS // 2), TRAINING, width=1, opacity=0.35)
        )
    smoothed = minmax(steps["epoch"], smooth(steps["loss"], smoothing), POINTS)
    traces.append(_line("Training", *smoothed, TRAINING, opacity=0.9 if smoothing > 0 else 0.55))
    traces.append(_line("Validation", *_of_epochs(events, "validation", "loss"), VALIDATION, width=2.5))
    return traces


def metric_traces(events: Events, kinds: list[str]) -> list[dict[str, Any]]:
    """Each metric in a colour of its own: validation solid, training dotted."""
    traces = []
    for kind, color in zip(kinds, _PALETTE * len(kinds), strict=False):
        label = METRICS[kind].label if kind in METRICS else kind
        traces.append(_line(f"{label}, validation", *_of_epochs(events, "validation", kind), color, width=2.5))
        traces.append(_line(f"{label}, training", *_of_epochs(events, "train", kind), color, dash="dot"))
    return traces


def curve_layout(events: Events, revision: str, *, is_log: bool = False, title: str = "") -> dict[str, Any]:
    """The best epoch is marked; zoom is kept until `revision` or the scale changes."""
    best = best_epoch(events)
    layout = {
        "uirevision": revision,
        "xaxis": {"title": {"text": "Epoch"}, "rangemode": "tozero"},
        "yaxis": {
            "title": {"text": title},
            "type": "log" if is_log else "linear",
            "uirevision": f"{revision} {is_log}",
        },
    }
    return layout if best is None else layout | _mark(best["epoch"], float(events.steps["epoch"][-1]))


def _mark(epoch: int, last: float) -> dict[str, Any]:
    side, shift = ("right", -4) if epoch > last / 2 else ("left", 4)
    line = {"color": "--st-green-color", "width": 1.5, "dash": "dash"}
    label = {"text": f"best: epoch {epoch}", "font": {"color": "--st-green-text-color", "size": 11}}
    place = {"x": epoch, "xref": "x", "yref": "paper"}
    return {
        "shapes": [
            {"type": "line", "x0": epoch, "x1": epoch, "xref": "x", "y0": 0, "y1": 1, "yref": "paper", "line": line}
        ],
        "annotations": [
            {**place, **label, "y": 1, "showarrow": False, "xanchor": side, "yanchor": "top", "xshift": shift}
        ],
    }


def best_epoch(events: Events) -> dict[str, Any] | None:
    """The last epoch that was the best so far."""
    return next((epoch for epoch in reversed(events.epochs) if epoch.get("is_best")), None)


def _of_epochs(events: Events, part: str, name: str) -> tuple[np.ndarray, np.ndarray]:
    known = [(epoch["epoch"], epoch[part][name]) for epoch in events.epochs if name in epoch.get(part, {})]
    x, y = np.array(known, dtype=float).reshape(-1, 2).T
    return minmax(x, y, POINTS)


def _line(
    name: str, x: np.ndarray, y: np.ndarray, color: str, *, width: float = 2, dash: str = "solid", opacity: float = 1
) -> dict[str, Any]:
    line = {"color": color, "width": width, "dash": dash}
    mode = "lines+markers" if len(x) == 1 else "lines"
    return {
        "type": "scatter",
        "mode": mode,
        "name": name,
        "x": packed(x),
        "y": packed(y),
        "line": line,
        "opacity": opacity,
    }
