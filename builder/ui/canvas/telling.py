"""What the editor in the browser is told: the model as it stands now, unless the browser has it, and the selection."""

from hashlib import sha256
from typing import Any

from builder.check.history import History
from builder.ui import session
from builder.ui.canvas.offered import offered
from builder.ui.canvas.peeking import peek_state
from builder.ui.canvas.queue import Queue
from builder.ui.canvas.state import canvas_state
from builder.ui.inspector import inspector_state
from builder.ui.inspector.subject import Subject
from builder.ui.own_blocks import own_titles

_STEPS = 21
"""Steps of the history that are told each way: one more than the editor lists."""


def editor_state(subject: Subject, queue: Queue | None = None) -> dict[str, Any]:
    """As JSON. Without a `queue` whole; else what the browser that sent it lacks."""
    palette = offered(own_titles())
    state: dict[str, Any] = {
        "moment": session.next_moment(), "project": session.project_id(), "version": _version(subject),
        "selected": subject.selected, "inspector": inspector_state(subject, subject.peeked.nodes), "paletteVersion": palette.version,
    }  # fmt: skip
    if queue:
        state |= {"mount": queue.mount, "applied": session.applied(queue.mount)}
    if queue is None or queue.version != state["version"]:
        peeks = peek_state(subject.peeked.nodes, queue.peeks if queue else ())
        state |= canvas_state(subject.project, subject.report, subject.facts) | _steps(session.history()) | peeks
    if queue is None or queue.palette != palette.version:
        state["palette"] = palette.as_json()
    return state


def _version(subject: Subject) -> str:
    """A mark of all that is drawn from the model."""
    keys = subject.peeked.keys
    drawn = (session.kept().version, session.dataset().content, sorted(keys[name] for name in subject.peeked.nodes))
    return sha256(repr(drawn).encode()).hexdigest()[:16]


def _steps(history: History) -> dict[str, Any]:
    return {
        "undo": history.undo_label, "redo": history.redo_label, "place": len(history.past),
        "past": [step.label for step in reversed(history.past[-_STEPS:])], "future": [step.label for step in history.future[:_STEPS]],
    }  # fmt: skip
