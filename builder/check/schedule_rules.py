"""Rules for the schedule of the learning rate."""

from collections.abc import Iterator

from builder.check.edits import UpdateTraining
from builder.check.problem import Fix, Problem, error, warning
from builder.spec.project import Project


def schedule_problems(project: Project) -> Iterator[Problem]:
    """A warm-up before a schedule that rises by itself, one that outlasts the training, a change that never comes."""
    training, scheduler = project.training, project.training.scheduler
    place, field = f"Schedule {scheduler.label}", {"field": "scheduler"}
    without = Fix("Switch the warm-up off", (_changed(scheduler.model_copy(update={"warmup": 0.0})),))
    if scheduler.rises and scheduler.warmup:
        message = (
            f"begins low and rises by itself, so it takes no warm-up; got {scheduler.warmup:g} epochs. Set it to 0."
        )
        yield error(place, message, without, **field)
    elif scheduler.warmup >= training.epochs:
        message = f"warms up for {scheduler.warmup:g} of {training.epochs} epochs, so its learning rate is never reached. Train longer, or warm up less."
        yield warning(place, message, without, **field)
    elif (first := scheduler.first_change(training.epochs) + scheduler.warmup) >= training.epochs:
        longer = Fix(f"Train {3 * round(first)} epochs", (UpdateTraining(changes={"epochs": 3 * round(first)}),))
        message = f"first acts after epoch {first:g} of {training.epochs}, so it never does. Train longer, or let it act sooner."
        yield warning(place, message, longer, **field)


def _changed(scheduler) -> UpdateTraining:
    return UpdateTraining(changes={"scheduler": scheduler.model_dump(mode="json")})
