"""Keeps the best epoch, and says when to stop waiting for a better one."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

from builder.catalogue.regularization import EarlyStopping
from builder.spec.training import TrainingSpec


@dataclass
class Best:
    """The best epoch so far, by the validation figure `metric`; and the weights that are kept, its own or the last ones."""

    metric: str
    higher_is_better: bool
    keeps_best: bool = True
    value: float = math.nan
    epoch: int = 0
    kept_value: float = math.nan
    kept_epoch: int = 0
    state: dict[str, Tensor] = field(default_factory=dict)
    """Of the epoch that is kept."""

    def improves(self, value: float, by: float = 0.0) -> bool:
        """Whether `value` is better by more than `by`; a figure that is not defined never is."""
        if math.isnan(value) or math.isnan(self.value):
            return not math.isnan(value)
        return (value - self.value if self.higher_is_better else self.value - value) > by

    def offer(self, epoch: int, value: float, state: dict[str, Tensor]) -> bool:
        """Says whether it is the first or the best; keeps a copy of `state` then, or each time if the last is kept."""
        is_best = not self.epoch or self.improves(value)
        if is_best:
            self.value, self.epoch = value, epoch
        if is_best or not self.keeps_best:
            self.kept_value, self.kept_epoch = value, epoch
            self.state = {name: tensor.clone() for name, tensor in state.items()}
        return is_best


def best_of(training: TrainingSpec) -> Best:
    """An empty Best for the figure that the project names."""
    return Best(training.best_by, training.is_higher_better(training.best_by), training.keeps_best)


class Patience:
    """Early stopping: counts the epochs since the watched figure last improved by more than `min_delta`."""

    def __init__(self, training: TrainingSpec):
        self._stopping, self._first_epoch = training.regularizer(EarlyStopping), training.first_judged_epoch
        figure = (self._stopping and self._stopping.metric) or training.best_by
        self._bar, self._waited = Best(figure, training.is_higher_better(figure)), 0

    @property
    def metric(self) -> str:
        """The figure that is watched."""
        return self._bar.metric

    def is_over(self, epoch: int, validation: Mapping[str, float]) -> bool:
        if self._stopping is None or epoch < self._first_epoch:
            return False
        value = validation[self._bar.metric]
        if self._bar.improves(value, self._stopping.min_delta):
            self._bar.value, self._waited = value, 0
        else:
            self._waited += 1
        return self._waited >= self._stopping.patience

    def state(self) -> dict[str, float | int]:
        return {"bar": self._bar.value, "waited": self._waited}

    def restore(self, state: dict[str, float | int]) -> None:
        self._bar.value, self._waited = state["bar"], state["waited"]
