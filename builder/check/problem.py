"""A problem of a project: where, what was expected, what came, and how to mend it."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from builder.check.edits import Edit

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Fix:
    """A way out that can be clicked: applying the edits mends the problem."""

    label: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class Problem:
    """`message` is the whole sentence; an error keeps the project from training."""

    severity: Severity
    place: str
    message: str
    node_id: str | None = None
    field: str | None = None
    fixes: tuple[Fix, ...] = ()

    @property
    def mark(self) -> str:
        """What a button names it by: a second click must not do what the next problem's button at its place would."""
        return sha256(f"{self.place} {self.message}".encode()).hexdigest()[:8]


def error(place: str, message: str, *fixes: Fix, node_id: str | None = None, field: str | None = None) -> Problem:
    return Problem("error", place, f"{place} {message}", node_id, field, fixes)


def warning(place: str, message: str, *fixes: Fix, node_id: str | None = None, field: str | None = None) -> Problem:
    return Problem("warning", place, f"{place} {message}", node_id, field, fixes)
