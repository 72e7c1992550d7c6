"""Makes a figure of curves: their numbers packed for the way, their axes fitted to what is in view."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from builder.runs.growing import View
from builder.ui.curves import Frame
from builder.ui.live_chart import packed

_MARGIN = 0.05
"""Of the height in view, above and below."""


def packed_curves(traces: Sequence[dict[str, Any]], view: View | None) -> list[dict[str, Any]]:
    base = view and view.low
    return [trace | {"x": packed(trace["x"], base=base), "y": packed(trace["y"])} for trace in traces]


def curve_layout(
    traces: Sequence[dict[str, Any]], frame: Frame, revision: str, *, is_log: bool = False, title: str = ""
) -> dict[str, Any]:
    """Zoom is kept until `revision` or the scale changes."""
    scale = {"type": "log" if is_log else "linear", "uirevision": f"{revision} {is_log}"}
    heights = _heights_in_view(traces, frame.view, is_log) if frame.view else None
    if heights:
        scale["autorangeoptions"] = dict(zip(("clipmin", "clipmax"), heights, strict=True))
    return {
        "uirevision": revision,
        "xaxis": {"title": {"text": frame.axis.title}, "rangemode": "tozero", "hoverformat": ",.6~r"},
        "yaxis": {"title": {"text": title}, "hoverformat": ",.5~r", **scale},
    }


def _heights_in_view(traces: Sequence[dict[str, Any]], view: View, is_log: bool) -> tuple[float, float] | None:
    """Between these the curves in view are seen whole; without them the outline beside the view would flatten them."""
    seen = [trace["y"][(trace["x"] >= view.low) & (trace["x"] <= view.high)] for trace in traces]
    y = np.concatenate([np.empty(0), *seen])
    y = y[np.isfinite(y) & ((y > 0) | (not is_log))]
    if not len(y) or y.min() == y.max():
        return None
    low, high = (np.log(y.min()), np.log(y.max())) if is_log else (y.min(), y.max())
    margin = _MARGIN * (high - low)
    ends = (low - margin, high + margin)
    return tuple(float(np.exp(end)) if is_log else float(end) for end in ends)
