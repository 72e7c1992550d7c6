"""Carries a run out on several processes of this machine, with its progress on the terminal."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from builder.commands.progress import ProgressWatcher
from builder.runs import control, torchrun
from builder.runs.events import EventReader
from builder.runs.folder import RunFolder
from builder.runs.launch import ALLOCATOR, THREADS
from builder.runs.processes import start_time
from builder.runs.run import Run
from builder.runs.scale import Scale, scale_of
from builder.runs.store import INTERRUPTED, open_store
from builder.training.watching import Watcher

LOOK_S = 0.2


def carry_out_several(run: Run) -> Run:
    """The run, so far this process's own, after its end. Ctrl+C ends it after the current batch, a second one at once."""
    store, folder = open_store(), RunFolder(run.folder)
    scale = Scale(scale_of(folder).processes)
    with open(folder.log, "ab") as log:
        processes = subprocess.Popen(
            torchrun.here(folder, scale), cwd=torchrun.root(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={**ALLOCATOR, **THREADS, **os.environ, **torchrun.ENVIRONMENT}, start_new_session=True,
        )  # fmt: skip
    store.adopt(run.id, processes.pid, start_time(processes.pid))
    with _ended_by_interrupt(run, processes):
        _show(folder, processes)
    store.end(run.id, "interrupted", INTERRUPTED, processes.pid)  # unless it came to an end
    return store.get(run.id)


@contextmanager
def _ended_by_interrupt(run: Run, processes: subprocess.Popen) -> Iterator[None]:
    def stop(*_) -> None:
        control.stop(run.id)
        signal.signal(signal.SIGINT, lambda *_: os.killpg(processes.pid, signal.SIGKILL))

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _show(folder: RunFolder, processes: subprocess.Popen) -> None:
    """The progress of a training that goes on in other processes."""
    reader, epochs = EventReader(folder), folder.project.training.epochs
    progress, shown, told = ProgressWatcher(Watcher(), epochs, threading.Event()), 0, 0
    while processes.poll() is None:
        time.sleep(LOOK_S)
        events = reader.read()
        if len(events.steps) > shown:
            last = events.steps[-1]
            progress.step(int(last["step"]), float(last["epoch"]), float(last["loss"]), float(last["elapsed_s"]))
        shown = len(events.steps)
        for record in events.epochs[told:]:
            progress.epoch(record)
        told = len(events.epochs)
    progress.close()
