"""Carries out one run and kills its own process at a chosen place: `python -m tests.training.killed_run ORDER`.

What Python does there is counted, calls and returns, of C functions too: so any point can be hit again.
"""

import functools
import itertools
import json
import math
import os
import signal
import sys
import time
from collections.abc import Callable

from builder import files
from builder.runs import events
from builder.runs.events import EventWriter
from builder.runs.processes import start_time
from builder.runs.store import open_store
from builder.training import recorded, strides
from builder.training.checkpointing import CheckpointWriter
from builder.training.gradients import GradientSource
from builder.training.loop import Trainer
from builder.training.session import carry_out
from builder.training.strides import Strides
from builder.training.watcher import RunWatcher

ANYWHERE, IN_A_FILE = "anywhere", "while a file is written"
PLACES = {
    "in a step": ((GradientSource, "compute"), (Strides, "take")),
    "while a checkpoint is made": ((CheckpointWriter, "save"),),
    "while weights or events are kept": ((RunWatcher, "save"), (EventWriter, "flush"), (EventWriter, "epoch")),
    "while the model is measured": ((Trainer, "evaluate"),),
}
"""Methods by what they do."""


class Killer:
    """A profiler that counts by place, and kills the process after so many of one."""

    def __init__(self, place: str | None, after: int):
        self._pid, self._place, self._after = os.getpid(), place, after
        self._count, self._due = 0, after if place == ANYWHERE else math.inf
        self._counts = dict.fromkeys((IN_A_FILE, *PLACES), 0)

    def __call__(self, *_: object) -> None:
        self._count += 1
        if self._count >= self._due and os.getpid() == self._pid:
            os.kill(self._pid, signal.SIGKILL)

    @property
    def counts(self) -> dict[str, int]:
        return self._counts | {ANYWHERE: self._count}

    def inside(self, place: str, function: Callable) -> Callable:
        """The function, counted as this place."""

        @functools.wraps(function)
        def counted(*arguments, **named):
            began = self._count
            if place == self._place:
                self._due = began + self._after - self._counts[place]
            try:
                return function(*arguments, **named)
            finally:
                self._counts[place] += self._count - began
                if place == self._place:
                    self._due = math.inf

        return counted

    def look_at_places(self) -> None:
        for place, methods in PLACES.items():
            for owner, name in methods:
                setattr(owner, name, self.inside(place, getattr(owner, name)))
        plain = files.write_atomically
        for module in tuple(sys.modules.values()):
            if vars(module).get("write_atomically") is plain:
                module.write_atomically = self.inside(IN_A_FILE, plain)


def main(order: dict) -> None:
    """Prints the run's counts, unless it is killed."""
    saves, killer = itertools.count(1), Killer(order["place"], order["after"])
    CheckpointWriter.is_due = lambda self, *, is_best: next(saves) % order["save_every"] == 0
    events.FLUSH_S = order["flush_s"]
    recorded.AFTER_BATCHES, strides.AFTER_STEPS, strides.LONGEST_STEP_S = (2, 1, 60.0) if order["hurries"] else (10**9, 0, 0.0)  # fmt: skip
    os.environ["STRATA_TABLE_MB"] = "0" if order["from_disk"] else "256"
    os.fsync = lambda _: None  # a killed process leaves what it wrote to the system, which goes on
    killer.look_at_places()

    def watch(watcher):
        sys.setprofile(killer if order["counts"] else None)
        return watcher

    store = open_store()
    assert store.adopt(order["run"], os.getpid(), start_time(os.getpid()))
    if order["within_s"] is not None:
        _kill_within(order["within_s"])
    began = time.monotonic()
    run = carry_out(store, store.get(order["run"]), watch=watch)
    sys.setprofile(None)
    print(json.dumps({"status": run.status, "message": run.message, "took_s": time.monotonic() - began, "counts": killer.counts}))  # fmt: skip


def _kill_within(seconds: float) -> None:
    """By a process that knows nothing of what this one does."""
    trainer = os.getpid()
    if not os.fork():
        time.sleep(seconds)
        if os.getppid() == trainer:
            os.kill(trainer, signal.SIGKILL)
        os._exit(0)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
