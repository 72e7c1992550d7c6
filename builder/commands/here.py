"""Carries a run out here and now, with its progress on the terminal."""

import signal
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.runs.scale import scale_of
from builder.runs.store import open_store

if TYPE_CHECKING:
    from builder.training.watching import Watcher


def carry_out_here(begin: Callable[[], Run], *, tell: bool) -> Run:
    """The run that `begin` gives, which is this process's own, after its end.

    Ctrl+C ends it after the current batch and keeps the best weights, a second one ends it at once.
    """
    run = begin()
    if tell:
        print(f"Run {run.id} trains; `python -m builder stop {run.id}` ends it and keeps its best weights.", flush=True)
    if scale_of(RunFolder(run.folder)).processes > 1:
        from builder.commands.several import carry_out_several

        return carry_out_several(run)
    from builder.commands.progress import ProgressWatcher
    from builder.training.session import carry_out

    interrupt, watchers = threading.Event(), []

    def watch(watcher: "Watcher") -> "Watcher":
        watchers.append(ProgressWatcher(watcher, epochs, interrupt))
        return watchers[0]

    def stop(*_) -> None:
        interrupt.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    epochs = RunFolder(run.folder).project.training.epochs
    before = signal.signal(signal.SIGINT, stop)
    try:
        return carry_out(open_store(), run, watch=watch, reraise=True)
    finally:
        signal.signal(signal.SIGINT, before)
        for watcher in watchers:
            watcher.close()
