"""Averages the weights of a run, as far as the project asks for it."""

from collections.abc import Iterable
from typing import Any, Protocol

from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, update_bn

from builder.catalogue.regularization import EMA, SWA, Averaging
from builder.nn.averaging import MovingAverage
from builder.spec.training import TrainingSpec


class Average(Protocol):
    """Follows the weights; from the end of `first_epoch` on, what it holds is what counts."""

    first_epoch: int
    module: nn.Module

    def after_step(self) -> None: ...
    def after_epoch(self, batches: Iterable[Tensor]) -> None:
        """Called from the first epoch on, with what the first layer takes of the training rows."""

    def state(self) -> dict[str, Any]: ...
    def restore(self, state: dict[str, Any]) -> None: ...


class StepAverage:
    """A moving average over the steps."""

    first_epoch = 1

    def __init__(self, ema: EMA, model: nn.Module, epochs: int):
        self._average = MovingAverage(model, ema.decay, ema.warm_up)
        self.module = self._average.module

    def after_step(self) -> None:
        self._average.update()

    def after_epoch(self, batches: Iterable[Tensor]) -> None:
        """Nothing: statistics were averaged with the weights."""

    def state(self) -> dict[str, Any]:
        return {"steps": self._average.steps, "weights": self.module.state_dict()}

    def restore(self, state: dict[str, Any]) -> None:
        self._average.steps = state["steps"]
        self.module.load_state_dict(state["weights"])


class EpochAverage:
    """The mean of the weights after each of the last epochs.

    The weights lie far apart, so no average of their batch normalization's statistics fits the mean: those are taken
    anew from the training rows.
    """

    def __init__(self, swa: SWA, model: nn.Module, epochs: int):
        self._model, self._average, self.first_epoch = model, AveragedModel(model), swa.first_epoch(epochs)
        self.module = self._average.module

    def after_step(self) -> None:
        """Nothing: epochs are averaged."""

    def after_epoch(self, batches: Iterable[Tensor]) -> None:
        self._average.update_parameters(self._model)
        update_bn(batches, self.module)

    def state(self) -> dict[str, Any]:
        return self._average.state_dict()

    def restore(self, state: dict[str, Any]) -> None:
        self._average.load_state_dict(state)


_KINDS: dict[type[Averaging], type[StepAverage] | type[EpochAverage]] = {EMA: StepAverage, SWA: EpochAverage}


def average_of(training: TrainingSpec, model: nn.Module) -> Average | None:
    """None if no averaging is on."""
    asked = training.regularizer(Averaging)
    return None if asked is None else _KINDS[type(asked)](asked, model, training.epochs)
