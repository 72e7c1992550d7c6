"""Puts the nodes of a graph into an order in which each comes after its inputs, groups together."""

from collections.abc import Sequence

from builder.check.edits.edit import with_nodes
from builder.check.edits.wiring import plainly
from builder.errors import SpecError
from builder.spec.model import INPUT, Group, Node
from builder.spec.project import Project

CIRCLE = "The model would run in a circle. Connect to a layer that comes later."
APART = (
    "A group has to stay together, and here a layer from outside would stand between its layers. "
    "Take that layer into the group, or ungroup it first."
)


def in_order(
    project: Project, nodes: Sequence[Node], *,
    groups: Sequence[Group] | None = None, joins: tuple[str | None, set[str]] = (None, set()),
) -> Project:  # fmt: skip
    """The project with these connected nodes, as near to their order as their wires allow.

    `joins` names a group and the new nodes that become its members.
    Raises: SpecError if a wire leads back, or would tear a group apart.
    """
    nodes = _sorted_nodes(nodes, CIRCLE)
    groups = _kept(project.model.groups if groups is None else groups, nodes, *joins)
    unit_of = {member: group.id + " " for group in groups for member in group.members}  # no node id ends in a space
    units: dict[str, list[Node]] = {}
    for node in nodes:
        units.setdefault(unit_of.get(node.id, node.id), []).append(node)
    order = _sorted_units(units, unit_of)
    placed = [node for unit in order for node in _sorted_nodes(units[unit], CIRCLE)]
    places = {node.id: at for at, node in enumerate(placed)}
    groups = [
        group.model_copy(update={"members": tuple(sorted(group.members, key=places.__getitem__))}) for group in groups
    ]
    return with_nodes(project, plainly(placed), groups)


def _kept(groups: Sequence[Group], nodes: Sequence[Node], joined: str | None, new: set[str]) -> list[Group]:
    there = {node.id for node in nodes}
    kept = []
    for group in groups:
        members = (*group.members, *sorted(new)) if group.id == joined else group.members
        members = tuple(name for name in members if name in there)
        if members:
            kept.append(group.model_copy(update={"members": members}))
    return kept


def _sorted_units(units: dict[str, list[Node]], unit_of: dict[str, str]) -> list[str]:
    needs = {
        unit: {unit_of.get(name, name) for node in members for name in node.inputs} - {INPUT, unit}
        for unit, members in units.items()
    }
    return _sorted(needs, APART)


def _sorted_nodes(members: Sequence[Node], message: str) -> list[Node]:
    by_id = {node.id: node for node in members}
    needs = {node.id: {name for name in node.inputs if name in by_id} for node in members}
    return [by_id[node_id] for node_id in _sorted(needs, message)]


def _sorted(needs: dict[str, set[str]], message: str) -> list[str]:
    """The keys, each after its needs, otherwise in their order. Raises: SpecError with the message on a circle."""
    placed: dict[str, None] = {}
    opened: set[str] = set()

    def place(start: str) -> None:
        path = [(start, iter(sorted(needs[start], key=rank.__getitem__)))]
        opened.add(start)
        while path:
            name, waiting = path[-1]
            wanted = next((need for need in waiting if need not in placed), None)
            if wanted is None:
                placed[name] = None
                path.pop()
            elif wanted in opened:
                raise SpecError(message)
            else:
                opened.add(wanted)
                path.append((wanted, iter(sorted(needs[wanted], key=rank.__getitem__))))

    rank = {name: at for at, name in enumerate(needs)}
    for name in needs:
        if name not in placed:
            place(name)
    return list(placed)
