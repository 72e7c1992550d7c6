"""The worker program: `--serve` carries out queued runs and asks, each in a warm process of its own; `RUN_DIR` one run,
under torchrun as one of its processes.

It outlives the app: whoever closes the browser or the server loses nothing.
"""

import argparse
import contextlib
import multiprocessing
import os
import signal
import sys
import time
import traceback
from dataclasses import replace
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from builder.errors import RunError
from builder.runs import ask_queue, torchrun
from builder.runs.disk import DiskFull, is_disk_full
from builder.runs.folder import RunFolder
from builder.runs.last_words import STORE_FULL, last_words
from builder.runs.launch import ensure_worker, forget_start
from builder.runs.memory import oom_kills
from builder.runs.processes import start_time
from builder.runs.run import run_path
from builder.runs.scale import scale_of
from builder.runs.store import RunStore, open_store
from builder.runs.worker_lock import WorkerLock
from builder.training.ask_desk import AskDesk

LOOK_EVERY_S = 0.1
RECONCILE_EVERY_S = 5.0
TRY_AGAIN_S = 2.0
IDLE_S = 15 * 60
PRELOAD = ["builder.training.warm", "builder.training.asks"]
WARMING = ""
Children = dict[str, multiprocessing.process.BaseProcess]
"""Processes by the run they carry out; one warms up."""


def serve() -> None:
    """Claims runs and asks until there were none for 15 minutes; does nothing if another worker serves this home."""
    lock = WorkerLock()
    if not lock.acquire():
        return
    forget_start()
    context, cold = multiprocessing.get_context("forkserver"), multiprocessing.get_context("spawn")
    context.set_forkserver_preload(PRELOAD)
    store, slots, desk, is_warm = open_store(), slot_count(), AskDesk(context), False
    store.reconcile()  # runs of a worker or a machine that is gone
    children, kills, kills_since = Children(), oom_kills(), oom_kills()
    busy_at = looked_at = time.monotonic()
    while time.monotonic() - busy_at < IDLE_S:
        try:
            children = _still_alive(children, store, kills)
            desk.look()
            run = store.claim(os.getpid(), start_time(os.getpid()), slots)
            if time.monotonic() - looked_at >= RECONCILE_EVERY_S:
                store.reconcile()
                ask_queue.reconcile()
                looked_at, kills, kills_since = time.monotonic(), kills_since, oom_kills()
        except (SQLAlchemyError, OSError, DiskFull):  # a locked store, a full disk: the queue must not end with it
            with contextlib.suppress(OSError):  # the log may be on the full disk, too
                traceback.print_exc()
            time.sleep(TRY_AGAIN_S)
            continue
        if run is not None:  # one that waited for the worker does not wait for all that later ones find loaded, too
            children[run.id] = _start(context if is_warm else cold, train_queued, run.id)
        elif not children and not is_warm:
            children[WARMING], is_warm = _start(context, warm_up), True
        if children or desk.is_busy:
            busy_at = time.monotonic()
        time.sleep(LOOK_EVERY_S)
    lock.release()
    # What was asked for in the instant before the lock was free:
    if ask_queue.is_waiting() or any(run.status == "queued" for run in store.list()):
        ensure_worker()


def _still_alive(children: Children, store: RunStore, kills: int | None) -> Children:
    """The children that go on; of a run that its child left unfinished it is told why, as far as that can be seen."""
    alive = {run_id: child for run_id, child in children.items() if child.is_alive()}
    for run_id in children.keys() - alive.keys():
        child = children[run_id]
        # Not if the run waits again, or another process has it.
        store.tell_end(run_id, *last_words(child.exitcode, kills, oom_kills()), pids=(child.pid, os.getpid()))
    return alive


def slot_count() -> int:
    """Runs that may train at once: `STRATA_SLOTS`; 1 if it is not set or no whole number."""
    text = os.environ.get("STRATA_SLOTS", "")
    return max(1, int(text)) if text.isdecimal() else 1


def _start(context: multiprocessing.context.BaseContext, target, *arguments) -> multiprocessing.process.BaseProcess:
    child = context.Process(target=target, args=arguments)
    child.start()
    return child


def warm_up() -> None:
    """Starting any child makes the fork server import torch; this one says what the machine has."""
    from builder.training.devices import note_this_machine

    note_this_machine()


def train_queued(run_id: str) -> None:
    """Carries out a claimed run in this process, its output in the run's log."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.setsid()  # a group of its own, so that it can be ended with all it started
    try:
        _log_to(RunFolder(run_path(run_id)).log)
        train_run(run_id)
    except (DiskFull, OSError) as error:
        if not is_disk_full(error):
            raise
        os._exit(STORE_FULL)  # at once: even a word on stderr would need room


def become_several(folder: RunFolder) -> None:
    """Turns this process, which the run belongs to, into torchrun, if the run trains on several; else comes back."""
    scale = replace(scale_of(folder), nodes=1)
    if scale.processes > 1:
        os.chdir(torchrun.root())
        os.execve(sys.executable, torchrun.here(folder, scale), os.environ | torchrun.ENVIRONMENT)


def train_run(run_id: str) -> None:
    from builder.export.finish import export_run  # torch: only in a run's own process
    from builder.training.session import carry_out

    store = open_store()
    if store.adopt(run_id, os.getpid(), start_time(os.getpid())):
        become_several(RunFolder(run_path(run_id)))
        carry_out(store, store.get(run_id), finish=export_run)


def train_folder(folder: Path) -> None:
    """Carries out the run of this folder here; says why if it cannot."""
    try:
        run = open_store().get(folder.name)
        if run.folder != folder or not run.is_active:
            raise RunError(f"{folder} is not a run that waits: its status is {run.status}. Launch the project again.")
    except RunError as error:
        sys.exit(str(error))
    train_run(run.id)


def _log_to(path: Path) -> None:
    with open(path, "ab") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m builder.training.worker", description=__doc__)
    parser.add_argument("run_dir", nargs="?", type=Path, help="folder of one run to carry out here")
    parser.add_argument("--serve", action="store_true", help="carry out queued runs until there is nothing to do")
    arguments = parser.parse_args()
    if arguments.serve:
        serve()
    elif arguments.run_dir and "TORCHELASTIC_RUN_ID" in os.environ:
        from builder.training.rank_program import train_as_rank  # torch: only in a run's own process

        train_as_rank(arguments.run_dir.resolve())
    elif arguments.run_dir:
        train_folder(arguments.run_dir.resolve())
    else:
        parser.error("give --serve or a run's folder")


if __name__ == "__main__":
    main()
