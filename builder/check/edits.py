"""Changes to a project as data, applied by pure functions; the editor, the fixes and the history all speak them."""

from functools import singledispatch
from typing import Any

from builder.catalogue.layers import AnyLayer
from builder.check.wiring import first_branches, restacked, without
from builder.errors import SpecError
from builder.spec.base import Spec
from builder.spec.model import INPUT, Node
from builder.spec.project import Project, validated


class Edit(Spec):
    """One change. Applying it raises SpecError, with the field's path, if the result is not allowed."""


class AddNode(Edit):
    """Puts a layer after the node `after`; None or `input` means at the start."""

    layer: AnyLayer
    after: str | None = None


class InsertBefore(Edit):
    """Puts a layer on the wire that enters the node `id`."""

    id: str
    layer: AnyLayer


class RemoveNode(Edit):
    """Takes a node out and joins what it stood between."""

    id: str


class MoveNode(Edit):
    """Moves a node down by so many places, up if negative."""

    id: str
    by: int


class DuplicateNode(Edit):
    """Puts a copy of the node after it."""

    id: str


class ReplaceLayer(Edit):
    id: str
    layer: AnyLayer


class UpdateLayer(Edit):
    """Sets fields of a layer; `changes` are JSON values."""

    id: str
    changes: dict[str, Any]


class Connect(Edit):
    """Says what a node takes; None means the node before it."""

    id: str
    inputs: tuple[str, ...] | None


class UpdateTraining(Edit):
    """Sets fields of the training; `changes` are JSON values."""

    changes: dict[str, Any]


class UpdateData(Edit):
    """Sets fields of the data; `changes` are JSON values."""

    changes: dict[str, Any]


class Rename(Edit):
    name: str


def apply(project: Project, *edits: Edit) -> Project:
    """The project after all the edits. Raises: SpecError if the result is not allowed; then nothing has changed."""
    for edit in edits:
        project = _apply(edit, project)
    return project


@singledispatch
def _apply(edit: Edit, project: Project) -> Project:
    raise NotImplementedError(type(edit).__name__)


@_apply.register
def _(edit: AddNode, project: Project) -> Project:
    nodes = list(project.model.nodes)
    place = 0 if edit.after in (None, INPUT) else _index(project, edit.after) + 1
    inputs = first_branches(nodes[:place]) if edit.layer.inputs_min > 1 else None
    nodes.insert(place, Node(id=_new_id(project, edit.layer.kind), layer=edit.layer, inputs=inputs))
    return _with_nodes(project, restacked(project.model.nodes, nodes))


@_apply.register
def _(edit: InsertBefore, project: Project) -> Project:
    nodes, index = list(project.model.nodes), _index(project, edit.id)
    first, *others = nodes[index].inputs or (None,)
    new = Node(id=_new_id(project, edit.layer.kind), layer=edit.layer, inputs=(first,) if first else None)
    nodes[index] = nodes[index].model_copy(update={"inputs": (new.id, *others) if others else None})
    return _with_nodes(project, [*nodes[:index], new, *nodes[index:]])


@_apply.register
def _(edit: RemoveNode, project: Project) -> Project:
    return _with_nodes(project, without(project.model, _index(project, edit.id)))


@_apply.register
def _(edit: MoveNode, project: Project) -> Project:
    nodes, index = list(project.model.nodes), _index(project, edit.id)
    node = nodes.pop(index)
    nodes.insert(max(0, min(len(nodes), index + edit.by)), node)
    return _with_nodes(project, restacked(project.model.nodes, nodes))


@_apply.register
def _(edit: DuplicateNode, project: Project) -> Project:
    nodes, index = list(project.model.nodes), _index(project, edit.id)
    node = nodes[index]
    inputs = (node.id, *node.inputs[1:]) if node.inputs and node.layer.inputs_min > 1 else None
    nodes.insert(index + 1, Node(id=_new_id(project, node.layer.kind), layer=node.layer, inputs=inputs))
    return _with_nodes(project, restacked(project.model.nodes, nodes))


@_apply.register
def _(edit: ReplaceLayer, project: Project) -> Project:
    return _with_node(project, edit.id, {"layer": edit.layer.model_dump(mode="json")})


@_apply.register
def _(edit: UpdateLayer, project: Project) -> Project:
    layer = project.model.nodes[_index(project, edit.id)].layer
    return _with_node(project, edit.id, {"layer": layer.model_dump(mode="json") | edit.changes})


@_apply.register
def _(edit: Connect, project: Project) -> Project:
    return _with_node(project, edit.id, {"inputs": edit.inputs})


@_apply.register
def _(edit: UpdateTraining, project: Project) -> Project:
    return _with_part(project, "training", edit.changes)


@_apply.register
def _(edit: UpdateData, project: Project) -> Project:
    return _with_part(project, "data", edit.changes)


@_apply.register
def _(edit: Rename, project: Project) -> Project:
    return validated(Project, project.model_dump(mode="json") | {"name": edit.name})


def describe(edit: Edit) -> str:
    """What the edit does, for the undo list."""
    return _describe(edit)


@singledispatch
def _describe(edit: Edit) -> str:
    return type(edit).__name__


_describe.register(AddNode, lambda edit: f"Add {edit.layer.label}")
_describe.register(InsertBefore, lambda edit: f"Insert {edit.layer.label} before {edit.id}")
_describe.register(RemoveNode, lambda edit: f"Delete {edit.id}")
_describe.register(MoveNode, lambda edit: f"Move {edit.id} {'down' if edit.by > 0 else 'up'}")
_describe.register(DuplicateNode, lambda edit: f"Duplicate {edit.id}")
_describe.register(ReplaceLayer, lambda edit: f"Change {edit.id} to {edit.layer.label}")
_describe.register(UpdateLayer, lambda edit: f"Set {', '.join(edit.changes)} of {edit.id}")
_describe.register(Connect, lambda edit: f"Connect {edit.id}")
_describe.register(UpdateTraining, lambda edit: f"Set {', '.join(edit.changes)}")
_describe.register(UpdateData, lambda edit: f"Set {', '.join(edit.changes)} of the data")
_describe.register(Rename, lambda edit: "Rename the project")


def _index(project: Project, node_id: str) -> int:
    try:
        return project.model.index(node_id)
    except KeyError:
        raise SpecError(
            f"model.nodes: there is no node '{node_id}'. Reload the page to see the model as it is."
        ) from None


def _new_id(project: Project, kind: str) -> str:
    taken = {node.id for node in project.model.nodes}
    return next(name for number in range(1, 10_000) if (name := f"{kind.lower()}_{number}") not in taken)


def _with_node(project: Project, node_id: str, changes: dict[str, Any]) -> Project:
    index = _index(project, node_id)
    document = project.model_dump(mode="json")
    document["model"]["nodes"][index] |= changes
    return validated(Project, document)


def _with_nodes(project: Project, nodes: list[Node]) -> Project:
    document = project.model_dump(mode="json")
    document["model"]["nodes"] = [node.model_dump(mode="json") for node in nodes]
    return validated(Project, document)


def _with_part(project: Project, part: str, changes: dict[str, Any]) -> Project:
    document = project.model_dump(mode="json")
    document[part] |= changes
    return validated(Project, document)
