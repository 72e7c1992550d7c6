"""Edits of where nodes stand on the canvas."""

from pydantic import Field

from builder.check.edits.edit import Edit, index_of, with_nodes
from builder.spec.model import Position
from builder.spec.project import Project


class Arrange(Edit):
    """Puts nodes at places on the canvas, in pixels; None lets the layout place them."""

    positions: dict[str, Position | None] = Field(min_length=1)

    @property
    def label(self) -> str:
        first, *others = self.positions
        return f"Move {first}{f' and {len(others)} more' if others else ''} on the canvas"

    def applied(self, project: Project) -> Project:
        for name in self.positions.keys() - {node.id for node in project.model.nodes}:
            index_of(project, name)
        return with_nodes(
            project,
            [
                node.model_copy(update={"position": self.positions[node.id]}) if node.id in self.positions else node
                for node in project.model.nodes
            ],
        )


class ArrangeAll(Edit):
    """Lets the layout place every node."""

    @property
    def label(self) -> str:
        return "Arrange automatically"

    def applied(self, project: Project) -> Project:
        return with_nodes(project, [node.model_copy(update={"position": None}) for node in project.model.nodes])
