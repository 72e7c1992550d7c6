"""Asks for operations as the browser does: as JSON that is read before anything is done."""

import json
from typing import Any

from builder.check.edits import apply
from builder.check.report import check
from builder.spec.facts import DataFacts
from builder.spec.project import Project
from builder.ui.canvas.adding import Desk
from builder.ui.canvas.operation import Operation
from builder.ui.canvas.queue import Queue
from builder.ui.inspector import inspector_state
from builder.ui.inspector.subject import Subject
from tests.projects import facts_of

MOUNT = "0123456789abcdef"


def operation_of(**item: Any) -> Operation | None:
    """None if it is not understood."""
    queue = Queue.read({"mount": MOUNT, "palette": None, "operations": [json.loads(json.dumps({"number": 1, **item}))]})
    ((number, operation),) = queue.after(0)
    assert number == 1
    return operation


def desk_of(project: Project, facts: DataFacts | None = None) -> Desk:
    report = check(project, facts or facts_of())
    shapes = {row.node_id: row.output_shape for row in report.rows}
    return Desk(project.model, shapes.get, problems=lambda: report.problems)


def asked(project: Project, op: dict[str, Any], facts: DataFacts | None = None) -> Project:
    """The project after it. Raises: SpecError."""
    return apply(project, *operation_of(**op).edits(desk_of(project, facts)))


def inspected(project: Project, *ids: str, facts: DataFacts | None = None) -> dict[str, Any]:
    """What the browser gets to draw, when these are selected."""
    facts = facts or facts_of()
    return json.loads(json.dumps(inspector_state(Subject(project, facts, check(project, facts), ids))))


def items_of(state: dict[str, Any], kind: str | None = None) -> list[dict[str, Any]]:
    """Those in cards and in what is folded up, too."""
    found = [item for whole in state["items"] for item in (whole, *(items_of(whole) if "items" in whole and whole["kind"] != "actions" else ()))]  # fmt: skip
    return [item for item in found if kind in (None, item.get("kind"))]


def field_of(state: dict[str, Any], label: str) -> dict[str, Any]:
    return next(item for item in items_of(state) if "key" in item and item["label"] == label)


def button_of(state: dict[str, Any], label: str) -> dict[str, Any]:
    buttons = [button for item in items_of(state) for button in (*item.get("fixes", ()), *_buttons(item))]
    return next(button for button in buttons if button["label"] == label)


def filled_in(field: dict[str, Any], value: Any) -> dict[str, Any]:
    """The operation that the browser sends once the field has this value."""
    return {**field["op"], field.get("as", "value"): value}


def _buttons(item: dict[str, Any]) -> list[dict[str, Any]]:
    return (item["items"] if item["kind"] == "actions" else []) + ([item["back"]] if "back" in item else [])
