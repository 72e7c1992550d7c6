"""With whom a training is done: alone in this process, which costs nothing; `ranks.py` has the one of several."""

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from builder.check.report import Report
from builder.training.examples import Examples
from builder.training.gradients import GradientSource
from builder.training.optimizers import optimizer_state, restore_optimizer

T = TypeVar("T")


class Team:
    """One process, which does everything by itself."""

    size, leads, fuses, shares_state = 1, True, True, False

    def placed(self, model: nn.Module, device: torch.device) -> nn.Module:
        """The model where it is trained, before anything else refers to its weights."""
        return model.to(device)

    def gradient_source(self, *arguments, **settings) -> GradientSource:
        return GradientSource(*arguments, **settings)

    def answers(self, model: nn.Module, examples: Examples, rows: Tensor) -> Tensor:
        """What the model gives for these rows."""
        return model(examples.inputs(rows))

    def in_turn(self, work: Callable[[], T]) -> T:
        """Done by the leading process first, which others then find the traces of."""
        return work()

    def memory_needed(self, report: Report) -> int:
        """Bytes of the device, as far as this machine's processes take them."""
        return report.memory_bytes

    def threads(self, wanted: int) -> int:
        """Of so many that a step deserves, those that this process shall take."""
        return wanted

    def is_lost(self, error: Exception) -> bool:
        """Whether it says that another process is gone."""
        return False

    def agree(self, *values: float) -> tuple[float, ...]:
        """What the leading process says."""
        return values

    def weights(self, model: nn.Module) -> dict[str, Tensor]:
        """All of them, as they would lie in one process."""
        return model.state_dict()

    def restore_weights(self, model: nn.Module, weights: dict[str, Tensor]) -> None:
        model.load_state_dict(weights)

    def gathered(self, optimizer: torch.optim.Optimizer) -> list[dict[str, Any]]:
        """What the optimizer has gathered of the gradients, as it would lie in one process."""
        return optimizer_state(optimizer)

    def restore_gathered(self, optimizer: torch.optim.Optimizer, states: list[dict[str, Any]]) -> None:
        restore_optimizer(optimizer, states)

    def whole(self, model: nn.Module) -> nn.Module:
        """The model as one process holds it, its weights yet to be loaded."""
        return model


ALONE = Team()
