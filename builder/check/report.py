"""Checks a project against its data: shapes, cost and every problem at once, without torch."""

from dataclasses import dataclass

from builder.catalogue.component import Shape
from builder.catalogue.layer import elements
from builder.check.group_rules import group_problems
from builder.check.layer_rules import LayerRow
from builder.check.machine_rules import machine_problems, precision_problems
from builder.check.optimizer_rules import optimizer_problems
from builder.check.output_rules import activation_problems, empty_problems, loss_problems, output_problems
from builder.check.practice_rules import dropout_problems, id_problems, step_problems, weight_problems
from builder.check.problem import Fix, Problem
from builder.check.reconstruction_rules import feature_problems
from builder.check.regularization_rules import regularization_problems
from builder.check.schedule_rules import schedule_problems
from builder.check.shapes import folded, infer_shapes, resolved
from builder.check.size_rules import FLOAT_BYTES, size_problems
from builder.check.training_rules import batch_problems, metric_problems, model_problems
from builder.errors import SpecError
from builder.spec.facts import DataFacts
from builder.spec.machine import Machine
from builder.spec.project import Project


@dataclass(frozen=True)
class Report:
    """`multiply_adds` are for one example; training needs about `fixed_bytes`, and `row_bytes` for each row of a batch."""

    rows: tuple[LayerRow, ...]
    problems: tuple[Problem, ...]
    output_shape: Shape | None
    parameters: int
    multiply_adds: int
    fixed_bytes: int
    row_bytes: int
    batch_size: int

    @property
    def memory_bytes(self) -> int:
        """An estimate of what training needs at the project's batch size."""
        return self.fixed_bytes + self.row_bytes * self.batch_size

    @property
    def can_train(self) -> bool:
        return not self.errors

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def weights_bytes(self) -> int:
        return self.parameters * FLOAT_BYTES

    def of(self, node_id: str) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.node_id == node_id)


def check(project: Project, facts: DataFacts, machine: Machine | None = None) -> Report:
    """Everything that can be said about the project before it runs, on that machine if one is named; under 10 ms for
    50 layers."""
    plain = resolved(project.model, project.training.loss.outputs(facts.target_size))
    flat_rows, shape_problems = infer_shapes(project.model, plain, facts.input_shape)
    rows, output = folded(flat_rows), flat_rows[-1].output_shape if flat_rows else None
    problems = [
        *empty_problems(project, facts),
        *_once(shape_problems),
        *group_problems(project),
        *model_problems(project, facts, rows),
        *output_problems(project, facts, output),
        *activation_problems(project, facts),
        *loss_problems(project, facts),
        *feature_problems(project),
        *metric_problems(project, facts),
        *batch_problems(project, facts),
        *regularization_problems(project, facts),
        *step_problems(project),
        *optimizer_problems(project),
        *precision_problems(project),
        *(machine_problems(project, machine) if machine else ()),
        *schedule_problems(project),
        *dropout_problems(project),
        *id_problems(project),
        *weight_problems(project, rows),
    ]
    parameters, multiply_adds = sum(row.parameters for row in rows), sum(row.multiply_adds for row in rows)
    fixed_bytes, row_bytes = _fixed_bytes(project, parameters), _row_bytes(facts, rows)
    problems += size_problems(parameters, row_bytes)
    return Report(
        tuple(rows), tuple(problems), output, parameters, multiply_adds, fixed_bytes, row_bytes,
        project.training.batch_size,
    )  # fmt: skip


def _once(problems: list[Problem]) -> list[Problem]:
    """Without what a repetition only says again."""
    found: dict[tuple, Problem] = {}
    for problem in problems:
        found.setdefault((problem.node_id, problem.field), problem)
    return list(found.values())


def _fixed_bytes(project: Project, parameters: int) -> int:
    """Weights, gradients and optimizer state."""
    return FLOAT_BYTES * parameters * (2 + project.training.optimizer.values_kept)


def _row_bytes(facts: DataFacts, rows: list[LayerRow]) -> int:
    """A row itself and what the backward pass keeps of it."""
    return FLOAT_BYTES * (elements(facts.input_shape) + sum(row.saved_elements for row in rows))


def require_trainable(project: Project, facts: DataFacts, machine: Machine | None = None) -> Report:
    """The report. Raises: SpecError with every error, one sentence a line, if the project cannot train."""
    report = check(project, facts, machine)
    if not report.can_train:
        raise SpecError("\n".join(problem.message for problem in report.errors))
    return report


def all_fixes(report: Report) -> tuple[Fix, ...]:
    """The first fix of every problem that has one."""
    return tuple(problem.fixes[0] for problem in report.problems if problem.fixes)
