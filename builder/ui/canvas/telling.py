"""What the editor in the browser is told: the model as it stands now, unless the browser has it, and the selection."""

from hashlib import sha256
from typing import Any, NamedTuple

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


class Snapshot(NamedTuple):
    """All that is told, of one moment; `version` is a mark of what is drawn from the model."""

    subject: Subject
    history: History
    project_id: str
    moment: int
    version: str


def snapshot() -> Snapshot:
    """Of the tab's project, as it stands now."""
    session.facts()  # ready before anybody has to wait for the lock
    with session.unchanging():
        subject = Subject(session.current_project(), session.facts(), session.report(), session.selected_nodes())
        return Snapshot(subject, session.history(), session.project_id(), session.next_moment(), _version(subject))


def editor_state(now: Snapshot, queue: Queue | None = None) -> dict[str, Any]:
    """As JSON: what the browser lacks that sent the `queue`; without one the whole model."""
    subject, palette = now.subject, offered(own_titles())
    known_palette, known_peeks = session.browser_has()
    state: dict[str, Any] = {
        "moment": now.moment, "project": now.project_id, "version": now.version, "selected": subject.selected,
        "inspector": inspector_state(subject, subject.peeked.nodes), "paletteVersion": palette.version,
    }  # fmt: skip
    if queue:
        state |= {"mount": queue.mount, "applied": session.applied(queue.mount)}
    if queue is None or queue.version != now.version:
        peeks = peek_state(subject.peeked.nodes, known_peeks)
        state |= canvas_state(subject.project, subject.report, subject.facts) | _steps(now.history) | peeks
    if known_palette != palette.version:
        state["palette"] = palette.as_json()
    return state


def _version(subject: Subject) -> str:
    keys = subject.peeked.keys
    drawn = (session.kept().version, session.dataset().content, sorted(keys[name] for name in subject.peeked.nodes))
    return sha256(repr(drawn).encode()).hexdigest()[:16]


def _steps(history: History) -> dict[str, Any]:
    return {
        "undo": history.undo_label, "redo": history.redo_label, "place": len(history.past),
        "past": [step.label for step in reversed(history.past[-_STEPS:])], "future": [step.label for step in history.future[:_STEPS]],
    }  # fmt: skip
