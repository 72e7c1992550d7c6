"""The model as an ordered, indented list in words: the canvas for screen readers, keyboards and phones."""

from collections.abc import Sequence
from typing import Any

from builder.check.problem import Problem
from builder.check.report import Report
from builder.check.shapes import LayerRow
from builder.spec.model import INPUT, Group, ModelSpec
from builder.spec.project import Project
from builder.ui.formats import counted
from builder.ui.shapes import shape_text


def outline_rows(project: Project, report: Report) -> list[dict[str, Any]]:
    """One entry for each layer in order; a group is an entry of its own that holds its members."""
    model, rows = project.model, {row.node_id: row for row in report.rows}
    groups = {member: group for group in model.groups for member in group.members}
    entries: list[dict[str, Any]] = []
    for index, node in enumerate(model.nodes):
        entry, group = _layer(model, index, rows[node.id], report.of(node.id)), groups.get(node.id)
        if group is None:
            entries.append(entry)
            continue
        if node.id == group.members[0]:
            entries.append(_group(group))
        entries[-1]["members"].append(entry)
    return entries


def _layer(model: ModelSpec, index: int, row: LayerRow, problems: Sequence[Problem]) -> dict[str, Any]:
    node, shape = model.nodes[index], shape_text(row.output_shape)
    size = counted(row.parameters, "parameter") if row.parameters else "no parameters"
    amount = counted(len(problems), "problem") if problems else "no problems"
    return {
        "id": node.id, "kind": node.layer.label, "shape": shape, "size": size, "takes": _takes(model, index),
        "problem": problems[0].message if problems else "", "severity": _severity(problems),
        "name": f"{node.layer.label} {node.id}, {shape}, {size}, {amount}",
    }  # fmt: skip


def _severity(problems: Sequence[Problem]) -> str:
    severities = {problem.severity for problem in problems}
    return "error" if "error" in severities else "warning" if severities else ""


def _takes(model: ModelSpec, index: int) -> str:
    """What a layer takes, if that is not simply the layer above it."""
    inputs, above = model.inputs_of(index), model.nodes[index - 1].id if index else INPUT
    if inputs == (above,):
        return ""
    return f"takes {' and '.join(inputs)}" if inputs else "takes nothing yet"


def _group(group: Group) -> dict[str, Any]:
    times = f", {group.repeat} times" if group.repeat > 1 else ""
    return {
        "id": f"@{group.id}", "kind": group.title, "repeat": group.repeat, "members": [],
        "name": f"Group {group.title}, {counted(len(group.members), 'layer')}{times}",
    }  # fmt: skip
