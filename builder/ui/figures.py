"""Charts of a finished evaluation: confusion matrix, ROC and precision–recall, predicted against true."""

from typing import Any

import numpy as np

from builder.ui.live_chart import packed, plain
from builder.ui.text import shortened

_DIAGONAL = {"color": "--st-gray-color", "width": 1, "dash": "dot"}
_CELLS_NAMED = 12
"""Classes up to which each cell of the matrix carries its number."""

_LONGEST_TICK = 18


def confusion_figure(classes: list[str], confusion: list[list[int]], as_share: bool) -> tuple[list[dict], dict]:
    """True classes downwards, predicted ones to the right; shares are of the true class."""
    counts = np.array(confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    names = [plain(name) for name in classes]
    text = [[f"{share:.0%}" for share in row] for row in shares] if as_share else counts.tolist()
    heatmap = {
        "type": "heatmap", "x": names, "y": names, "z": shares.tolist(), "zmin": 0, "zmax": 1, "showscale": False,
        "xgap": 2, "ygap": 2, "colorscale": [[0, "--st-secondary-background-color"], [1, "--st-primary-color"]],
        "text": text, "customdata": counts.tolist(), "texttemplate": "%{text}" if len(names) <= _CELLS_NAMED else "",
        "hovertemplate": "true %{y}<br>predicted %{x}<br>%{customdata} of them (%{z:.1%})<extra></extra>",
    }  # fmt: skip
    ticks = {"type": "category", "showgrid": False, "tickmode": "array", "tickvals": names}
    ticks["ticktext"] = [plain(shortened(name, _LONGEST_TICK)) for name in classes]
    layout = {
        "hovermode": "closest",
        "xaxis": {"title": {"text": "Predicted"}, "constrain": "domain", **ticks},
        "yaxis": {"title": {"text": "True"}, "autorange": "reversed", "scaleanchor": "x", **ticks},
    }
    return [heatmap], layout


def roc_figure(curves: list[dict[str, Any]]) -> tuple[list[dict], dict]:
    guess = {
        "type": "scatter",
        "mode": "lines",
        "name": "guessing",
        "x": [0, 1],
        "y": [0, 1],
        "line": _DIAGONAL,
        "hoverinfo": "skip",
    }
    traces = [_curve(f"{curve['name']} (AUC {curve['auc']:.3f})", curve["fpr"], curve["tpr"]) for curve in curves]
    return [*traces, guess], _unit_axes("Share of the others called so", "Share of the class found")


def pr_figure(curves: list[dict[str, Any]]) -> tuple[list[dict], dict]:
    traces = [
        _curve(f"{curve['name']} (AP {curve['ap']:.3f})", curve["recall"], curve["precision"]) for curve in curves
    ]
    return traces, _unit_axes("Recall", "Precision")


def _curve(name: str, x: list[float], y: list[float]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plain(name),
        "x": packed(x),
        "y": packed(y),
        "line": {"width": 2.5},
    }


def _unit_axes(x: str, y: str) -> dict[str, Any]:
    axis = {"range": [-0.01, 1.02]}
    return {
        "xaxis": {"title": {"text": x}, **axis},
        "yaxis": {"title": {"text": y}, **axis},
        "hovermode": "closest",
        "showlegend": True,
    }


def predicted_figure(true: list[float], predicted: list[float], target: str) -> tuple[list[dict], dict]:
    ends = [min(true + predicted), max(true + predicted)]
    points = {
        "type": "scatter", "mode": "markers", "name": "rows", "x": packed(true), "y": packed(predicted),
        "marker": {"color": "--st-primary-color", "size": 7, "opacity": 0.6},
        "hovertemplate": "true %{x:.4g}<br>predicted %{y:.4g}<extra></extra>",
    }  # fmt: skip
    perfect = {
        "type": "scatter",
        "mode": "lines",
        "name": "perfect",
        "x": ends,
        "y": ends,
        "line": _DIAGONAL,
        "hoverinfo": "skip",
    }
    axes = {
        "xaxis": {"title": {"text": f"True {plain(target)}"}},
        "yaxis": {"title": {"text": f"Predicted {plain(target)}"}},
    }
    return [points, perfect], axes | {"hovermode": "closest"}


def residual_figure(true: list[float], predicted: list[float], target: str) -> tuple[list[dict], dict]:
    misses = np.array(predicted) - np.array(true)
    bars = {
        "type": "histogram",
        "x": packed(misses),
        "nbinsx": 30,
        "marker": {"color": "--st-primary-color"},
        "name": "rows",
    }
    zero = {"type": "line", "x0": 0, "x1": 0, "xref": "x", "y0": 0, "y1": 1, "yref": "paper", "line": _DIAGONAL}
    axes = {"xaxis": {"title": {"text": f"Predicted − true {plain(target)}"}}, "yaxis": {"title": {"text": "Rows"}}}
    return [bars], axes | {"shapes": [zero], "bargap": 0.05, "hovermode": "closest"}


def error_figure(errors: list[float]) -> tuple[list[dict], dict]:
    """How many rows were given back how badly."""
    bars = {
        "type": "histogram", "x": packed(errors), "nbinsx": 40, "marker": {"color": "--st-primary-color"}, "name": "rows",
    }  # fmt: skip
    axes = {"xaxis": {"title": {"text": "Error of a row"}, "rangemode": "tozero"}, "yaxis": {"title": {"text": "Rows"}}}
    return [bars], axes | {"bargap": 0.05, "hovermode": "closest"}


def error_map_figure(errors: list[list[float]]) -> tuple[list[dict], dict]:
    """Where in the image the misses lie; rows from the top."""
    heatmap = {
        "type": "heatmap", "z": errors, "zmin": 0, "colorscale": [[0, "--st-secondary-background-color"], [1, "--st-primary-color"]],
        "hovertemplate": "row %{y}, column %{x}: %{z:.3f}<extra></extra>",
    }  # fmt: skip
    axis = {"showgrid": False, "zeroline": False}
    axes = {"xaxis": {"constrain": "domain", **axis}, "yaxis": {"autorange": "reversed", "scaleanchor": "x", **axis}}
    return [heatmap], axes | {"hovermode": "closest"}
