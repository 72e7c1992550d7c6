"""Batch sizes tried out on this machine: asked of the worker, answered once for the same project."""

from dataclasses import dataclass
from typing import Literal

from builder.runs.ask_queue import Answer
from builder.runs.asks import ask, key_of
from builder.runs.measured import UNSEEN, UNTIMED, ask_payload
from builder.spec.project import Project

FORM = 1
"""To be raised when a search would say something else than before: older answers are then not taken for new ones."""
WITHOUT = {**dict.fromkeys((*UNTIMED, "metrics", "scheduler", "batch_size", "accumulation"), True), "optimizer": {"lr"}}
"""Settings of the training that neither speed nor memory of a batch depend on."""

End = Literal["rows", "memory", "time"]
"""Why no larger batch was tried: there are no more rows, no more memory, or it would have taken too long."""


@dataclass(frozen=True)
class TriedBatch:
    """`memory_bytes` is what the trial took at its height; None where the system does not tell."""

    size: int
    rows_per_s: float
    memory_bytes: int | None
    steps_per_epoch: int


@dataclass(frozen=True)
class BatchSearch:
    """Every size that fitted, the smallest first; `quickest` is the smallest that is about as quick as any."""

    tried: tuple[TriedBatch, ...]
    end: End
    usable_bytes: int | None
    quickest: int
    reason: str

    @property
    def largest(self) -> int:
        return self.tried[-1].size


def batch_search_key(project: Project, content: str) -> str:
    """`content` is the data set's own name for what it holds."""
    data, model = project.data.model_dump(mode="json"), project.model.model_dump(mode="json", exclude=UNSEEN)
    return key_of("find_batch", FORM, data, content, model, project.training.model_dump(mode="json", exclude=WITHOUT))


def ask_batch_search(project: Project, content: str) -> str:
    """Has the worker try batch sizes, unless it did, and gives the key of the answer."""
    return ask("find_batch", ask_payload(project), key=batch_search_key(project, content))


def batch_search(answer: Answer) -> BatchSearch | None:
    if answer.state != "done":
        return None
    return BatchSearch(**answer.value | {"tried": tuple(TriedBatch(**one) for one in answer.value["tried"])})
