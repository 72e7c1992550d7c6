"""F7: a stop that is asked for ends a run after its batch, with a checkpoint; a forced one leaves no process of it."""

import os
import subprocess
import sys
import threading
import time

from builder.runs import control, launch
from builder.runs.checkpoints import checkpoint_files
from builder.runs.events import EventReader
from builder.runs.folder import RunFolder
from builder.runs.processes import descendants, is_alive, start_time
from builder.runs.store import open_store
from builder.training import session
from builder.training.checkpointing import newest_start
from builder.training.watching import Watcher
from tests.faults.apart import serving
from tests.trained import carry
from tests.training.test_control import iris
from tests.waiting import wait_until

SLOW_S = 1.0


def test_a_stop_in_the_middle_of_a_slow_batch_ends_after_it_with_its_checkpoint(monkeypatch):
    asked_at = []

    def ask(run_id: str) -> None:
        asked_at.append(time.monotonic())
        control.stop(run_id)

    def watch(watcher: Watcher) -> Watcher:
        (run,) = (run for run in open_store().list() if run.status == "running")
        threading.Timer(2.5 * SLOW_S, ask, (run.id,)).start()
        return watcher

    compute = session.Trainer._train_step

    def slow(trainer, *arguments):
        time.sleep(SLOW_S)
        return compute(trainer, *arguments)

    monkeypatch.setattr(session.Trainer, "_train_step", slow)
    run = carry(iris(epochs=100), watch=watch)
    assert run.status == "stopped" and run.ended_at
    steps = EventReader(RunFolder(run.folder)).read().steps
    within = float(steps["elapsed_s"][-1]) - 2.5 * SLOW_S
    assert 0 < within < 2 * SLOW_S, "the batch under way is finished, and no other is begun"
    assert newest_start(RunFolder(run.folder)).step == len(steps)


def test_a_forced_stop_leaves_no_process_of_the_run_whatever_group_it_is_in(strata_home):
    with serving(prepare=_start_others):
        run = open_store().create(iris(epochs=100_000))
        wait_until(lambda: checkpoint_files(RunFolder(run.folder)), bool)
        run = open_store().get(run.id)
        others = {pid: start_time(pid) for pid in descendants(run.pid)}
        assert len(others) == 3
        began = time.monotonic()
        assert launch.kill(run.id).status == "stopped"
        assert time.monotonic() - began < 5
        assert not is_alive(run.pid, run.process_start)
        assert not any(is_alive(pid, started) for pid, started in others.items())


def _start_others() -> None:
    """A child, a grandchild, and a child in a session of its own that does not listen to polite signals."""
    load = session.load_examples
    sleep = "import time; time.sleep(600)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {sleep!r}])"
    deaf = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {sleep}"

    def load_with_others(*arguments, **settings):
        subprocess.Popen([sys.executable, "-c", parent])
        subprocess.Popen([sys.executable, "-c", deaf], start_new_session=True)
        wait_until(lambda: len(descendants(os.getpid())), lambda count: count == 3)
        return load(*arguments, **settings)

    session.load_examples = load_with_others
