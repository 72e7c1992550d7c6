"""Where a training stands: what is counted, so that it can go on from there."""

from dataclasses import dataclass


@dataclass
class Position:
    """The epoch under way, from 1, with what was done of it; `step` counts from the beginning of the training."""

    epoch: int = 1
    batch: int = 0
    """Batches of the epoch that were done."""
    step: int = 0
    rows: int = 0
    loss_sum: float = 0.0
    """Over the rows of the epoch so far."""
    gave_up_after: int | None = None
    """The epoch after which early stopping ended the training."""

    figure: float | None = None
    """Of the last whole epoch: the validation figure that picks the best."""
    is_best: bool = False
    """Whether the model stands as the best epoch left it."""

    @property
    def is_under_way(self) -> bool:
        return self.step > 0

    def count(self, loss: float, rows: int) -> None:
        self.batch, self.is_best = self.batch + 1, False
        self.loss_sum += loss * rows
        self.rows += rows

    def end_epoch(self, figure: float, is_best: bool) -> None:
        self.figure, self.is_best = figure, is_best
        self.start_epoch(self.epoch + 1)

    def start_epoch(self, epoch: int) -> None:
        self.epoch, self.batch, self.rows, self.loss_sum = epoch, 0, 0, 0.0
