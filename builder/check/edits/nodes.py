"""Edits of single layers in the stack."""

from typing import Any

from pydantic import Field, TypeAdapter, ValidationError

from builder.catalogue.layers import AnyLayer
from builder.check.edits.edit import Edit, index_of, new_id, with_nodes
from builder.check.edits.wiring import first_branches, regrouped, restacked, without
from builder.errors import SpecError
from builder.spec.model import INPUT, NODE_ID, Node
from builder.spec.project import Project, validated


class AddNode(Edit):
    """Puts a layer after the node `after`; None or `input` means at the start."""

    layer: AnyLayer
    after: str | None = None

    @property
    def label(self) -> str:
        return f"Add {self.layer.label}"

    def applied(self, project: Project) -> Project:
        nodes = list(project.model.nodes)
        place = 0 if self.after in (None, INPUT) else index_of(project, self.after) + 1
        inputs = first_branches(nodes[:place]) if self.layer.inputs_min > 1 else None
        nodes.insert(place, Node(id=new_id(_ids(project), self.layer.kind), layer=self.layer, inputs=inputs))
        return _restacked(project, nodes)


class InsertBefore(Edit):
    """Puts a layer on the wire that enters the node `id`."""

    id: str
    layer: AnyLayer

    @property
    def label(self) -> str:
        return f"Insert {self.layer.label} before {self.id}"

    def applied(self, project: Project) -> Project:
        nodes, index = list(project.model.nodes), index_of(project, self.id)
        first, *others = nodes[index].inputs or (None,)
        inputs = () if nodes[index].inputs == () else (first,) if first else None
        new = Node(id=new_id(_ids(project), self.layer.kind), layer=self.layer, inputs=inputs)
        nodes[index] = nodes[index].model_copy(update={"inputs": (new.id, *others) if others else None})
        nodes.insert(index, new)
        return with_nodes(project, nodes, regrouped(project.model.groups, nodes))


class RemoveNode(Edit):
    """Takes a node out and joins what it stood between."""

    id: str

    @property
    def label(self) -> str:
        return f"Delete {self.id}"

    def applied(self, project: Project) -> Project:
        nodes = without(project.model, index_of(project, self.id))
        return with_nodes(project, nodes, regrouped(project.model.groups, nodes))


class MoveNode(Edit):
    """Moves a node down by so many places, up if negative."""

    id: str
    by: int

    @property
    def label(self) -> str:
        return f"Move {self.id} {'down' if self.by > 0 else 'up'}"

    def applied(self, project: Project) -> Project:
        nodes, index = list(project.model.nodes), index_of(project, self.id)
        node = nodes.pop(index)
        nodes.insert(max(0, min(len(nodes), index + self.by)), node)
        return _restacked(project, nodes, moved=self.id)


class DuplicateNode(Edit):
    """Puts a copy of the node after it."""

    id: str

    @property
    def label(self) -> str:
        return f"Duplicate {self.id}"

    def applied(self, project: Project) -> Project:
        nodes, index = list(project.model.nodes), index_of(project, self.id)
        node = nodes[index]
        inputs = (node.id, *node.inputs[1:]) if node.inputs and node.layer.inputs_min > 1 else None
        nodes.insert(index + 1, Node(id=new_id(_ids(project), node.layer.kind), layer=node.layer, inputs=inputs))
        return _restacked(project, nodes)


class ReplaceLayer(Edit):
    """Puts another layer in the place of a node's, its wires kept."""

    id: str
    layer: AnyLayer

    @property
    def label(self) -> str:
        return f"Change {self.id} to {self.layer.label}"

    def applied(self, project: Project) -> Project:
        return with_node(project, self.id, layer=self.layer)


class UpdateLayer(Edit):
    """Sets fields of a layer; `changes` are JSON values."""

    id: str
    changes: dict[str, Any]

    @property
    def label(self) -> str:
        return f"Set {', '.join(self.changes)} of {self.id}"

    def applied(self, project: Project) -> Project:
        index = index_of(project, self.id)
        document = project.model.nodes[index].layer.model_dump(mode="json") | self.changes
        try:
            layer = _ANY_LAYER.validate_json(_JSON.dump_json(document), strict=True)
        except (ValidationError, ValueError):
            whole = project.model_dump(mode="json")
            whole["model"]["nodes"][index]["layer"] = document
            return validated(Project, whole)  # says it with the place
        return with_node(project, self.id, layer=layer)


class RenameNode(Edit):
    """Gives a node another id; its wires and its group follow."""

    id: str
    new_id: str = Field(pattern=NODE_ID)

    @property
    def label(self) -> str:
        return f"Rename {self.id} to {self.new_id}"

    def applied(self, project: Project) -> Project:
        index_of(project, self.id)
        if project.model.weights is not None:
            raise SpecError(
                f"model.nodes: '{self.id}' cannot be renamed: the imported weights are found by its name. Keep the name."
            )
        renamed = {self.id: self.new_id}
        nodes = [
            node.model_copy(update={
                "id": renamed.get(node.id, node.id),
                "inputs": node.inputs and tuple(renamed.get(name, name) for name in node.inputs),
            })
            for node in project.model.nodes
        ]  # fmt: skip
        groups = [
            group.model_copy(update={"members": tuple(renamed.get(name, name) for name in group.members)})
            for group in project.model.groups
        ]
        return with_nodes(project, nodes, groups)


def with_node(project: Project, node_id: str, **changes: Any) -> Project:
    """The project with fields of one node changed. Raises: SpecError."""
    index = index_of(project, node_id)
    nodes = list(project.model.nodes)
    nodes[index] = nodes[index].model_copy(update=changes)
    return with_nodes(project, nodes)


_ANY_LAYER = TypeAdapter(AnyLayer)
_JSON = TypeAdapter(Any)


def _ids(project: Project) -> set[str]:
    return {node.id for node in project.model.nodes}


def _restacked(project: Project, nodes: list[Node], moved: str | None = None) -> Project:
    stacked = restacked(project.model.nodes, nodes)
    return with_nodes(project, stacked, regrouped(project.model.groups, stacked, moved))
