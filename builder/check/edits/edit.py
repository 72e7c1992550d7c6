"""The base of every edit, and how edits are applied."""

from collections.abc import Sequence

from pydantic import ValidationError

from builder.errors import SpecError
from builder.spec.base import Spec
from builder.spec.model import Group, ModelSpec, Node
from builder.spec.project import Project, validated


class Edit(Spec):
    """One change. Applying it raises SpecError, with the field's path, if the result is not allowed."""

    @property
    def label(self) -> str:
        """What it does, for the undo list."""
        raise NotImplementedError

    def applied(self, project: Project) -> Project:
        """The project after it. Raises: SpecError."""
        raise NotImplementedError


def apply(project: Project, *edits: Edit) -> Project:
    """The project after all the edits. Raises: SpecError if the result is not allowed; then nothing has changed."""
    for edit in edits:
        project = edit.applied(project)
    return project


def describe(edit: Edit) -> str:
    """What the edit does, for the undo list."""
    return edit.label


def index_of(project: Project, node_id: str) -> int:
    """Place of the node. Raises: SpecError if it is gone, as after an edit in another tab."""
    try:
        return project.model.index(node_id)
    except KeyError:
        raise SpecError(
            f"model.nodes: there is no node '{node_id}'. Reload the page to see the model as it is."
        ) from None


def new_id(taken: Sequence[str] | set[str], kind: str) -> str:
    """`linear_3`, the first number that is free."""
    return next(name for number in range(1, 100_000) if (name := f"{kind.lower()}_{number}") not in taken)


def with_nodes(project: Project, nodes: Sequence[Node], groups: Sequence[Group] | None = None) -> Project:
    """The project with these nodes. Raises: SpecError if they are not allowed.

    Nodes are checked already; only their connection is new, so that an edit of a large model stays quick.
    """
    groups = project.model.groups if groups is None else groups
    try:
        model = ModelSpec(nodes=tuple(nodes), groups=tuple(groups), weights=project.model.weights)
    except ValidationError:
        document = project.model_dump(mode="json")
        document["model"]["nodes"] = [node.model_dump(mode="json") for node in nodes]
        document["model"]["groups"] = [group.model_dump(mode="json") for group in groups]
        return validated(Project, document)  # says it with the place
    return project.model_copy(update={"model": model})
