"""Edits of the wires between nodes."""

from builder.catalogue.layers import AnyLayer
from builder.check.edits.edit import Edit, index_of, new_id
from builder.check.edits.nodes import with_node
from builder.check.edits.ordering import in_order
from builder.check.edits.wiring import connected
from builder.errors import SpecError
from builder.spec.model import INPUT, Node, Position
from builder.spec.project import Project


class Connect(Edit):
    """Says what a node takes; None means the node before it."""

    id: str
    inputs: tuple[str, ...] | None

    @property
    def label(self) -> str:
        return f"Connect {self.id}"

    def applied(self, project: Project) -> Project:
        return with_node(project, self.id, inputs=self.inputs)


class AddWire(Edit):
    """Leads `source` into `target`, beside what that takes if it has room.

    If it has none, the last of what it takes gives way; `through` is a merging layer that keeps both instead.
    """

    source: str
    target: str
    through: AnyLayer | None = None

    @property
    def label(self) -> str:
        if self.through is None:
            return f"Connect {self.source} to {self.target}"
        return f"{self.through.label} {self.source} into {self.target}"

    def applied(self, project: Project) -> Project:
        _require(project, self.source)
        nodes = connected(project.model)
        index = index_of(project, self.target)
        most, before = nodes[index].layer.inputs_max, nodes[index].inputs
        kept = before if most is None or len(before) < most else before[: most - 1]
        giving_way = before[len(kept) :]
        if self.through is not None and giving_way:
            return self._merged(project, nodes, index, giving_way[-1])
        nodes[index] = nodes[index].model_copy(update={"inputs": (*kept, self.source)})
        return in_order(project, nodes)

    def _merged(self, project: Project, nodes: list[Node], index: int, other: str) -> Project:
        if self.source in nodes[index].inputs:
            raise SpecError(f"'{self.target}' takes '{self.source}' already. Start the wire at another layer.")
        new = _new(project, self.through, (other, self.source))
        nodes[index] = nodes[index].model_copy(update={"inputs": (*nodes[index].inputs[:-1], new.id)})
        nodes.insert(index, new)
        group = project.model.group_of(self.target)
        inside = group is not None and not {other, self.source}.isdisjoint(group.members)
        return in_order(project, nodes, joins=(group.id, {new.id}) if inside else (None, set()))


class RemoveWire(Edit):
    """Takes one wire away; the target waits for another."""

    source: str
    target: str

    @property
    def label(self) -> str:
        return f"Disconnect {self.source} from {self.target}"

    def applied(self, project: Project) -> Project:
        nodes, index = connected(project.model), index_of(project, self.target)
        inputs = list(nodes[index].inputs)
        if self.source not in inputs:
            raise SpecError(f"model.nodes: '{self.target}' does not take '{self.source}'. Reload the page.")
        inputs.remove(self.source)
        nodes[index] = nodes[index].model_copy(update={"inputs": tuple(inputs)})
        return in_order(project, nodes)


class InsertOnWire(Edit):
    """Puts a layer between two nodes that are connected."""

    source: str
    target: str
    layer: AnyLayer

    @property
    def label(self) -> str:
        return f"Insert {self.layer.label} before {self.target}"

    def applied(self, project: Project) -> Project:
        nodes, index = connected(project.model), index_of(project, self.target)
        if self.source not in nodes[index].inputs:
            raise SpecError(f"model.nodes: '{self.target}' does not take '{self.source}'. Reload the page.")
        new = _new(project, self.layer, (self.source,))  # a merging layer waits for its other wires
        inputs = list(nodes[index].inputs)
        inputs[inputs.index(self.source)] = new.id
        nodes[index] = nodes[index].model_copy(update={"inputs": tuple(inputs)})
        nodes.insert(index, new)
        group = project.model.group_of(self.target)
        inside = group is not None and self.source in group.members
        return in_order(project, nodes, joins=(group.id, {new.id}) if inside else (None, set()))


class PlaceNode(Edit):
    """Puts a layer on the canvas, connected to nothing yet; the output stays the output."""

    layer: AnyLayer
    position: Position

    @property
    def label(self) -> str:
        return f"Add {self.layer.label}"

    def applied(self, project: Project) -> Project:
        nodes = connected(project.model)
        new = _new(project, self.layer, () if nodes else (INPUT,))
        nodes.insert(max(0, len(nodes) - 1), new.model_copy(update={"position": self.position}))
        return in_order(project, nodes)


def _require(project: Project, source: str) -> None:
    if source != INPUT:
        index_of(project, source)


def _new(project: Project, layer: AnyLayer, inputs: tuple[str, ...]) -> Node:
    return Node(id=new_id({node.id for node in project.model.nodes}, layer.kind), layer=layer, inputs=inputs)
