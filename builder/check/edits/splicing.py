"""Pieces of a model: copied out of one, put on the wires that leave a node, or beside what they copy."""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from builder.check.edits.edit import index_of, new_id
from builder.check.edits.ordering import in_order
from builder.check.edits.wiring import connected
from builder.spec.base import Spec
from builder.spec.model import FARTHEST, INPUT, MOST_INPUTS, Group, ModelSpec, Node, Position
from builder.spec.project import Project

_BESIDE = 40
"""Pixels that a copy stands away from what it copies."""


class Piece(Spec):
    """Nodes with every wire named, and the groups that are in it as a whole."""

    nodes: tuple[Node, ...] = ()
    groups: tuple[Group, ...] = ()


class Grown(NamedTuple):
    """A project with a piece in it, and the ids that the piece's nodes got."""

    project: Project
    names: dict[str, str]


def copied(model: ModelSpec, ids: Collection[str]) -> Piece:
    """These nodes, in their order, as a piece that can be put in anywhere."""
    chosen = set(ids)
    nodes = tuple(node for node in connected(model) if node.id in chosen)
    return Piece(nodes=nodes, groups=tuple(group for group in model.groups if chosen.issuperset(group.members)))


def spliced(project: Project, piece: Piece, source: str, fed_by: Callable[[str], str] | None = None) -> Grown:
    """The piece between `source` and all that took it; its last node gives what they take now.

    Its wires from outside come from `source`, or from what `fed_by` names for each. Inside a group its nodes become
    members, and its own groups go: a node is in one group at most.
    """
    nodes = connected(project.model)
    place = 0 if source == INPUT else index_of(project, source) + 1
    inside = _group_around(project.model, place)
    new, names = _renamed(project, piece, fed_by or (lambda name: source))
    behind = [_retaken(node, source, new[-1].id) for node in nodes[place:]]
    groups = project.model.groups if inside else (*project.model.groups, *_regrouped(project, piece, names))
    joins = (inside, set(names.values()))
    return Grown(in_order(project, [*nodes[:place], *new, *behind], groups=groups, joins=joins), names)


def beside(project: Project, piece: Piece, exits: Collection[str]) -> Grown:
    """Parallel copies: they take what the copied take, and go wherever any number of branches is merged."""
    nodes = connected(project.model)
    place = max(index_of(project, node.id) for node in piece.nodes) + 1
    inside = _group_around(project.model, place)
    new, names = _renamed(project, piece, lambda name: name)
    copy_of = {name: names[name] for name in exits}
    taking = [node if node.id in names else _taking_too(node, copy_of) for node in nodes]
    place -= place == len(nodes)  # the output stays the output
    groups = project.model.groups if inside else (*project.model.groups, *_regrouped(project, piece, names))
    joins = (inside, set(names.values()))
    return Grown(in_order(project, [*taking[:place], *new, *taking[place:]], groups=groups, joins=joins), names)


def _group_around(model: ModelSpec, place: int) -> str | None:
    """The group that goes on at both sides of this place."""
    if not 0 < place < len(model.nodes):
        return None
    group = model.group_of(model.nodes[place - 1].id)
    return group.id if group and model.nodes[place].id in group.members else None


def _retaken(node: Node, source: str, exit_id: str) -> Node:
    return node.model_copy(update={"inputs": tuple(exit_id if name == source else name for name in node.inputs)})


def _taking_too(node: Node, copy_of: dict[str, str]) -> Node:
    more = tuple(copy_of[name] for name in dict.fromkeys(node.inputs) if name in copy_of)
    if node.layer.inputs_max is not None or len(node.inputs) + len(more) > MOST_INPUTS:
        return node
    return node.model_copy(update={"inputs": (*node.inputs, *more)})


def _renamed(project: Project, piece: Piece, fed_by: Callable[[str], str]) -> tuple[list[Node], dict[str, str]]:
    """The piece's nodes under ids that are free, and those ids by the ones they had."""
    taken, names = {node.id for node in project.model.nodes}, {}
    for node in piece.nodes:
        names[node.id] = new_id(taken, node.layer.kind)
        taken.add(names[node.id])
    nodes = [
        node.model_copy(update={
            "id": names[node.id],
            "inputs": tuple(names.get(name) or fed_by(name) for name in _inputs(piece.nodes, at)),
            "position": _moved(node.position),
        })
        for at, node in enumerate(piece.nodes)
    ]  # fmt: skip
    return nodes, names


def _regrouped(project: Project, piece: Piece, names: dict[str, str]) -> list[Group]:
    taken, groups = {group.id for group in project.model.groups}, []
    for group in piece.groups:
        name = new_id(taken, "group")
        taken.add(name)
        groups.append(group.model_copy(update={"id": name, "members": tuple(names[node] for node in group.members)}))
    return groups


def _inputs(nodes: Sequence[Node], at: int) -> tuple[str, ...]:
    if nodes[at].inputs is not None:
        return nodes[at].inputs
    return (nodes[at - 1].id if at else INPUT,)


def _moved(position: Position | None) -> Position | None:
    return position and (min(position[0] + _BESIDE, FARTHEST), min(position[1] + _BESIDE, FARTHEST))
