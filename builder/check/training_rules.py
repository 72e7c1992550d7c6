"""Rules for the training settings and for how they meet the model and the data."""

from collections.abc import Iterator

from builder.catalogue.metrics import METRICS, Metric, metrics_for
from builder.check.edits import RemoveNode, UpdateLayer, UpdateTraining
from builder.check.layer_rules import LayerRow
from builder.check.output_layer import add_output_layer
from builder.check.output_rules import wanted_shape
from builder.check.problem import Fix, Problem, error, warning
from builder.check.shapes import place_of
from builder.spec.facts import DataFacts
from builder.spec.project import Project
from builder.spec.training import LOSS

_LINEAR_MAPS = ("Linear", "Convolution")
"""Families whose layers bend nothing by themselves, as attention does and a state that is carried on."""


def metric_problems(project: Project, facts: DataFacts) -> Iterator[Problem]:
    training = project.training
    fitting = [metric for metric in training.metrics if facts.task in metric.tasks]
    for metric in training.metrics:
        if metric not in fitting:
            offered = ", ".join(usual.label for usual in metrics_for(facts.task))
            fix = Fix(f"Remove {metric.label}", (UpdateTraining(changes={"metrics": _dump(fitting)}),))
            yield error("Metrics", f"{metric.label} does not fit a {facts.task} target. Pick from {offered}.", fix, field="metrics")  # fmt: skip
        elif (mended := metric.mended(len(facts.classes))) is not None:
            reason, instead = mended
            others = [instead if one is metric else one for one in training.metrics]
            fix = Fix(_change(metric, instead), (UpdateTraining(changes={"metrics": _dump(others)}),))
            yield error(metric.label, f"{reason}. Set it lower.", fix, field="metrics")
    names = [LOSS, *(metric.kind for metric in fitting)]
    if training.best_by not in names:
        fix = Fix("Choose by the loss", (UpdateTraining(changes={"best_by": LOSS}),))
        message = f"must be one of {', '.join(names)}; got {training.best_by}. Choose one of them, or add the metric."
        yield error("Best epoch by", message, fix, field="best_by")
    elif training.is_higher_better(training.best_by) != training.is_by_itself_higher_better(training.best_by):
        fix = Fix("Use its own direction", (UpdateTraining(changes={"best_direction": "auto"}),))
        wanted, own = ("highest", "lower") if training.best_direction == "higher" else ("lowest", "higher")
        name = METRICS[training.best_by].label if training.best_by in METRICS else "loss"
        message = (
            f"picks the {wanted} {name}, of which {own} is better, so the worst epoch is kept. Use its own direction."
        )
        yield warning("Best epoch by", message, fix, field="best_direction")


def _change(metric: Metric, instead: Metric) -> str:
    """`Set k to 2`"""
    fields = type(metric).model_fields
    differ = (name for name in fields if getattr(metric, name) != getattr(instead, name))
    return ", ".join(f"Set {fields[name].title} to {getattr(instead, name)}" for name in differ)


def batch_problems(project: Project, facts: DataFacts) -> Iterator[Problem]:
    size, rows = project.training.batch_size, facts.row_counts[0]
    if min(size, rows) == 1:
        for index, node in enumerate(project.model.nodes):
            if node.layer.needs_several_rows:
                fix = Fix("Set the batch size to 32", (UpdateTraining(changes={"batch_size": 32}),))
                message = f"needs at least 2 rows in a batch; got batch size {size} and {rows} training rows. Give it more of both, or use LayerNorm."
                yield error(place_of(project.model, index), message, fix, node_id=node.id)
    if size > rows:
        fix = Fix(f"Set it to {rows}", (UpdateTraining(changes={"batch_size": rows}),))
        message = f"is {size:,}, but there are {rows:,} training rows: each epoch is a single step. Make it smaller."
        yield warning("Batch size", message, fix, field="batch_size")


def model_problems(project: Project, facts: DataFacts, rows: list[LayerRow]) -> Iterator[Problem]:
    """Layers that do nothing: nobody reads them, or two linear maps in a row that are one."""
    model, by_id = project.model, {node.id: node for node in project.model.nodes}
    used = {name for index in range(len(model.nodes)) for name in model.inputs_of(index)}
    for index, node in enumerate(model.nodes[:-1]):
        if node.id not in used:
            fix = Fix(f"Remove {node.layer.label}", (RemoveNode(id=node.id),))
            yield error(place_of(model, index), "is not used by any layer. Connect or remove it.", fix, node_id=node.id)
    for index, node in enumerate(model.nodes):
        sources = model.inputs_of(index)
        before = by_id.get(sources[0]) if len(sources) == 1 else None
        if before is not None and _is_linear_pair(before.layer, node.layer):
            fix = Fix("Use ReLU between them", (UpdateLayer(id=before.id, changes={"activation": "ReLU"}),))
            message = f"has no activation before {place_of(model, index)}, so the two act as one. Pick an activation."
            place = place_of(model, model.index(before.id))
            yield warning(place, message, fix, node_id=before.id, field="activation")
    if rows and all(row.output_shape for row in rows) and not any(row.parameters for row in rows):
        fix = add_output_layer(model, rows[-1].output_shape, wanted_shape(project, facts))
        yield error("Model", "has nothing to learn: no layer has weights. Add a Linear or Conv2d layer.", fix)


def _is_linear_pair(first: object, second: object) -> bool:
    return first.family in _LINEAR_MAPS and first.learns and second.learns and first.activation is None


def _dump(components: list) -> list[dict]:
    return [component.model_dump(mode="json") for component in components]
