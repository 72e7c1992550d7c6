"""Plotly figures of the data: bars and histograms in the theme's colours, drawn from counts, never from every row."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

_HEIGHT = 300
_LONGEST_LABEL = 24
_MS_PER_DAY = 86_400_000


def label(text: object) -> str:
    """User text as plotly shall show it: cut to a label's length, its markup as letters."""
    text = str(text)
    return escape(text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1] + "…", quote=False)


def bars(
    names: Sequence[object], series: Mapping[str, Sequence[float]], x_title: str, y_title: str, stacked: bool = False
):
    """One group of bars for each name; `series` are counts by what they count."""
    import plotly.graph_objects as go  # slow to import: not before a figure is drawn

    places = list(range(len(names)))
    traces = [
        go.Bar(name=label(title), x=places, y=list(counts), customdata=[escape(str(name)) for name in names],
               hovertemplate="%{customdata}: %{y:,}<extra>" + label(title) + "</extra>")
        for title, counts in series.items()
    ]  # fmt: skip
    figure = go.Figure(traces)
    figure.update_layout(barmode="stack" if stacked else "group", showlegend=len(series) > 1, bargap=0.3)
    figure.update_xaxes(tickvals=places, ticktext=[label(name) for name in names])
    return _framed(figure, x_title, y_title)


def histogram(groups: Mapping[str, np.ndarray], edges: np.ndarray, x_title: str, y_title: str, days: bool = False):
    """`groups` are counts between the edges; several lie over each other. `days`: the edges are days since 1970."""
    import plotly.graph_objects as go

    scale = _MS_PER_DAY if days else 1
    starts, widths = edges[:-1] * scale, np.diff(edges) * scale
    traces = [
        go.Bar(name=label(title), x=starts, y=counts, width=widths, offset=0, opacity=0.65 if len(groups) > 1 else 1,
               hovertemplate=("%{x}" if days else "%{x:,.4~g}") + ": %{y:,}<extra>" + label(title) + "</extra>")
        for title, counts in groups.items()
    ]  # fmt: skip
    figure = go.Figure(traces)
    figure.update_layout(barmode="overlay", showlegend=len(groups) > 1, bargap=0)
    figure.update_xaxes(type="date" if days else "linear")
    return _framed(figure, x_title, y_title)


def _framed(figure, x_title: str, y_title: str):
    figure.update_layout(
        height=_HEIGHT, margin={"l": 8, "r": 8, "t": 8, "b": 8}, legend={"orientation": "h", "y": 1.12, "x": 0},
        xaxis_title=label(x_title), yaxis_title=label(y_title), dragmode=False,
    )  # fmt: skip
    return figure
