"""Edits of several nodes at once: copies, pieces pasted in, blocks, whole models."""

from collections.abc import Sequence

from builder.check.edits.edit import Edit, apply, index_of, new_id, with_nodes
from builder.check.edits.nodes import RemoveNode
from builder.check.edits.ordering import in_order
from builder.check.edits.wiring import connected
from builder.errors import SpecError
from builder.spec.blocks import Block
from builder.spec.model import INPUT, Group, ModelSpec, Node
from builder.spec.project import Project

_BESIDE = 40
"""Pixels that a copy stands away from what it copies."""


class RemoveNodes(Edit):
    """Takes nodes out and joins what they stood between."""

    ids: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"Delete {_named(self.ids)}"

    def applied(self, project: Project) -> Project:
        return apply(project, *(RemoveNode(id=node_id) for node_id in self.ids))


class DuplicateNodes(Edit):
    """Puts a copy of the nodes, with the wires among them, after the last of them."""

    ids: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"Duplicate {_named(self.ids)}"

    def applied(self, project: Project) -> Project:
        last = max((index_of(project, node_id) for node_id in self.ids), default=None)
        if last is None:
            return project
        after = project.model.nodes[last].id
        return PasteNodes(nodes=copied(project.model, self.ids), after=after).applied(project)


class PasteNodes(Edit):
    """Puts a piece of a model on the wires that leave `after`; without it, at the end.

    Wires that lead out of the piece are fed by `after`.
    """

    nodes: tuple[Node, ...]
    after: str | None = None
    position: tuple[int, int] | None = None

    @property
    def label(self) -> str:
        return f"Paste {_named(tuple(node.id for node in self.nodes))}"

    def applied(self, project: Project) -> Project:
        return _spliced(project, self.nodes, self.after, self.position)[0]


class AddBlock(Edit):
    """Puts a block after the node `after` as a group; without it, at the end."""

    block: Block
    after: str | None = None

    @property
    def label(self) -> str:
        return f"Add {self.block.title}"

    def applied(self, project: Project) -> Project:
        grown, ids = _spliced(project, self.block.nodes, self.after, None)
        name = new_id({group.id for group in grown.model.groups}, "group")
        group = Group(id=name, title=self.block.title, members=ids, repeat=self.block.repeat)
        return with_nodes(grown, grown.model.nodes, (*grown.model.groups, group))


class LoadModel(Edit):
    """Replaces the model, as by a proposal or an import; `title` names where it comes from."""

    model: ModelSpec
    title: str

    @property
    def label(self) -> str:
        return self.title

    def applied(self, project: Project) -> Project:
        return project.model_copy(update={"model": self.model})


def copied(model: ModelSpec, ids: Sequence[str]) -> tuple[Node, ...]:
    """These nodes as a piece that can be pasted: in their order, every wire named."""
    chosen = set(ids)
    return tuple(node for node in connected(model) if node.id in chosen)


def _spliced(
    project: Project, piece: Sequence[Node], after: str | None, position: tuple[int, int] | None
) -> tuple[Project, tuple[str, ...]]:
    """The project with the piece between `after` and all that took it; and the ids that its nodes got."""
    if not piece:
        raise SpecError("model.nodes: there is nothing to paste. Copy a layer first.")
    nodes = connected(project.model)
    source = after or (nodes[-1].id if nodes else INPUT)
    place = 0 if source == INPUT else index_of(project, source) + 1
    new = _renamed(piece, {node.id for node in nodes}, source, position)
    exit_id, inside = new[-1].id, _group_around(project.model, place)
    behind = [_retaken(node, source, exit_id) for node in nodes[place:]]
    grown = in_order(project, [*nodes[:place], *new, *behind], joins=(inside, {node.id for node in new}))
    return grown, tuple(node.id for node in new)


def _group_around(model: ModelSpec, place: int) -> str | None:
    """The group that goes on at both sides of this place."""
    if not 0 < place < len(model.nodes):
        return None
    group = model.group_of(model.nodes[place - 1].id)
    return group.id if group and model.nodes[place].id in group.members else None


def _retaken(node: Node, source: str, exit_id: str) -> Node:
    return node.model_copy(update={"inputs": tuple(exit_id if name == source else name for name in node.inputs)})


def _renamed(piece: Sequence[Node], taken: set[str], source: str, position: tuple[int, int] | None) -> list[Node]:
    names: dict[str, str] = {}
    for node in piece:
        names[node.id] = new_id(taken | set(names.values()), node.layer.kind)
    corner = next((node.position for node in piece if node.position), None)
    return [
        node.model_copy(update={
            "id": names[node.id],
            "inputs": tuple(names.get(name, source) for name in _inputs(piece, at)),
            "position": _moved(node.position, corner, position),
        })
        for at, node in enumerate(piece)
    ]  # fmt: skip


def _inputs(piece: Sequence[Node], at: int) -> tuple[str, ...]:
    if piece[at].inputs is not None:
        return piece[at].inputs
    return (piece[at - 1].id if at else INPUT,)


def _moved(
    own: tuple[int, int] | None, corner: tuple[int, int] | None, wanted: tuple[int, int] | None
) -> tuple[int, int] | None:
    if own is None:
        return wanted
    left, top = wanted or (corner[0] + _BESIDE, corner[1] + _BESIDE)
    return own[0] - corner[0] + left, own[1] - corner[1] + top


def _named(ids: tuple[str, ...]) -> str:
    return ids[0] if len(ids) == 1 else f"{len(ids)} layers"
