"""Marks on a run's charts: thin lines with a word, where its best epoch is and where somebody stepped in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from builder.ui.chart_axis import Axis
from builder.ui.curves import DrawnRun, best_epoch
from builder.ui.formats import count

_MOST = 40
_LEVELS, _LEVEL_HEIGHT = 4, 0.075
"""Words of neighbours stand one below the other."""


@dataclass(frozen=True)
class Mark:
    """`place` is on the chart's axis."""

    place: float
    word: str
    color: str = "--st-gray-color"
    text_color: str = "--st-gray-text-color"
    dash: str = "dot"


def marks_of(run: DrawnRun, axis: Axis) -> list[Mark]:
    """Where the run was best."""
    best, start = best_epoch(run.events), run.start(axis)
    if best is None:
        return []
    word = f"best: epoch {count(best['epoch'])}"
    return [Mark(axis.place(best[axis.name], start), word, "--st-green-color", "--st-green-text-color", "dash")]


def with_marks(layout: dict[str, Any], marks: Sequence[Mark], last: float) -> dict[str, Any]:
    """The layout with the latest of the marks; `last` is where the curves end."""
    shown = sorted(marks, key=lambda mark: mark.place)[-_MOST:]
    if not shown:
        return layout
    words = [_word(mark, place % _LEVELS, last) for place, mark in enumerate(shown)]
    return layout | {"shapes": [_line(mark) for mark in shown], "annotations": words}


def _line(mark: Mark) -> dict[str, Any]:
    line = {"color": mark.color, "width": 1.2, "dash": mark.dash}
    across = {"x0": mark.place, "x1": mark.place, "xref": "x", "y0": 0, "y1": 1, "yref": "paper"}
    return {"type": "line", "line": line, "layer": "below", **across}


def _word(mark: Mark, level: int, last: float) -> dict[str, Any]:
    side, shift = ("right", -4) if mark.place > last / 2 else ("left", 4)
    place = {"x": mark.place, "xref": "x", "y": 1 - level * _LEVEL_HEIGHT, "yref": "paper"}
    look = {
        "showarrow": False,
        "xanchor": side,
        "yanchor": "top",
        "xshift": shift,
        "font": {"color": mark.text_color, "size": 11},
    }
    return {"text": mark.word, **place, **look}
