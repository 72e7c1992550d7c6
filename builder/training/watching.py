"""What a training tells while it goes on, and what it may be asked for."""

from typing import TYPE_CHECKING, Any

from builder.runs.run import Request
from builder.training.best import Best

if TYPE_CHECKING:
    from builder.training.loop import Trainer


class Watcher:
    """Told of everything that happens, and may ask for something; this one does neither."""

    steps_at_once = 1
    """How many steps may be taken before it is told of them and asked anything."""

    def measured(self, figures: dict[str, float]) -> None:
        """Metrics of a step's batch, just before the step is told; none if they are not asked for."""

    def step(self, step: int, epoch: float, loss: float, elapsed_s: float) -> None:
        """After each step."""

    def epoch(self, record: dict[str, Any]) -> None:
        """After each epoch."""

    def improved(self, best: Best) -> None:
        """After an epoch whose weights are kept: the best so far, or each where the last is asked for."""

    def could_save(self, trainer: "Trainer", *, must: bool = False) -> None:
        """Wherever training could go on from; `must` where it may not go on in this process."""

    def should_stop(self) -> Request | None:
        """What the user asks for, looked at between two steps."""

    def asked_lr(self, step: int, epoch: float) -> float | None:
        """A learning rate that this step, the first to have it, shall take on."""
