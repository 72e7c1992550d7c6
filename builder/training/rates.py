"""Gives the optimizer its learning rate at each step."""

from typing import Any

from builder.catalogue.rates import PlateauShare, share_at
from builder.nn.graph import build, named
from builder.spec.training import TrainingSpec

_FOUND = ("share", "best", "waited")
"""What a plateau has seen so far; the rest are its settings."""


class Rates:
    """The rates of a run: each step's share of the learning rate, lowered on a plateau where that is asked for."""

    def __init__(self, training: TrainingSpec, train_rows: int, optimizer):
        self._groups, self._lr, scheduler = optimizer.param_groups, training.optimizer.lr, training.scheduler
        call = scheduler.schedule_call()
        self._planned = (training.steps_per_epoch(train_rows), training.epochs, scheduler.warmup, named(call.name), call.kwargs)  # fmt: skip
        self._plateau: PlateauShare | None = None
        if scheduler.follows_figure:
            self._plateau = build(scheduler.share_call(training.is_higher_better(training.best_by)))
        self._held = training.held_rate(train_rows)
        self.latest = self._lr
        self._changes: dict[int, float] = {}

    def plan(self, changes: dict[int, float]) -> None:
        """Learning rates that the schedule's shares are of from these steps on, which count from 0."""
        self._changes = dict(changes)

    def change(self, step: int, lr: float) -> None:
        """From this step on, whatever was planned for later."""
        self._changes = {step: lr}

    def set_for(self, step: int) -> float:
        """Gives the rate as well. `step` counts from 0."""
        if step in self._changes:
            self._take_on(step, self._changes[step])
        share = share_at(step, *self._planned)
        self.latest = self._lr * (share if self._plateau is None else share * self._plateau.share)
        if self._held is not None and step >= self._held[0]:
            self.latest = self._held[1]
        for group in self._groups:
            group["lr"] = self.latest
        return self.latest

    def _take_on(self, step: int, lr: float) -> None:
        """A rate that was asked for while another was held is held in its place."""
        self._lr = lr
        if self._held is not None and step >= self._held[0]:
            self._held = (step, lr)

    def tell(self, figure: float) -> None:
        """The figure of the validation after an epoch."""
        if self._plateau is not None:
            self._plateau.tell(figure)

    def state(self) -> dict[str, Any]:
        return {
            "lr": self._lr,
            "latest": self.latest,
            "held": self._held,
            "plateau": None if self._plateau is None else {name: getattr(self._plateau, name) for name in _FOUND},
        }

    def restore(self, state: dict[str, Any]) -> None:
        self._lr, self.latest, self._held = state["lr"], state["latest"], state["held"]
        if self._plateau is not None:
            vars(self._plateau).update(state["plateau"])
