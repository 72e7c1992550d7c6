"""Has all processes of a run do at the same step what the user asks the leading one for."""

from typing import Any

from builder.runs.run import Request
from builder.training.best import Best
from builder.training.loop import Trainer
from builder.training.team import Team
from builder.training.watcher import RunWatcher
from builder.training.watching import Watcher

REQUESTS: tuple[Request | None, ...] = (None, "stop", "pause", "discard")


class TeamWatcher(Watcher):
    """Passes everything on to the run's own watcher, which the leading process alone has."""

    def __init__(self, team: Team, of_run: RunWatcher | None = None):
        self._team, self._of_run = team, of_run
        self._lr: float | None = None

    def measured(self, figures: dict[str, float]) -> None:
        if self._of_run:
            self._of_run.measured(figures)

    def step(self, step: int, epoch: float, loss: float, elapsed_s: float) -> None:
        if self._of_run:
            self._of_run.step(step, epoch, loss, elapsed_s)

    def epoch(self, record: dict[str, Any]) -> None:
        if self._of_run:
            self._of_run.epoch(record)

    def improved(self, best: Best) -> None:
        if self._of_run:
            self._of_run.improved(best)

    def could_save(self, trainer: Trainer, *, must: bool = False) -> None:
        """Where each process holds a share of the state, all bring it together; else the leading one has it all."""
        if not self._team.shares_state:
            if self._of_run:
                self._of_run.could_save(trainer, must=must)
            return
        (is_due,) = self._team.agree(bool(self._of_run and self._of_run.is_due(trainer, must=must)))
        if is_due:
            state = trainer.state()
            if self._of_run and all(bool(weight.isfinite().all()) for weight in state["model"].values()):
                self._of_run.save_state(state, trainer)

    def should_stop(self) -> Request | None:
        """The learning rate that is asked for is agreed on in the same message."""
        request = self._of_run and self._of_run.should_stop()
        waiting = self._of_run and self._of_run.waiting_lr
        asked, lr = self._team.agree(REQUESTS.index(request), waiting or 0.0)
        self._lr = lr or None
        return REQUESTS[int(asked)]

    def asked_lr(self, step: int, epoch: float) -> float | None:
        lr, self._lr = self._lr, None
        if lr is not None and self._of_run:
            self._of_run.asked_lr(step, epoch)
        return lr
