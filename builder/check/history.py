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

    def since(self, before: Project) -> tuple[str, ...]:
        """Names of the changes that led from `before` here; what was undone is named as such."""
        if before == self.present:
            return ()
        for place in reversed(range(len(self.past))):
            if self.past[place].project == before:
                return tuple(step.label for step in self.past[place:])
        for place, step in enumerate(self.future):
            if step.project == before:
                return tuple(f"Undo: {undone.label}" for undone in reversed(self.future[: place + 1]))
        return ("several changes",)

    def moved(self, steps: int) -> "History":
        """So many steps redone, or undone if negative; as many as there are."""
        history = self
        for _ in range(abs(steps)):
            history = history.redo() if steps > 0 else history.undo()
        return history
