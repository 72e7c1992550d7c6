"""Places the model on the canvas: rows from the input down, branches side by side, saved places as they are."""

from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise

from builder.spec.model import INPUT, Group, ModelSpec
from builder.ui.canvas.branches import Branches, Wires

ANSWER = "@answer"
"""Stands for what the model gives; no node can have this id."""
WIDTH, HEIGHT = 232, 108
COLUMN, ROW = WIDTH + 64, HEIGHT + 52
"""From one node to the next, in pixels."""
FRAME_TOP, FRAME_BOTTOM = 40, 16
"""Room for the title of a group above its first row, and for its frame below the last."""

Place = tuple[int, int]


def folded_name(group: Group) -> str:
    """Id of the one node that stands for a folded group; no node can have it."""
    return f"@{group.id}"


def positions(model: ModelSpec) -> dict[str, Place]:
    """Left and top of every node, of each folded group, of the input and the answer."""
    wires, saved = _unit_wires(model), _saved(model)
    framed = tuple(group.members for group in model.groups if not group.folded)
    return _with_ends(_automatic(tuple(wires.items()), framed) | saved, wires, saved)


@lru_cache(maxsize=32)  # most edits leave the wires as they are
def _automatic(wires: tuple[tuple[str, tuple[str, ...]], ...], framed: tuple[tuple[str, ...], ...]) -> dict[str, Place]:
    sources = dict(wires)
    rows = _rows(sources)
    columns, tops = _columns(sources, rows), _tops(framed, rows)
    return {unit: (round(columns[unit] * COLUMN), tops[rows[unit]]) for unit in sources}


def moved(model: ModelSpec, wanted: Mapping[str, Place]) -> dict[str, Place]:
    """New places of nodes; with a folded group goes all that is in it, as it will stand unfolded."""
    known, places = {node.id for node in model.nodes}, {}
    for group in model.groups:
        if (left_top := wanted.get(folded_name(group))) is not None:
            places |= _spread(model, group, left_top)
    return places | {name: place for name, place in wanted.items() if name in known}


def _spread(model: ModelSpec, group: Group, place: Place) -> dict[str, Place]:
    opened = [other.model_copy(update={"folded": other.folded and other != group}) for other in model.groups]
    open_places = positions(model.model_copy(update={"groups": tuple(opened)}))
    left, top = open_places[group.members[0]]
    return {
        name: (place[0] + open_places[name][0] - left, place[1] + open_places[name][1] - top) for name in group.members
    }


def _with_ends(places: dict[str, Place], wires: Wires, saved: dict[str, Place]) -> dict[str, Place]:
    """Input and answer keep their distance from the first and the last node, wherever those were moved."""
    first = next((unit for unit, sources in wires.items() if INPUT in sources), None)
    if first in saved:
        places[INPUT] = (saved[first][0], saved[first][1] - ROW)
    last = next(reversed(wires))
    places[ANSWER] = (places[last][0], places[last][1] + ROW + FRAME_BOTTOM)
    return places


def _saved(model: ModelSpec) -> dict[str, Place]:
    units = {member: folded_name(group) for group in model.groups if group.folded for member in group.members[:1]}
    hidden = {member for group in model.groups if group.folded for member in group.members[1:]}
    return {
        units.get(node.id, node.id): node.position for node in model.nodes if node.position and node.id not in hidden
    }


def _unit_wires(model: ModelSpec) -> Wires:
    """What each thing on the canvas takes, in an order in which each comes after what it takes."""
    units = {member: folded_name(group) for group in model.groups if group.folded for member in group.members}
    wires: Wires = {INPUT: ()}
    for index, node in enumerate(model.nodes):
        unit = units.get(node.id, node.id)
        sources = (units.get(source, source) for source in model.inputs_of(index))
        wires[unit] = (*wires.get(unit, ()), *(source for source in sources if source != unit))
    return wires


def _rows(wires: Wires) -> dict[str, int]:
    """Steps from the input on the longest way."""
    rows: dict[str, int] = {}
    for unit, sources in wires.items():
        rows[unit] = 1 + max((rows[source] for source in sources), default=0) if unit != INPUT else 0
    return rows


def _tops(framed: tuple[tuple[str, ...], ...], rows: dict[str, int]) -> list[int]:
    """Top of every row: where a group begins or ends there is room for its frame."""
    starts, ends = set(), set()
    for members in framed:
        among = [rows[member] for member in members]
        starts.add(min(among))
        ends.add(max(among) + 1)
    tops = [0]
    for row in range(1, max(rows.values()) + 1):
        tops.append(tops[-1] + ROW + FRAME_TOP * (row in starts) + FRAME_BOTTOM * (row in ends))
    return tops


def _columns(wires: Wires, rows: dict[str, int]) -> dict[str, float]:
    """Column of every unit: a stack goes straight down, branches stand beside each other over what joins them."""
    tree = Branches.of(wires)
    tree.measure(rows)
    columns = {INPUT: 0.0}
    for unit in tree.order:
        columns |= {child: columns[unit] + shift for child, shift in tree.shifts(unit).items()}
    right = max(columns.values())
    for unit in wires:
        if unit not in columns:  # nothing leads to it yet: it waits at the right
            known = [columns[source] for source in wires[unit] if source in columns]
            right += not known
            columns[unit] = known[0] if known else right
    return _apart(columns, rows)


def _apart(columns: dict[str, float], rows: dict[str, int]) -> dict[str, float]:
    """No two units of a row in one place: the right one gives way."""
    by_row: dict[int, list[str]] = {}
    for unit in columns:
        by_row.setdefault(rows[unit], []).append(unit)
    for units in by_row.values():
        for left, right in pairwise(sorted(units, key=columns.__getitem__)):
            columns[right] = max(columns[right], columns[left] + 1)
    return columns
