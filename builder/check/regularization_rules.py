"""Rules for regularization that the data or the model cannot take, and for what would do nothing."""

from collections.abc import Iterator

from builder.catalogue.regularization import EMA, SWA, EarlyStopping, Mixing, Regularization
from builder.check.edits import UpdateTraining
from builder.check.problem import Fix, Problem, error, warning
from builder.check.shapes import place_of
from builder.spec.facts import DataFacts
from builder.spec.project import Project
from builder.spec.training import LOSS, TrainingSpec

FIELD = "regularization"
MOST_EPOCHS = 100_000
_START, _EPOCHS_TO_AVERAGE = 0.75, 20


def regularization_problems(project: Project, facts: DataFacts) -> Iterator[Problem]:
    for item in project.training.mixing:
        yield from _mixing_problems(project, facts, item)
    yield from _averaging_problems(project.training, facts)
    yield from _stopping_problems(project.training, facts)


def _mixing_problems(project: Project, facts: DataFacts, item: Mixing) -> Iterator[Problem]:
    training, off = project.training, _without(project.training, item)
    if reason := item.misfit(facts):
        yield error(item.label, f"does not fit: {reason}. Switch it off.", off, field=FIELD)
    elif training.batch_size == 1:
        larger = Fix("Set the batch size to 32", (UpdateTraining(changes={"batch_size": 32}),))
        message = "mixes the rows of a batch, and a batch size of 1 leaves nothing to mix. Make it larger."
        yield warning(item.label, message, larger, off, field=FIELD)
    for index, node in enumerate(project.model.nodes):
        if item.blends and node.layer.takes_ids:
            message = f"looks whole numbers up, which {item.label} would blend into others. Switch {item.label} off."
            yield error(place_of(project.model, index), message, off, node_id=node.id)


def _averaging_problems(training: TrainingSpec, facts: DataFacts) -> Iterator[Problem]:
    ema, swa = training.regularizer(EMA), training.regularizer(SWA)
    if ema and swa:
        message = f"and {swa.label} are two averages of the same weights. Switch one of them off."
        yield error(ema.label, message, _without(training, swa), _without(training, ema), field=FIELD)
    if ema and not ema.warm_up:
        yield from _reach_problems(training, ema, training.epochs * training.steps_per_epoch(facts.row_counts[0]))
    if swa and training.epochs == training.first_judged_epoch:
        epochs = max(training.epochs, _EPOCHS_TO_AVERAGE)
        earlier = swa.model_copy(update={"start": _START})
        edits = _with(training, swa, earlier), UpdateTraining(changes={"epochs": epochs})
        fix = Fix(f"Average the last {epochs - earlier.first_epoch(epochs) + 1} of {epochs} epochs", edits)
        message = f"begins after epoch {training.epochs - 1} of {training.epochs}, so it has a single epoch to average. Let it begin sooner, or train longer."
        yield warning(swa.label, message, fix, field=FIELD)


def _reach_problems(training: TrainingSpec, ema: EMA, steps: int) -> Iterator[Problem]:
    """A moving average that the first weights never leave."""
    reach = 1 / (1 - ema.decay)
    if reach > steps:
        fix = Fix("Switch its warm-up on", (_with(training, ema, ema.model_copy(update={"warm_up": True})),))
        message = f"averages over about {reach:,.0f} steps, but training has {steps:,}, so the first weights stay in it. Switch its warm-up on, or lower its decay."
        yield warning(ema.label, message, fix, field=FIELD)


def _stopping_problems(training: TrainingSpec, facts: DataFacts) -> Iterator[Problem]:
    stopping = training.regularizer(EarlyStopping)
    if stopping is None:
        return
    names = [LOSS, *(metric.kind for metric in training.metrics if facts.task in metric.tasks)]
    if stopping.metric is not None and stopping.metric not in names:
        automatic = stopping.model_copy(update={"metric": None})
        fix = Fix("Watch what picks the best epoch", (_with(training, stopping, automatic),))
        message = f"must watch one of {', '.join(names)}; got {stopping.metric}. Choose one of them, or add the metric."
        yield error(stopping.label, message, fix, field=FIELD)
    judged = training.epochs - training.first_judged_epoch + 1
    if stopping.patience >= judged:
        epochs = min(MOST_EPOCHS, round(3 * stopping.patience * training.epochs / judged))
        averaged = "" if judged == training.epochs else " that are averaged"
        message = (
            f"waits {stopping.patience} epochs of {judged}{averaged}, so it never acts. Train longer or wait less."
        )
        yield warning(stopping.label, message, Fix(f"Train {epochs} epochs", (UpdateTraining(changes={"epochs": epochs}),)), field=FIELD)  # fmt: skip


def _without(training: TrainingSpec, item: Regularization) -> Fix:
    return Fix(f"Switch {item.label} off", (_with(training, item, None),))


def _with(training: TrainingSpec, old: Regularization, new: Regularization | None) -> UpdateTraining:
    """The same with `new` in the place of `old`, or without it."""
    items = [new if item is old else item for item in training.regularization]
    kept = [item.model_dump(mode="json") for item in items if item is not None]
    return UpdateTraining(changes={"regularization": kept})
