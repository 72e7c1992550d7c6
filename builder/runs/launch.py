"""Starts and stops runs: a launch only queues, the worker, a process that outlives this one, trains."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import builder
from builder.errors import RunError
from builder.home import home
from builder.runs.database import store_url
from builder.runs.folder import RunFolder
from builder.runs.heartbeat import is_beating
from builder.runs.processes import descendants, is_alive, start_time
from builder.runs.run import Run
from builder.runs.scale import ONE_PROCESS, Scale, require_scalable, write_scale
from builder.runs.store import RunStore, open_store
from builder.runs.worker_lock import serving_pid
from builder.spec.project import Project

WORKER = ("-m", "builder.training.worker", "--serve")
# Keeps the allocator from giving pages back at every step: page faults cost a convolution a third of its time.
ALLOCATOR = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "100000000000"}
# Threads that wait for work look out for it for some microseconds, then sleep: spinning on slows a training
# tenfold on a machine that has other work, and sleeping at once costs a small step a third.
THREADS = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "400"}
KILL_S = 5.0


def launch(
    project: Project, project_id: str | None = None, base: Path | None = None, scale: Scale = ONE_PROCESS
) -> Run:
    """Queues the project and returns at once; a relative path to its data starts at `base`.

    Raises: RunError if it cannot train on so many processes.
    """
    require_scalable(project, scale)
    run = open_store().create(project, project_id, base, prepare=partial(write_scale, scale=scale))
    ensure_worker()
    return run


def ensure_worker() -> None:
    """Starts the worker unless one serves this home, or is just starting."""
    with open(home() / "worker.starting", "a+") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        starting.seek(0)
        pid, _, process_start = starting.read().partition(" ")
        if (pid and is_alive(int(pid), float(process_start or "nan"))) or serving_pid() is not None:
            return
        worker = _spawn_worker()
        starting.truncate(0)
        starting.write(f"{worker} {start_time(worker)!r}")


def forget_start() -> None:
    """Called by the worker once it holds the lock: from then on the lock alone says that it serves."""
    with open(home() / "worker.starting", "a+") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        starting.truncate(0)


def _spawn_worker() -> int:
    places = {"STRATA_HOME": str(home()), "STRATA_STORE_URL": store_url().render_as_string(hide_password=False)}
    with open(home() / "worker.log", "ab") as log:
        worker = subprocess.Popen(
            [sys.executable, *WORKER],
            cwd=Path(builder.__file__).parent.parent, env={**ALLOCATOR, **THREADS, **os.environ, **places},
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    threading.Thread(target=worker.wait, daemon=True).start()  # leaves no zombie when it ends
    return worker.pid


def kill(run_id: str) -> Run:
    """Ends the run's process by force. Raises: RunError if it lives on after 5 seconds."""
    store = open_store()
    run = store.request(run_id, "stop")
    if run.pid is None and is_beating(RunFolder(run.folder)):
        raise RunError(f"Run {run.id} trains on other machines; it was asked to stop. End it by force there.")
    if run.is_active:
        run = _with_process_of_its_own(store, run)
        _kill_process(run)
        # The worker may have noticed the death first and called it something else.
        if store.get(run.id).status in ("running", "interrupted"):
            store.update(run.id, status="stopped", phase="", message="Stopped by force.")
    return store.get(run.id)


def _with_process_of_its_own(store: RunStore, run: Run) -> Run:
    """A run just claimed may still belong to the worker itself, which must not be killed for it."""
    deadline = time.monotonic() + KILL_S
    while run.is_active and run.pid == serving_pid():
        if time.monotonic() > deadline:
            raise RunError(f"Run {run.id} is only starting and cannot be stopped by force yet. Try again.")
        time.sleep(0.05)
        run = store.get(run.id)
    return run


def _kill_process(run: Run) -> None:
    """With all that it has started: loaders, other ranks."""
    if not is_alive(run.pid, run.process_start):
        return
    processes = {pid: start_time(pid) for pid in (run.pid, *descendants(run.pid))}
    with contextlib.suppress(ProcessLookupError):  # it ended by itself just now
        if os.getpgid(run.pid) == run.pid:
            os.killpg(run.pid, signal.SIGKILL)
    for pid in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + KILL_S
    while left := [pid for pid, started in processes.items() if is_alive(pid, started)]:
        if time.monotonic() > deadline:
            raise RunError(f"Process {left[0]} of run {run.id} does not end. Restart the machine if it has to.")
        time.sleep(0.02)
