"""The inspector of one layer: what it does, its settings, its wires and what it becomes in PyTorch."""

from builder.check.problem import Problem
from builder.runs.peeks import Peek
from builder.ui.inspector.fields import field_items
from builder.ui.inspector.identity import kind_field, name_field
from builder.ui.inspector.initial import layer_start_notes
from builder.ui.inspector.items import Item, Items, action, actions, add, card, facts, heading, note, warning
from builder.ui.inspector.subject import Subject
from builder.ui.inspector.torch_source import torch_items
from builder.ui.inspector.wires import takes_field
from builder.ui.peek import peek_figures
from builder.ui.shapes import cost, named_shape


def layer_items(subject: Subject, node_id: str, peek: Peek | None = None) -> Items:
    """`peek` is what it gave for one real batch, if it was looked at."""
    index = subject.model.index(node_id)
    node = subject.model.nodes[index]
    more = [name_field(node), kind_field(node), *torch_items(subject, node)]
    return [
        *_head(subject, index),
        add("Add after", node_id),
        _actions(node_id, is_first=index == 0, is_last=index == len(subject.model.nodes) - 1),
        *(_problem(problem) for problem in subject.report.of(node_id)),
        *field_items(node_id, node.layer),
        takes_field(subject.model, index),
        *([_peeked(peek)] if peek else []),
        {"kind": "more", "title": "Name, kind, PyTorch", "items": more},
    ]


def _head(subject: Subject, index: int) -> Items:
    node = subject.model.nodes[index]
    row = subject.rows[node.id]
    return [
        heading(node.layer.label, node.id),
        note(node.layer.help),
        {"kind": "flow", "takes": _taken(subject, index), "gives": named_shape(row.output_shape, node.layer)},
        note(cost(row)),
        *layer_start_notes(subject, node.id),
    ]


def _taken(subject: Subject, index: int) -> str:
    shapes = subject.rows[subject.model.nodes[index].id].input_shapes
    inputs = zip(shapes, subject.model.inputs_of(index), strict=False)
    return " and ".join(named_shape(shape, subject.layer_of(source)) for shape, source in inputs) or "?"


def _actions(node_id: str, *, is_first: bool, is_last: bool) -> Item:
    return actions(
        action("Duplicate", "content_copy", {"op": "duplicate", "ids": [node_id]}),
        action("Delete", "delete", {"op": "remove", "ids": [node_id]}),
        action("Move up", "arrow_upward", {"op": "shift", "id": node_id, "by": -1}, disabled=is_first),
        action("Move down", "arrow_downward", {"op": "shift", "id": node_id, "by": 1}, disabled=is_last),
    )


def _peeked(peek: Peek) -> Item:
    marks = (warning(f"{mark[:1].upper()}{mark[1:]}.") for mark in peek["marks"])
    figures = facts(*((figure, name[:1].lower() + name[1:]) for name, figure in peek_figures(peek).items()))
    return card("visibility", "Peek", figures, *marks)


def _problem(problem: Problem) -> Item:
    fixes = [
        {"label": fix.label, "op": {"op": "fix", "mark": problem.mark, "fix": place}}
        for place, fix in enumerate(problem.fixes)
    ]
    return {"kind": "problem", "severity": problem.severity, "text": problem.message, "fixes": fixes}
