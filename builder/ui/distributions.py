"""Figures of the data for `draw_chart`: bars and histograms drawn from counts, never from every row."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from builder.ui.live_chart import packed, plain
from builder.ui.text import shortened

Figure = tuple[list[dict[str, Any]], dict[str, Any]]
_LONGEST_LABEL = 24
_MS_PER_DAY = 86_400_000


def bars(names: Sequence[object], series: Mapping[str, Sequence[float]], x_title: str, y_title: str) -> Figure:
    """Stacked bars, one for each name; `series` are counts by what they count."""
    places = list(range(len(names)))
    traces = [
        {
            "type": "bar", "name": _label(title), "x": places, "y": packed(counts), "customdata": [plain(str(name)) for name in names],
            "hovertemplate": f"%{{customdata}}: %{{y:,}}<extra>{_label(title)}</extra>",
        }
        for title, counts in series.items()
    ]  # fmt: skip
    ticks = {"tickvals": places, "ticktext": [_label(name) for name in names], "showgrid": False}
    return traces, _layout(x_title, y_title, ticks, barmode="stack", bargap=0.35, showlegend=len(series) > 1)


def histogram(
    groups: Mapping[str, np.ndarray], edges: np.ndarray, x_title: str, y_title: str, days: bool = False
) -> Figure:
    """`groups` are counts between the edges, laid over each other. `days`: the edges are days since 1970."""
    starts, widths = edges[:-1], np.diff(edges)
    x = [str(np.datetime64(round(start), "D")) for start in starts] if days else starts.tolist()
    traces = [
        {
            "type": "bar", "name": _label(title), "x": x, "y": packed(counts), "offset": 0,
            "width": (widths * (_MS_PER_DAY if days else 1)).tolist(), "opacity": 0.65 if len(groups) > 1 else 1,
            "hovertemplate": ("%{x}" if days else "from %{x:,.4~g}") + f": %{{y:,}}<extra>{_label(title)}</extra>",
        }
        for title, counts in groups.items()
    ]  # fmt: skip
    axis = {"type": "date" if days else "linear", "showgrid": False}
    return traces, _layout(x_title, y_title, axis, barmode="overlay", bargap=0, showlegend=len(groups) > 1)


def _layout(x_title: str, y_title: str, x_axis: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {
        "xaxis": {"title": {"text": _label(x_title, 60)}, **x_axis},
        "yaxis": {"title": {"text": _label(y_title)}, "rangemode": "tozero"},
        "hovermode": "closest",
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
        **rest,
    }


def _label(text: object, longest: int = _LONGEST_LABEL) -> str:
    return plain(shortened(text, longest))
