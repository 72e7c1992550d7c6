"""Optimizers that follow the gradient itself."""

from typing import Literal

from pydantic import model_validator

from builder.catalogue.component import TorchCall, choice, whole
from builder.catalogue.optimizers.base import COUPLED, Optimizer, decay_field, lr_field, momentum_field


class GradientDescent(Optimizer):
    kind: Literal["GradientDescent"] = "GradientDescent"
    label = "Gradient descent"
    help = "Plain steps along the gradient over all training rows, one an epoch: exact, easy to follow, and slow."
    source = "torch.optim.SGD"
    fused = True
    values_kept = 0
    is_full_batch = True
    lr: float = lr_field(0.1)


class SGD(Optimizer):
    kind: Literal["SGD"] = "SGD"
    label = "SGD"
    help = "Plain gradient steps, with momentum if wanted; slow to tune, often the best in the end."
    source = "torch.optim.SGD"
    fused = True
    values_kept = 1
    lr: float = lr_field(0.01)
    momentum: float = momentum_field(0.9)
    nesterov: bool = choice(False, "Nesterov", "Looks ahead along the momentum before it measures the gradient.")
    weight_decay: float = decay_field(0.0, COUPLED)

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> "SGD":
        if self.nesterov and self.momentum == 0:
            raise ValueError("nesterov needs a momentum above 0; set momentum to 0.9 or switch nesterov off")
        return self


class LBFGS(Optimizer):
    kind: Literal["LBFGS"] = "LBFGS"
    label = "LBFGS"
    help = "Guesses the curvature from past gradients: few, costly steps for small models on few rows, all in one batch; not with dropout, clipping or max-norm."
    source = "torch.optim.LBFGS"
    is_full_batch = True
    takes_channels_last = False  # it lays all gradients out in one row
    takes_closure = True
    lr: float = lr_field(1.0)
    max_iter: int = whole(10, "Iterations", "At most so many moves within a step.", ge=1, le=1000)
    history_size: int = whole(10, "History", "Past gradients that it remembers; each takes the memory of the weights twice.", ge=1, le=1000)  # fmt: skip
    line_search: bool = choice(True, "Line search", "Tries how far each move should go, which keeps it from diverging.")

    @property
    def values_kept(self) -> int:
        return 2 * self.history_size + 3

    def torch_call(self) -> TorchCall:
        kwargs = self.model_dump(exclude={"kind", "line_search"})
        return TorchCall(self.source, kwargs | ({"line_search_fn": "strong_wolfe"} if self.line_search else {}))
