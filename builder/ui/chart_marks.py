"""Marks on a run's charts: thin lines with a word, where its best epoch is and where somebody stepped in."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from builder.runs.changes import changes
from builder.runs.folder import RunFolder
from builder.runs.resumes import resumed_after
from builder.runs.run import Run
from builder.ui.chart_axis import Axis
from builder.ui.curves import DrawnRun, best_epoch
from builder.ui.formats import count
from builder.ui.run_list import came_from, run_name
from builder.ui.session import runs

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


def marks_of(run: Run, drawn: DrawnRun, axis: Axis) -> list[Mark]:
    """Where the run was best, where it was resumed or given another learning rate, and where it parts from others."""
    folder = RunFolder(run.folder)
    steps = [(change.step, f"lr {change.lr:g}") for change in changes(folder)]
    done = drawn.events.steps["step"][-1:]
    steps += [(step, "resumed") for step in resumed_after(folder) if (step < done).any()]  # or it was only measured
    marks = [
        Mark(place, word)
        for step, word in (*steps, *_forks(run))
        if (place := _place_of(step, drawn, axis)) is not None
    ]
    return marks + _best(drawn, axis)


def _best(drawn: DrawnRun, axis: Axis) -> list[Mark]:
    best = best_epoch(drawn.events)
    if best is None:
        return []
    word = f"best: epoch {count(best['epoch'])}"
    place = axis.place(best[axis.name], drawn.start(axis))
    return [Mark(place, word, "--st-green-color", "--st-green-text-color", "dash")]


def _forks(run: Run) -> list[tuple[int, str]]:
    """Steps at which this run was forked from another, or another from this one."""
    found, origin = runs(), came_from(RunFolder(run.folder))
    names = {other.id: run_name(other, found) for other in found}
    own = [(origin.step, f"from {names.get(origin.run, 'another run')}")] if origin else []
    origins = ((names[other.id], came_from(RunFolder(other.folder))) for other in found)
    return own + [(came.step, f"{name} begins") for name, came in origins if came and came.run == run.id]


def _place_of(step: int, drawn: DrawnRun, axis: Axis) -> float | None:
    """Where on the axis the run had done that step, as far as it is known; None if it has not got there."""
    steps = drawn.events.steps
    if not len(steps) or step > steps["step"][-1]:
        return None
    row = max(bisect_right(steps["step"], step) - 1, 0)  # the first step of a fork comes after the one it was forked at
    return axis.place(float(steps[axis.name][row]), drawn.start(axis))


def with_marks(layout: dict[str, Any], marks: Sequence[Mark], last: float, *, rises: bool = False) -> dict[str, Any]:
    """The layout with the latest of the marks; `last` is where the curves end.

    Their words stand at the top, or at the bottom if the curves rise: where curves are seldom.
    """
    shown = sorted(marks, key=lambda mark: mark.place)[-_MOST:]
    if not shown:
        return layout
    words = [_word(mark, place % _LEVELS, last, rises) for place, mark in enumerate(shown)]
    return layout | {"shapes": [_line(mark) for mark in shown], "annotations": words}


def _line(mark: Mark) -> dict[str, Any]:
    line = {"color": mark.color, "width": 1.2, "dash": mark.dash}
    across = {"x0": mark.place, "x1": mark.place, "xref": "x", "y0": 0, "y1": 1, "yref": "paper"}
    return {"type": "line", "line": line, "layer": "below", **across}


def _word(mark: Mark, level: int, last: float, rises: bool) -> dict[str, Any]:
    side, shift = ("right", -4) if mark.place > last / 2 else ("left", 4)
    edge, height = ("bottom", level * _LEVEL_HEIGHT) if rises else ("top", 1 - level * _LEVEL_HEIGHT)
    place = {"x": mark.place, "xref": "x", "y": height, "yref": "paper"}
    anchor = {"xanchor": side, "yanchor": edge, "xshift": shift}
    return {"text": mark.word, "showarrow": False, "font": {"color": mark.text_color, "size": 11}, **place, **anchor}
