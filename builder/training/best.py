"""Keeps the best epoch, and says when to stop waiting for a better one."""

import math
from dataclasses import dataclass, field

from torch import Tensor

from builder.catalogue.regularization import EarlyStopping
from builder.spec.training import TrainingSpec


@dataclass
class Best:
    """The best epoch so far, by the validation figure `metric`."""

    metric: str
    higher_is_better: bool
    value: float = math.nan
    epoch: int = 0
    state: dict[str, Tensor] = field(default_factory=dict)

    def improves(self, value: float, by: float = 0.0) -> bool:
        """Whether `value` is better by more than `by`; a figure that is not defined never is."""
        if math.isnan(value) or math.isnan(self.value):
            return not math.isnan(value)
        return (value - self.value if self.higher_is_better else self.value - value) > by

    def offer(self, epoch: int, value: float, state: dict[str, Tensor]) -> bool:
        """Keeps a copy of `state` if it is the first or the best; says whether it did."""
        if self.epoch and not self.improves(value):
            return False
        self.value, self.epoch = value, epoch
        self.state = {name: tensor.clone() for name, tensor in state.items()}
        return True


def best_of(training: TrainingSpec) -> Best:
    """An empty Best for the figure that the project names."""
    return Best(training.best_by, training.higher_is_better)


class Patience:
    """Early stopping: counts the epochs since the last improvement of at least `min_delta`."""

    def __init__(self, training: TrainingSpec):
        self._stopping = training.regularizer(EarlyStopping)
        self._bar, self._waited = best_of(training), 0

    def is_over(self, value: float) -> bool:
        if self._stopping is None:
            return False
        if self._bar.improves(value, self._stopping.min_delta):
            self._bar.value, self._waited = value, 0
        else:
            self._waited += 1
        return self._waited >= self._stopping.patience

    def state(self) -> dict[str, float | int]:
        return {"bar": self._bar.value, "waited": self._waited}

    def restore(self, state: dict[str, float | int]) -> None:
        self._bar.value, self._waited = state["bar"], state["waited"]

    def wait_anew(self) -> None:
        """As if the bar had just been reached."""
        self._waited = 0
