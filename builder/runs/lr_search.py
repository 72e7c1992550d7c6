"""A learning rate found by trial: asked of the worker, found once for the same project."""

from dataclasses import dataclass

from builder.runs.ask_queue import Answer
from builder.runs.asks import ask, key_of
from builder.runs.measured import UNSEEN, ask_payload
from builder.spec.project import Project

FORM = 1
"""To be raised when a search would find something else than before: older answers are then not taken for new ones."""
WITHOUT = {"step_metrics": True, "time_budget_min": True, "optimizer": {"lr"}}
"""Settings of the training that a search does not depend on."""


@dataclass(frozen=True)
class LrSearch:
    """The curve of a range test, smoothed, up to where the loss diverged, and the rate to use.

    `raced` are learning rate and validation loss of each training that was tried, None for one whose loss was no
    number in the end; they went over so many `epochs`.
    """

    lrs: list[float]
    losses: list[float]
    diverges_at: float | None
    raced: list[tuple[float, float | None]]
    epochs: int
    suggestion: float
    reason: str


def lr_search_key(project: Project, content: str) -> str:
    """`content` is the data set's own name for what it holds."""
    data, model = project.data.model_dump(mode="json"), project.model.model_dump(mode="json", exclude=UNSEEN)
    return key_of("find_lr", FORM, data, content, model, project.training.model_dump(mode="json", exclude=WITHOUT))


def ask_lr_search(project: Project, content: str) -> str:
    """Has the worker find a learning rate, unless it did, and gives the key of the answer."""
    return ask("find_lr", ask_payload(project), key=lr_search_key(project, content))


def lr_search(answer: Answer) -> LrSearch | None:
    return LrSearch(**answer.value) if answer.state == "done" else None
