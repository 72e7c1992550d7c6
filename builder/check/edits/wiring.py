"""Keeps the wires between nodes whole while nodes come, go and move."""

from collections.abc import Sequence

from builder.spec.model import INPUT, Group, ModelSpec, Node


def restacked(before: Sequence[Node], after: Sequence[Node]) -> list[Node]:
    """`after`, where a node whose first input was the node above it in `before` takes the one above it now.

    So a merging layer at the end of a branch stays there when the branch changes.
    """
    stacked = {node.id for at, node in enumerate(before) if node.inputs and node.inputs[0] == above(before, at)}
    return [
        node.model_copy(update={"inputs": (above(after, at), *node.inputs[1:])}) if node.id in stacked else node
        for at, node in enumerate(after)
    ]


def above(nodes: Sequence[Node], place: int) -> str:
    """Id of the node before this place, or of the input."""
    return nodes[place - 1].id if place else INPUT


def first_branches(nodes: Sequence[Node]) -> tuple[str, str]:
    """What a merging layer behind `nodes` starts with: the last of them and the one before that."""
    names = [INPUT, INPUT, *(node.id for node in nodes)]
    return names[-1], names[-2]


def without(model: ModelSpec, index: int) -> list[Node]:
    """The nodes but one; who took it takes what it took first."""
    gone, stands_in = model.nodes[index].id, model.inputs_of(index)[:1]
    return [_rewired(model, at, gone, stands_in) for at in range(len(model.nodes)) if at != index]


def _rewired(model: ModelSpec, index: int, gone: str, stands_in: tuple[str, ...]) -> Node:
    node, inputs = model.nodes[index], model.inputs_of(index)
    if gone not in inputs:
        return node
    stays_plain = node.inputs is None and (above(model.nodes, index - 1),) == stands_in
    healed = tuple(name for taken in inputs for name in (stands_in if taken == gone else (taken,)))
    return node.model_copy(update={"inputs": None if stays_plain else healed})


def connected(model: ModelSpec) -> list[Node]:
    """The nodes with every wire named, so that they can be put in another order."""
    return [
        node if node.inputs is not None else node.model_copy(update={"inputs": model.inputs_of(at)})
        for at, node in enumerate(model.nodes)
    ]


def plainly(nodes: Sequence[Node]) -> list[Node]:
    """The opposite of `connected`: a node that takes the one above it need not say so."""
    return [
        node.model_copy(update={"inputs": None}) if node.inputs == (above(nodes, at),) else node
        for at, node in enumerate(nodes)
    ]


def regrouped(groups: Sequence[Group], nodes: Sequence[Node], moved: str | None = None) -> list[Group]:
    """The groups after nodes came, went or moved: what stands between two members joins, what left the row is out."""
    places = {node.id: at for at, node in enumerate(nodes)}
    kept = []
    for group in groups:
        members = [name for name in group.members if name in places]
        stay = [name for name in members if name != moved] or members
        if not stay:
            continue
        first, last = min(places[name] for name in stay), max(places[name] for name in stay)
        if moved in members and places[moved] in (first - 1, last + 1):
            first, last = min(first, places[moved]), max(last, places[moved])
        kept.append(group.model_copy(update={"members": tuple(node.id for node in nodes[first : last + 1])}))
    return kept
