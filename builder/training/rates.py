"""Gives the optimizer its learning rate at each step."""

from typing import Any

from builder.catalogue.rates import PlateauShare, share_at
from builder.nn.graph import build, named
from builder.spec.training import TrainingSpec
from builder.training.best import best_of


class Rates:
    """The rates of a run: each step's share of the learning rate, lowered on a plateau where that is asked for."""

    def __init__(self, training: TrainingSpec, train_rows: int, optimizer):
        self._groups, self._lr, scheduler = optimizer.param_groups, training.optimizer.lr, training.scheduler
        call = scheduler.schedule_call()
        self._planned = (training.steps_per_epoch(train_rows), training.epochs, scheduler.warmup, named(call.name), call.kwargs)  # fmt: skip
        self._plateau: PlateauShare | None = None
        if scheduler.follows_figure:
            self._plateau = build(scheduler.share_call(best_of(training).higher_is_better))
        self.latest = self._lr
        self._changes: dict[int, float] = {}

    def change(self, step: int, lr: float) -> None:
        """From this step on, which counts from 0, the schedule's shares are of another learning rate."""
        self._changes[step] = lr

    def set_for(self, step: int) -> None:
        """`step` counts from 0."""
        self._lr = self._changes.get(step, self._lr)
        share = share_at(step, *self._planned)
        self.latest = self._lr * (share if self._plateau is None else share * self._plateau.share)
        for group in self._groups:
            group["lr"] = self.latest

    def tell(self, figure: float) -> None:
        """The figure of the validation after an epoch."""
        if self._plateau is not None:
            self._plateau.tell(figure)

    def state(self) -> dict[str, Any]:
        return {
            "lr": self._lr,
            "latest": self.latest,
            "plateau": None if self._plateau is None else vars(self._plateau),
        }

    def restore(self, state: dict[str, Any]) -> None:
        self._lr, self.latest = state["lr"], state["latest"]
        if self._plateau is not None:
            vars(self._plateau).update(state["plateau"])
