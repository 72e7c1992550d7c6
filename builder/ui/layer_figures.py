"""Turns looks inside a training into figures: layers against each other, one layer's values over time, the machine."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from builder.runs.telemetry import Sample
from builder.runs.thinning import minmax
from builder.ui.distributions import Figure, histogram
from builder.ui.live_chart import packed, plain

MOST_LINES = 10
"""Layers beyond which lines can no longer be told apart: from there on each is a row of colours."""
_NUMBERS, _POINTS = 6_000, 400
"""Most numbers that one figure of layers sends, 4 bytes each and a third more as text; and most points of other lines."""
_BANDS = (("all", 0.0, 1.0), ("middle 90 %", 0.05, 0.95), ("middle half", 0.25, 0.75))
_NAMED = {0.0: "lowest", 0.05: "5 % below", 0.25: "25 % below", 0.75: "75 % below", 0.95: "95 % below", 1.0: "highest"}
_BAND_POINTS, _MARKED = 200, 40
_COLOR = "--st-primary-color"
EPOCHS = {"title": {"text": "Epoch"}, "rangemode": "tozero"}


def series(samples: Sequence[Sample], layer: str, *names: str) -> np.ndarray:
    """One figure of a layer in each sample, or the first divided by the second; NaN where it is not known."""
    values = [[sample["layers"].get(layer, {}).get(name) for name in names] for sample in samples]
    found = np.array(values, dtype=float).reshape(-1, len(names))  # None becomes NaN
    if len(names) == 1:
        return found[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = found[:, 0] / found[:, 1]
    return np.where(np.isfinite(ratio), ratio, np.nan)


def layers_figure(
    samples: Sequence[Sample], labels: dict[str, str], names: tuple[str, ...], title: str, *, is_share: bool = False
) -> Figure:
    """`labels` are the layers that are drawn, in their order. Sizes are on a log scale; shares go from 0 to 100 %."""
    epochs = np.array([sample["epoch"] for sample in samples])
    rows = {label: series(samples, layer, *names) for layer, label in labels.items()}
    if not is_share:
        rows = {label: np.where(values > 0, values, np.nan) for label, values in rows.items()}
    if len(rows) > MOST_LINES:
        return _rows_of_colours(epochs, rows, title, is_share)
    points = max(2, _NUMBERS // (2 * len(rows)))
    traces = [line(label, *minmax(epochs, values, points)) for label, values in rows.items()]
    scale = {"range": [0, 1.02], "tickformat": ".0%"} if is_share else {"type": "log", "exponentformat": "power"}
    return traces, {"xaxis": EPOCHS, "yaxis": {"title": {"text": title}, **scale}, "showlegend": True}


def _rows_of_colours(epochs: np.ndarray, rows: dict[str, np.ndarray], title: str, is_share: bool) -> Figure:
    """The first layer on top."""
    columns = np.unique(np.linspace(0, len(epochs) - 1, min(len(epochs), _NUMBERS // len(rows))).astype(int))
    values = np.array(list(rows.values()))[:, columns]
    shown = values if is_share else np.log10(values)
    bar = {"title": {"text": title, "side": "right"}, "thickness": 12}
    heatmap = {
        "type": "heatmap", "x": packed(epochs[columns]), "y": [plain(name) for name in rows],
        "z": packed(shown) | {"shape": ",".join(map(str, shown.shape))},
        "colorscale": [[0, "--st-secondary-background-color"], [1, _COLOR]],
        "colorbar": bar | ({"tickformat": ".0%"} if is_share else _sizes(shown)),
        "hovertemplate": "%{y}, epoch %{x:.4~g}: " + ("%{z:.0%}" if is_share else "10^%{z:.2f}") + "<extra></extra>",
    }  # fmt: skip
    axis = {"autorange": "reversed", "showgrid": False, "type": "category"}
    return [heatmap], {"xaxis": EPOCHS | {"showgrid": False}, "yaxis": axis, "hovermode": "closest"}


def _sizes(powers: np.ndarray) -> dict[str, Any]:
    """Ticks of a scale of powers of ten, written as the sizes that they stand for."""
    known = powers[np.isfinite(powers)]
    places = np.linspace(known.min(), known.max(), 5).tolist() if len(known) else []
    return {"tickmode": "array", "tickvals": places, "ticktext": [f"{10**place:.1e}" for place in places]}


def line(name: str, x: np.ndarray, y: np.ndarray, color: str | None = None) -> dict[str, Any]:
    """With a mark at each point while they are few: one between two gaps would not be seen."""
    trace = {
        "type": "scatter", "mode": "lines+markers" if len(x) <= _MARKED else "lines", "marker": {"size": 5},
        "name": plain(name), "x": packed(x), "y": packed(y), "line": {"width": 2},
    }  # fmt: skip
    return trace if color is None else trace | {"line": {"width": 2, "color": color}}


def values_figure(samples: Sequence[Sample], layer: str, name: str, title: str) -> Figure:
    """How the values of a layer are spread over time: bands around the median. `name` is `weights` or `updates`."""
    known = [(sample["epoch"], sample["layers"][layer][name]) for sample in samples if layer in sample["layers"]]
    known = known[:: -(-len(known) // _BAND_POINTS)]
    x = np.array([epoch for epoch, _ in known])
    shares = (*_NAMED, 0.5)
    found = dict(zip(shares, quantiles([spread for _, spread in known], shares).T, strict=True))
    traces = []
    for number, (band, *edges) in enumerate(_BANDS, 1):
        for share in edges:
            traces.append(line(band, x, found[share], _COLOR) | {
                "line": {"width": 0, "color": _COLOR}, "mode": "lines", "legendgroup": band, "showlegend": share > 0.5,
                "fillcolor": f"--strata-band-{number}", "fill": "tonexty" if share > 0.5 else "none",
                "hovertemplate": _NAMED[share] + ": %{y:.3~g}<extra></extra>",
            })  # fmt: skip
    traces.append(line("median", x, found[0.5], "--st-text-color"))
    axis = {"title": {"text": title}, "exponentformat": "power"}
    return traces, {"xaxis": EPOCHS, "yaxis": axis, "showlegend": name == "weights"}


def quantiles(spreads: Sequence[dict[str, Any]], shares: Sequence[float]) -> np.ndarray:
    """(histograms, shares): the value below which that share lies, taken evenly from within its bin."""
    found = np.full((len(spreads), len(shares)), np.nan)
    for row, spread in enumerate(spreads):
        counts = np.array(spread["counts"], dtype=float)
        if counts.sum():
            edges = np.linspace(spread["low"], spread["high"], len(counts) + 1)
            reached = np.concatenate([[0], counts.cumsum() / counts.sum()])
            found[row] = np.interp(shares, reached, edges)
    return found


def latest_figure(sample: Sample, layer: str, name: str, title: str) -> Figure:
    """The values of a layer as they were last seen."""
    spread = sample["layers"][layer][name]
    counts = np.array(spread["counts"])
    low, high = (spread["low"], spread["high"]) if counts.sum() else (0.0, 1.0)
    half = 0.0 if low < high else max(abs(low) / 100, 1e-6)  # all the same: a bar needs some width
    return histogram({"values": counts}, np.linspace(low - half, high + half, len(counts) + 1), title, "Values")


def whole_figure(samples: Sequence[Sample], lines: dict[str, Sequence[float | None]], axis: dict[str, Any]) -> Figure:
    """Figures of the whole training over time, by their names."""
    epochs = np.array([sample["epoch"] for sample in samples])
    known = {name: np.array(values, dtype=float) for name, values in lines.items()}
    traces = [line(name, *minmax(epochs, values, _POINTS)) for name, values in known.items()]
    return traces, {"xaxis": EPOCHS, "yaxis": axis, "showlegend": len(lines) > 1}
