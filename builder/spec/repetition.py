"""Writes the repetitions of groups out, so that everything that computes sees a plain graph."""

from typing import NamedTuple

from builder.spec.model import Group, ModelSpec, Node


class Unrolled(NamedTuple):
    """A model without groups; `origins` names for each of its nodes the node it repeats, and the how-manieth it is."""

    model: ModelSpec
    origins: tuple[tuple[str, int], ...]


def unrolled(model: ModelSpec) -> Unrolled:
    """The first repetition keeps the ids; what cannot repeat stands once."""
    for known, found in _last:
        if known is model:
            return found
    found = _unrolled(model)
    _last[:] = [(model, found)]
    return found


_last: list[tuple[ModelSpec, Unrolled]] = []
"""Of an edit several parts ask for the same model."""


def _unrolled(model: ModelSpec) -> Unrolled:
    hindered = obstacles(model)
    repeating = {group.members[-1]: group for group in model.groups if group.id not in hindered}
    nodes, origins, stands_for = [], [], {}
    taken = {node.id for node in model.nodes}
    for index, node in enumerate(model.nodes):
        nodes.append(_taking(node, model.inputs_of(index), stands_for))
        origins.append((node.id, 1))
        group = repeating.get(node.id)
        if group is not None and group.repeat > 1:
            copies = _repetitions(model, group, nodes[-len(group.members) :], taken)
            nodes += [copy for copy, _ in copies]
            origins += [origin for _, origin in copies]
            stands_for[node.id] = nodes[-1].id
    return Unrolled(model.model_copy(update={"nodes": tuple(nodes), "groups": ()}), tuple(origins))


def obstacles(model: ModelSpec) -> dict[str, str]:
    """What stands against carrying a group out more than once, by the id of the group; nothing where it can be."""
    repeating = [group for group in model.groups if group.repeat > 1]
    if not repeating:
        return {}
    sources = {node.id: model.inputs_of(index) for index, node in enumerate(model.nodes)}
    takers: dict[str, list[str]] = {}
    for node_id, taken in sources.items():
        for name in taken:
            takers.setdefault(name, []).append(node_id)
    reasons = {group.id: _obstacle(group, sources, takers) for group in repeating}
    return {name: reason for name, reason in reasons.items() if reason}


def _obstacle(group: Group, sources: dict[str, tuple[str, ...]], takers: dict[str, list[str]]) -> str | None:
    members = set(group.members)
    outside = {name for member in group.members for name in sources[member]} - members
    if len(outside) != 1:
        return f"takes {len(outside)} values from outside"
    leaks = ((name, taker) for name in group.members[:-1] for taker in takers.get(name, ()) if taker not in members)
    leak = next(leaks, None)
    return leak and f"gives '{leak[0]}' to '{leak[1]}' from its middle"


def _repetitions(
    model: ModelSpec, group: Group, first: list[Node], taken: set[str]
) -> list[tuple[Node, tuple[str, int]]]:
    """Second to last repetition, each fed by the one before it."""
    members = set(group.members)
    source = next(name for node in first for name in node.inputs if name not in members)
    found, before = [], first[-1].id
    for number in range(2, group.repeat + 1):
        stands_for = {source: before} | {node.id: _name(node.id, number, taken) for node in first}
        for node in first:
            copy = node.model_copy(update={"id": stands_for[node.id]})
            found.append((_taking(copy, node.inputs, stands_for), (node.id, number)))
        before = stands_for[first[-1].id]
    return found


def _taking(node: Node, inputs: tuple[str, ...], stands_for: dict[str, str]) -> Node:
    return node.model_copy(update={"inputs": tuple(stands_for.get(name, name) for name in inputs)})


def _name(node_id: str, number: int, taken: set[str]) -> str:
    name = f"{node_id}_r{number}"
    while name in taken:
        name += "r"
    taken.add(name)
    return name
