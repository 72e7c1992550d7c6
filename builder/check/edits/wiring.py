"""Keeps the wires between nodes whole while nodes come, go and move."""

from collections.abc import Collection, Sequence

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


def without(model: ModelSpec, ids: Collection[str]) -> list[Node]:
    """The nodes but these; who took one of them takes what that took first."""
    gone, heirs, kept = set(ids), {}, []
    for node in connected(model):
        healed = tuple(heir for name in node.inputs for heir in heirs.get(name, (name,)))
        if node.id in gone:
            heirs[node.id] = healed[:1]
        else:
            kept.append(node.model_copy(update={"inputs": healed}))
    return plainly(kept)


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
    around = _around(groups, nodes, places.get(moved, 0))
    kept = []
    for group in groups:
        members = [name for name in group.members if name in places]
        stay = [name for name in members if name != moved] or ([] if around else members)
        if not stay:
            continue
        first, last = min(places[name] for name in stay), max(places[name] for name in stay)
        if moved in members and places[moved] in (first - 1, last + 1):
            first, last = min(first, places[moved]), max(last, places[moved])
        kept.append(group.model_copy(update={"members": tuple(node.id for node in nodes[first : last + 1])}))
    return kept


def _around(groups: Sequence[Group], nodes: Sequence[Node], place: int) -> Group | None:
    """The group that both neighbours of this place are in."""
    if not 0 < place < len(nodes) - 1:
        return None
    neighbours = {nodes[place - 1].id, nodes[place + 1].id}
    return next((group for group in groups if neighbours.issubset(group.members)), None)
