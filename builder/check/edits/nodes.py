"""Edits of single layers in the stack."""

import re
from typing import Any

from pydantic import Field, TypeAdapter, ValidationError

from builder.catalogue.layers import LAYERS, AnyLayer
from builder.check.edits.edit import Edit, index_of, new_id, with_nodes
from builder.check.edits.splicing import Piece, spliced
from builder.check.edits.titles import titled
from builder.check.edits.wiring import first_branches, regrouped, restacked, without
from builder.errors import SpecError
from builder.spec.model import INPUT, NODE_ID, Node
from builder.spec.project import Project, validated


class AddNode(Edit):
    """Puts a layer on the wires that leave the node `after`; None or `input` means at the start."""

    layer: AnyLayer
    after: str | None = None

    @property
    def label(self) -> str:
        return f"Add {self.layer.label}"

    def applied(self, project: Project) -> Project:
        source = self.after or INPUT
        place = 0 if source == INPUT else index_of(project, source) + 1
        inputs = first_branches(project.model.nodes[:place]) if self.layer.inputs_min > 1 else (source,)
        return _followed(project, source, self.layer, inputs)


class RemoveNode(Edit):
    """Takes a node out and joins what it stood between."""

    id: str

    @property
    def label(self) -> str:
        return f"Delete {self.id}"

    def applied(self, project: Project) -> Project:
        index_of(project, self.id)
        nodes = without(project.model, (self.id,))
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
        stacked = restacked(project.model.nodes, nodes)
        return with_nodes(project, stacked, regrouped(project.model.groups, stacked, self.id))


class DuplicateNode(Edit):
    """Puts a copy of the node after it; a merging layer's takes the same branches but the first."""

    id: str

    @property
    def label(self) -> str:
        return f"Duplicate {self.id}"

    def applied(self, project: Project) -> Project:
        node = project.model.nodes[index_of(project, self.id)]
        others = node.inputs[1:] if node.inputs and node.layer.inputs_min > 1 else ()
        return _followed(project, self.id, node.layer, (self.id, *others))


class ReplaceLayer(Edit):
    """Puts another layer in the place of a node's, its wires kept; an id that says the old kind says the new one then.

    With imported weights the id stays, as they are found by it.
    """

    id: str
    layer: AnyLayer

    @property
    def label(self) -> str:
        return f"Change {self.id} to {self.layer.label}"

    def applied(self, project: Project) -> Project:
        old = project.model.nodes[index_of(project, self.id)].layer
        replaced = with_node(project, self.id, layer=self.layer)
        says_kind = re.fullmatch(rf"{old.kind.lower()}_\d+", self.id)
        if not says_kind or old.kind == self.layer.kind or project.model.weights is not None:
            return replaced
        name = new_id({node.id for node in project.model.nodes}, self.layer.kind)
        return RenameNode(id=self.id, new_id=name).applied(replaced)


class UpdateLayer(Edit):
    """Sets fields of a layer; `changes` are JSON values."""

    id: str
    changes: dict[str, Any]

    @property
    def label(self) -> str:
        return f"Set {titled(self.changes, *LAYERS.values())} of {self.id}"

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


def _followed(project: Project, source: str, layer: AnyLayer, inputs: tuple[str, ...]) -> Project:
    """With the layer between the node and all that took it."""
    name = new_id({node.id for node in project.model.nodes}, layer.kind)
    new = Node(id=name, layer=layer, inputs=inputs)
    return spliced(project, Piece(nodes=(new,)), source, lambda name: name).project
