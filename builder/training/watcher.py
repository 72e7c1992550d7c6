"""Writes what happens in a training to the run's folder, and listens to what is asked of it."""

import json
import time
from typing import Any

from safetensors.torch import save

from builder.files import write_atomically
from builder.runs.changes import Change, ask_lr, record, take_asked
from builder.runs.events import EventWriter
from builder.runs.folder import RunFolder
from builder.runs.run import Request
from builder.runs.store import RunStore
from builder.training.best import Best
from builder.training.checkpointing import CheckpointWriter
from builder.training.loop import Trainer
from builder.training.strides import STEPS
from builder.training.watching import Watcher

ASK_EVERY_S = 0.2
SAVE_EVERY_S = 2.0


class RunWatcher(Watcher):
    """Looks at what is asked, and saves, only so often: both cost more than a small step."""

    steps_at_once = STEPS

    def __init__(self, store: RunStore, run_id: str, folder: RunFolder, events: EventWriter):
        self._store, self._run_id, self._folder, self._events = store, run_id, folder, events
        self._checkpoints = CheckpointWriter(folder)
        self._saved_at, self._asked_at = time.monotonic(), 0.0
        self._saved_step = -1
        self._request: Request | None = None
        self._lr: float | None = None
        self._unsaved: Best | None = None

    def measured(self, figures: dict[str, float]) -> None:
        self._events.measured(figures)

    def step(self, step: int, epoch: float, loss: float, elapsed_s: float) -> None:
        self._events.step(step, epoch, loss, elapsed_s)
        if self._unsaved is not None:
            self._save_if_due()

    def epoch(self, record: dict[str, Any]) -> None:
        self._events.epoch(record)
        self._save_if_due()

    def improved(self, best: Best) -> None:
        self._unsaved = best

    def could_save(self, trainer: Trainer, *, must: bool = False) -> None:
        """What cannot be gone on from, weights that are no longer numbers, is not saved."""
        if self.is_due(trainer, must=must) and _is_finite(trainer):
            self.save_state(trainer.state(), trainer)

    def is_due(self, trainer: Trainer, *, must: bool) -> bool:
        due = must or self._checkpoints.is_due(is_best=trainer.position.is_best)
        return due and trainer.position.step != self._saved_step

    def save_state(self, state: dict[str, Any], trainer: Trainer) -> None:
        self._events.flush()  # a checkpoint never knows of a step that the events do not
        self._checkpoints.save(state, _about(trainer))
        self._saved_step = trainer.position.step

    def should_stop(self) -> Request | None:
        now = time.monotonic()
        if not self._request and now - self._asked_at >= ASK_EVERY_S:
            self._asked_at = now
            self._request = self._store.requested(self._run_id)
            self._look_for_lr()
        return self._request

    def _look_for_lr(self) -> None:
        """One that no step has taken on yet waits on, in its file if this process ends before."""
        if not self._request:
            self._lr = take_asked(self._folder) or self._lr
        elif self._lr is not None:
            ask_lr(self._folder, self._lr)

    @property
    def waiting_lr(self) -> float | None:
        """One that the next step shall take on."""
        return None if self._request else self._lr

    def asked_lr(self, step: int, epoch: float) -> float | None:
        lr, self._lr = self._lr, None
        if lr is not None:
            record(self._folder, Change(step, epoch, lr))
        return lr

    def _save_if_due(self) -> None:
        if time.monotonic() - self._saved_at >= SAVE_EVERY_S:
            self.save()

    def save(self) -> None:
        """Writes the best weights so far, if they are not on disk yet."""
        if self._unsaved is not None:
            best = {"epoch": self._unsaved.kept_epoch, self._unsaved.metric: self._unsaved.kept_value}
            metadata = {"best": json.dumps(best)}  # one key: safetensors writes several in any order
            write_atomically(self._folder.weights, save(contiguous(self._unsaved.state), metadata))
            self._unsaved, self._saved_at = None, time.monotonic()


def contiguous(state: dict) -> dict:
    """safetensors takes plain memory order only, channels_last is not; and nobody shall need a card to read them."""
    return {name: tensor.cpu().contiguous() for name, tensor in state.items()}


def _is_finite(trainer: Trainer) -> bool:
    return all(weight.isfinite().all() for weight in trainer.model.parameters())


def _about(trainer: Trainer) -> dict[str, Any]:
    position = trainer.position
    return {
        "step": position.step, "epoch": trainer.progress, "figure": position.figure, "metric": trainer.best.metric,
        "is_best": position.is_best, "elapsed_s": trainer.elapsed_s,
    }  # fmt: skip
