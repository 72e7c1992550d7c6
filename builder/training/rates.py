"""Gives the optimizer its learning rate at each step."""

from builder.catalogue.rates import PlateauShare, share_at
from builder.nn.graph import build, named
from builder.spec.training import TrainingSpec


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

    def set_for(self, step: int) -> None:
        """`step` counts from 0."""
        share = share_at(step, *self._planned)
        self.latest = self._lr * (share if self._plateau is None else share * self._plateau.share)
        if self._held is not None and step >= self._held[0]:
            self.latest = self._held[1]
        for group in self._groups:
            group["lr"] = self.latest

    def tell(self, figure: float) -> None:
        """The figure of the validation after an epoch."""
        if self._plateau is not None:
            self._plateau.tell(figure)
