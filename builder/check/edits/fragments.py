"""Edits of several nodes at once: copies, pieces pasted in, blocks, whole models."""

from builder.check.edits.edit import Edit, index_of, with_nodes
from builder.check.edits.splicing import Piece, beside, copied, spliced
from builder.check.edits.wiring import connected, regrouped, without
from builder.errors import SpecError
from builder.spec.blocks import Block
from builder.spec.model import INPUT, Group, ModelSpec, Node
from builder.spec.project import Project


class RemoveNodes(Edit):
    """Takes nodes out and joins what they stood between."""

    ids: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"Delete {_named(self.ids)}"

    def applied(self, project: Project) -> Project:
        _require(project, self.ids)
        nodes = without(project.model, self.ids)
        return with_nodes(project, nodes, regrouped(project.model.groups, nodes))


class DuplicateNodes(Edit):
    """Puts a copy of the nodes, with the wires among them, after them; copies of parallel branches beside them.

    A wire from outside is the copy's too, but the first of a copy that stands after.
    """

    ids: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"Duplicate {_named(self.ids)}"

    def applied(self, project: Project) -> Project:
        _require(project, self.ids)
        piece = copied(project.model, self.ids)
        if not piece.nodes:
            return project
        exits = _exits(project.model, piece)
        if len(exits) > 1:
            return beside(project, piece, exits).project
        entry = next(iter(_outside(piece)), None)
        return spliced(project, piece, exits[0], lambda name: exits[0] if name == entry else name).project


class PasteNodes(Edit):
    """Puts a piece of a model on the wires that leave `after`; without it, at the end.

    Wires that lead out of the piece are fed by `after`.
    """

    nodes: tuple[Node, ...]
    groups: tuple[Group, ...] = ()
    after: str | None = None

    @property
    def label(self) -> str:
        return f"Paste {_named(tuple(node.id for node in self.nodes))}"

    def applied(self, project: Project) -> Project:
        if not self.nodes:
            raise SpecError("model.nodes: there is nothing to paste. Copy a layer first.")
        return spliced(project, Piece(nodes=self.nodes, groups=self.groups), _after(project, self.after)).project


class AddBlock(Edit):
    """Puts a block after the node `after` as a group; without it, at the end. Inside a group it joins that one."""

    block: Block
    after: str | None = None

    @property
    def label(self) -> str:
        return f"Add {self.block.title}"

    def applied(self, project: Project) -> Project:
        members = tuple(node.id for node in self.block.nodes)
        group = Group(id="group", title=self.block.title, members=members, repeat=self.block.repeat)
        return spliced(project, Piece(nodes=self.block.nodes, groups=(group,)), _after(project, self.after)).project


class LoadModel(Edit):
    """Replaces the model, as by a proposal or an import; `title` names where it comes from."""

    model: ModelSpec
    title: str

    @property
    def label(self) -> str:
        return self.title

    def applied(self, project: Project) -> Project:
        return project.model_copy(update={"model": self.model})


def _require(project: Project, ids: tuple[str, ...]) -> None:
    there = {node.id for node in project.model.nodes}
    for node_id in ids:
        if node_id not in there:
            index_of(project, node_id)


def _after(project: Project, after: str | None) -> str:
    return after or (project.model.nodes[-1].id if project.model.nodes else INPUT)


def _outside(piece: Piece) -> list[str]:
    """What the piece takes from outside, in its order."""
    own = {node.id for node in piece.nodes}
    return [name for node in piece.nodes for name in node.inputs if name not in own]


def _exits(model: ModelSpec, piece: Piece) -> list[str]:
    """Nodes of the piece that something outside takes, or nothing at all."""
    own, taken_by = {node.id for node in piece.nodes}, {}
    for node in connected(model):
        for name in node.inputs:
            taken_by.setdefault(name, set()).add(node.id)
    return [node.id for node in piece.nodes if not (takers := taken_by.get(node.id)) or takers - own]


def _named(ids: tuple[str, ...]) -> str:
    return ids[0] if len(ids) == 1 else f"{len(ids)} layers"
