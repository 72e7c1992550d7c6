"""Rules for what runs but learns badly: absurd steps, dropout in the wrong place, scaled ids, one layer with all weights."""

from collections.abc import Iterator, Sequence

from builder.catalogue.component import Shape
from builder.catalogue.layer import Layer, show
from builder.catalogue.layers import AdaptiveAvgPool2d, AvgPool2d
from builder.check.edits import InsertOnWire, RemoveNode, UpdateData, UpdateLayer, UpdateTraining
from builder.check.layer_rules import LayerRow
from builder.check.problem import Fix, Problem, warning
from builder.check.shapes import output_index, place_of
from builder.spec.data import TableData
from builder.spec.model import INPUT
from builder.spec.project import Project

LARGEST_STEP, SMALLEST_STEP = 100, 1 / 1000
"""Times the optimizer's usual learning rate; beyond it hardly anything learns."""
MOST_NAMED = 5
MOST_DROPPED, USUAL_DROP = 0.8, 0.5
HEAVY = 10_000_000
"""Weights of a layer behind a flattened image from which on it is told."""


def step_problems(project: Project) -> Iterator[Problem]:
    optimizer = project.training.optimizer
    usual = type(optimizer).model_fields["lr"].default
    if SMALLEST_STEP <= optimizer.lr / usual <= LARGEST_STEP:
        return
    effect = "the loss will jump or become infinite" if optimizer.lr > usual else "nothing will be learned in time"
    mended = optimizer.model_copy(update={"lr": usual}).model_dump(mode="json")
    fix = Fix(f"Set it to {usual:g}", (UpdateTraining(changes={"optimizer": mended}),))
    message = f"is {optimizer.lr:g}, where {usual:g} is usual for {optimizer.label}: {effect}. Bring it nearer to that."
    yield warning("Learning rate", message, fix, field="optimizer")


def dropout_problems(project: Project) -> Iterator[Problem]:
    """Dropout of nearly everything, or of the answers themselves."""
    model, last = project.model, output_index(project.model)
    for index, node in enumerate(model.nodes):
        share = getattr(node.layer, "p", 0.0) if node.layer.family == "Regularization" else 0.0
        if share and last is not None and index > last:
            fix = Fix(f"Remove {node.layer.label}", (RemoveNode(id=node.id),))
            message = "stands behind the output layer, so training would switch answers off at random. Remove it."
            yield warning(place_of(model, index), message, fix, node_id=node.id)
        elif share > MOST_DROPPED:
            fix = Fix(f"Set it to {USUAL_DROP}", (UpdateLayer(id=node.id, changes={"p": USUAL_DROP}),))
            message = f"switches off {share:.0%} of the values, so hardly anything reaches the next layer. Use {USUAL_DROP} or less."
            yield warning(place_of(model, index), message, fix, node_id=node.id, field="p")


def id_problems(project: Project) -> Iterator[Problem]:
    """A layer that looks whole numbers up, right behind a table whose numbers are scaled."""
    data, model = project.data, project.model
    columns = data.columns if isinstance(data, TableData) else ()
    scaled = [column.name for column in columns if column.role == "feature" and column.scale != "none"]
    for index, node in enumerate(model.nodes):
        if node.layer.takes_ids and scaled and INPUT in model.inputs_of(index):
            unscaled = [
                column.model_dump(mode="json") | ({"scale": "none"} if column.name in scaled else {})
                for column in columns
            ]
            fix = Fix("Switch their scaling off", (UpdateData(changes={"columns": unscaled}),))
            message = f"looks whole numbers up, but {_named(scaled)} come scaled, so nearly all values look the same to it. Switch their scaling off."
            yield warning(place_of(model, index), message, fix, node_id=node.id)


def _named(columns: Sequence[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in columns[:MOST_NAMED])
    return f"{shown} and {len(columns) - MOST_NAMED} more" if len(columns) > MOST_NAMED else shown


def weight_problems(project: Project, rows: Sequence[LayerRow]) -> Iterator[Problem]:
    """A layer behind a flattened image that holds nearly all weights."""
    model, by_id = project.model, {row.node_id: row for row in rows}
    for index, node in enumerate(model.nodes):
        row = by_id[node.id]
        flat = _flattening(project, index, by_id) if row.parameters > HEAVY and len(row.input_shapes) == 1 else None
        if flat is None:
            continue
        shape = by_id[flat].input_shapes[0]
        pool = _pooling(shape, row.parameters, any(by_id[name].parameters for name in _before(project, flat)))
        source = model.inputs_of(model.index(flat))[0]
        fix = Fix(f"Insert {pool.label} before {flat}", (InsertOnWire(source=source, target=flat, layer=pool),))
        message = (
            f"has {row.parameters:,} weights, since all of {show(shape)} reaches it as one flat row: slow to train, and "
            "quick to learn its rows by heart. Shrink the image before it is flattened."
        )
        yield warning(place_of(model, index), message, fix, node_id=node.id)


def _flattening(project: Project, index: int, rows: dict[str, LayerRow]) -> str | None:
    """The node that made a flat row of the image that reaches this one."""
    model = project.model
    while (source := model.inputs_of(index)[0]) != INPUT:
        row, index = rows[source], model.index(source)
        if row.parameters or len(row.input_shapes) != 1:
            return None
        if len(row.input_shapes[0]) == 3 and len(row.output_shape or ()) == 1:
            return source
    return None


def _before(project: Project, node_id: str) -> tuple[str, ...]:
    return tuple(node.id for node in project.model.nodes[: project.model.index(node_id)])


def _pooling(shape: Shape, weights: int, is_learned: bool) -> Layer:
    """The mean of each learned channel; of raw pixels as much as keeps the layer behind it light."""
    if is_learned:
        return AdaptiveAvgPool2d(output_size=1)
    factor = 2
    while weights / factor**2 > HEAVY and factor * 2 <= min(shape[1:]):
        factor *= 2
    return AvgPool2d(kernel_size=factor)
