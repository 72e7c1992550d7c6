"""Undo and redo: every state of a project with the name of the change that led to it."""

from dataclasses import dataclass

from builder.spec.project import Project

LONGEST = 100
"""Steps kept; the oldest go first."""


@dataclass(frozen=True)
class Step:
    """A state before (or after) the change called `label`."""

    label: str
    project: Project


@dataclass(frozen=True)
class History:
    present: Project
    past: tuple[Step, ...] = ()
    future: tuple[Step, ...] = ()

    @staticmethod
    def start(project: Project) -> "History":
        return History(project)

    def record(self, project: Project, label: str) -> "History":
        """The history after a change; an unchanged project adds no step."""
        if project == self.present:
            return self
        return History(project, (*self.past, Step(label, self.present))[-LONGEST:])

    def undo(self) -> "History":
        if not self.past:
            return self
        *past, last = self.past
        return History(last.project, tuple(past), (Step(last.label, self.present), *self.future))

    def redo(self) -> "History":
        if not self.future:
            return self
        first, *future = self.future
        return History(first.project, (*self.past, Step(first.label, self.present)), tuple(future))

    @property
    def undo_label(self) -> str | None:
        return self.past[-1].label if self.past else None

    @property
    def redo_label(self) -> str | None:
        return self.future[0].label if self.future else None
