"""What the canvas draws: the model with its shapes, cost, problems and places as compact JSON."""

from collections.abc import Sequence
from typing import Any

from builder.catalogue.component import Shape
from builder.catalogue.layer import axis_names
from builder.check.problem import Problem
from builder.check.report import Report
from builder.spec.facts import DataFacts
from builder.spec.model import INPUT, Group, ModelSpec, Node
from builder.spec.project import Project
from builder.ui.canvas.layout import ANSWER, HEIGHT, WIDTH, Place, folded_name, positions
from builder.ui.canvas.offered import families
from builder.ui.canvas.summary import summary
from builder.ui.formats import count, counted

_NAMED = 3
"""Classes named one by one on the answer before the rest is counted."""


class _Kinds:
    """Texts that many nodes share travel once; a node names their place in this table."""

    def __init__(self) -> None:
        self.rows: dict[tuple, int] = {}

    def place(self, node: Node, shape: Shape | None) -> int:
        axes = axis_names(shape, node.layer) if shape is not None else ()
        row = (node.layer.label, families().index(node.layer.family), summary(node.layer), axes, node.layer.inputs_max)
        return self.rows.setdefault(row, len(self.rows))


def canvas_state(project: Project, report: Report, facts: DataFacts) -> dict[str, Any]:
    """Rows instead of objects, places instead of ids: an edit of 300 nodes has to stay under 40 kB."""
    model, kinds = project.model, _Kinds()
    places, rows = positions(model), {row.node_id: row for row in report.rows}
    numbers = {INPUT: -1} | {node.id: number for number, node in enumerate(model.nodes)}
    nodes = []
    for index, node in enumerate(model.nodes):
        row = rows[node.id]
        nodes.append([
            node.id, kinds.place(node, row.output_shape), *places.get(node.id, (None, None)), row.output_shape,
            row.parameters, row.multiply_adds, [numbers[source] for source in model.inputs_of(index)],
        ])  # fmt: skip
    return {
        "size": (WIDTH, HEIGHT),
        "families": families(),
        "kinds": list(kinds.rows),
        "nodes": nodes,
        "groups": [_group(group, model, places) for group in model.groups],
        "problems": _problems(report),
        "input": _end(places[INPUT], facts.input_shape, _given(facts)),
        "answer": _end(places[ANSWER], report.output_shape, _asked(facts)),
    }


def _end(place: Place, shape: Shape | None, about: str) -> dict[str, Any]:
    return {"place": place, "shape": shape, "axes": axis_names(shape) if shape is not None else (), "about": about}


def _group(group: Group, model: ModelSpec, places: dict[str, Place]) -> dict[str, Any]:
    return {
        "id": group.id, "title": group.title, "repeat": group.repeat, "folded": group.folded,
        "first": model.index(group.members[0]), "many": len(group.members), "place": places.get(folded_name(group)),
    }  # fmt: skip


def _problems(report: Report) -> dict[str, list]:
    """For each node with problems the worst one and how many there are."""
    found: dict[str, list[Problem]] = {}
    for problem in report.problems:
        if problem.node_id is not None:
            found.setdefault(problem.node_id, []).append(problem)
    return {name: [*_worst(problems), len(problems)] for name, problems in found.items()}


def _worst(problems: Sequence[Problem]) -> tuple[str, str]:
    worst = min(problems, key=lambda problem: problem.severity != "error")
    words = worst.message.removeprefix(worst.place).strip()
    return worst.severity, words[:1].upper() + words[1:]


def _given(facts: DataFacts) -> str:
    names = [given.name for given in facts.raw_inputs]
    return names[0] if len(names) == 1 else counted(len(names), "column")


def _asked(facts: DataFacts) -> str:
    if not facts.classes:
        return f"{facts.target}: a number"
    named = ", ".join(facts.classes[:_NAMED])
    more = f" and {count(len(facts.classes) - _NAMED)} more" if len(facts.classes) > _NAMED else ""
    return f"{facts.target}: {counted(len(facts.classes), 'class')}, {named}{more}"
