"""What a project costs on this machine, as the worker measured it; the same project is measured once."""

from dataclasses import dataclass
from typing import Any

from builder.runs.ask_queue import Answer
from builder.runs.asks import ask, key_of
from builder.runs.folder import with_absolute_source
from builder.spec.project import Project

UNTIMED = {"epochs", "time_budget_min", "seed", "best_by", "best_direction"}
"""Settings of the training that change neither its memory nor the time of an epoch."""
UNSEEN = {"nodes": {"__all__": {"position"}}, "groups": {"__all__": {"title", "folded"}}}
"""What a model says for the canvas alone."""


@dataclass(frozen=True)
class Measurement:
    """Memory in bytes at `batch_size`, operations (floating-point, two to a multiply-add) of one step, times in seconds.

    Times are None if the training does not fit into the memory that was usable; `largest_batch` is the largest power
    of two that does, 0 if none, None where the system does not tell what is free.
    """

    batch_size: int
    parameters_bytes: int
    gradients_bytes: int
    optimizer_bytes: int
    saved_bytes: int
    forward_flops: int
    backward_flops: int
    usable_bytes: int | None
    largest_batch: int | None
    steps_per_epoch: int
    step_s: float | None
    epoch_s: float | None

    @property
    def memory_bytes(self) -> int:
        """Weights, gradients, optimizer state and what the backward pass keeps of one batch."""
        return self.fixed_bytes + self.saved_bytes

    @property
    def fixed_bytes(self) -> int:
        """What any batch needs."""
        return self.parameters_bytes + self.gradients_bytes + self.optimizer_bytes


def measure_key(project: Project, content: str) -> str:
    """`content` is the data set's own name for what it holds."""
    form = list(Measurement.__dataclass_fields__)  # an answer in an older form is not taken for one of this
    data, model = project.data.model_dump(mode="json"), project.model.model_dump(mode="json", exclude=UNSEEN)
    return key_of("measure", form, data, content, model, project.training.model_dump(mode="json", exclude=UNTIMED))


def ask_measure(project: Project, content: str) -> str:
    """Has the worker measure the project, unless it did, and gives the key of the answer."""
    return ask("measure", ask_payload(project), key=measure_key(project, content))


def ask_payload(project: Project) -> dict[str, Any]:
    return {"project": with_absolute_source(project, None).model_dump(mode="json")}


def measurement(answer: Answer) -> Measurement | None:
    return Measurement(**answer.value) if answer.state == "done" else None
