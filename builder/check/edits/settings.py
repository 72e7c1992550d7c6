"""Edits of what stands around the model: data, training, name."""

from typing import Any

from builder.check.edits.edit import Edit
from builder.check.edits.titles import titled
from builder.spec.data import ImageData, TableData
from builder.spec.project import Project, validated
from builder.spec.training import TrainingSpec


class UpdateTraining(Edit):
    """Sets fields of the training; `changes` are JSON values."""

    changes: dict[str, Any]

    @property
    def label(self) -> str:
        return f"Set {titled(self.changes, TrainingSpec)}"

    def applied(self, project: Project) -> Project:
        return _with_part(project, "training", self.changes)


class UpdateData(Edit):
    """Sets fields of the data; `changes` are JSON values."""

    changes: dict[str, Any]

    @property
    def label(self) -> str:
        return f"Set {titled(self.changes, TableData, ImageData)} of the data"

    def applied(self, project: Project) -> Project:
        return _with_part(project, "data", self.changes)


class Rename(Edit):
    name: str

    @property
    def label(self) -> str:
        return "Rename the project"

    def applied(self, project: Project) -> Project:
        return validated(Project, project.model_dump(mode="json") | {"name": self.name})


def _with_part(project: Project, part: str, changes: dict[str, Any]) -> Project:
    document = project.model_dump(mode="json")
    document[part] |= changes
    return validated(Project, document)
