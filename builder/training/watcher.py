"""Writes what happens in a training to the run's folder, and listens for a stop."""

import json
import time

from safetensors.torch import save

from builder.files import write_atomically
from builder.runs.events import EventWriter
from builder.runs.folder import RunFolder
from builder.runs.store import RunStore
from builder.training.best import Best

ASK_EVERY_S = 0.2
SAVE_EVERY_S = 2.0


class RunWatcher:
    """Asks the store for a stop, and saves improved weights, only so often: both cost more than a small step."""

    def __init__(self, store: RunStore, run_id: str, folder: RunFolder, events: EventWriter):
        self._store, self._run_id, self._folder, self._events = store, run_id, folder, events
        self._asked_at = self._saved_at = time.monotonic()
        self._stop = False
        self._unsaved: Best | None = None

    def step(self, step: int, epoch: float, loss: float, elapsed_s: float) -> None:
        self._events.step(step, epoch, loss, elapsed_s)
        if self._unsaved is not None:
            self._save_if_due()

    def epoch(self, record: dict) -> None:
        self._events.epoch(record)
        self._save_if_due()

    def improved(self, best: Best) -> None:
        self._unsaved = best

    def _save_if_due(self) -> None:
        if time.monotonic() - self._saved_at >= SAVE_EVERY_S:
            self.save()

    def should_stop(self) -> bool:
        now = time.monotonic()
        if not self._stop and now - self._asked_at >= ASK_EVERY_S:
            self._asked_at = now
            self._stop = self._store.requested(self._run_id) == "stop"
        return self._stop

    def save(self) -> None:
        """Writes the best weights so far, if they are not on disk yet."""
        if self._unsaved is not None:
            best = {"epoch": self._unsaved.kept_epoch, self._unsaved.metric: self._unsaved.kept_value}
            metadata = {"best": json.dumps(best)}  # one key: safetensors writes several in any order
            write_atomically(self._folder.weights, save(contiguous(self._unsaved.state), metadata))
            self._unsaved, self._saved_at = None, time.monotonic()


def contiguous(state: dict) -> dict:
    """safetensors takes plain memory order only, channels_last is not."""
    return {name: tensor.contiguous() for name, tensor in state.items()}
