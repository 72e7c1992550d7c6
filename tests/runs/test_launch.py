"""Launching, stopping and killing with real processes; a stand-in plays the worker."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pytest

from builder.runs import control, launch
from builder.runs.processes import is_alive, start_time
from builder.runs.worker_lock import WorkerLock, serving_pid

STAND_IN = """
import os, sys, time
from builder.home import home
from builder.runs.worker_lock import WorkerLock
time.sleep(0.3)  # a worker takes its time to start
if not WorkerLock().acquire():
    sys.exit()
with open(home() / "served", "a") as file:
    file.write(f"{os.getpid()} {os.getcwd()}\\n")
time.sleep(60)
"""
TRAINER = "import subprocess, sys, time; child = subprocess.Popen(['sleep', '60']); print(child.pid, flush=True); time.sleep(60)"


def wait_for(is_true, limit_s=10):
    deadline = time.monotonic() + limit_s
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def served(home) -> list[str]:
    return (home / "served").read_text().splitlines() if (home / "served").exists() else []


@pytest.fixture
def stand_in(strata_home, monkeypatch):
    monkeypatch.setattr(launch, "WORKER", ("-c", STAND_IN))
    yield strata_home
    for line in served(strata_home):
        pid = int(line.split()[0])
        if start_time(pid) is not None:
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def trainer(store, project):
    """A run whose process leads a group of its own, with a child in it."""
    run = store.create(project)
    with subprocess.Popen(
        [sys.executable, "-c", TRAINER], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        child = int(process.stdout.readline())
        store.adopt(run.id, process.pid, start_time(process.pid))
        yield run, process, child
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def test_a_launch_queues_the_run_and_starts_a_worker(stand_in, store, project):
    run = launch.launch(project, "0123456789ab")
    assert (run.status, run.project_id, store.position(run.id)) == ("queued", "0123456789ab", 1)
    wait_for(lambda: served(stand_in))
    assert served(stand_in) == [f"{serving_pid()} {os.path.dirname(os.path.dirname(launch.builder.__file__))}"]


def test_many_launches_start_one_worker(stand_in):
    fork = multiprocessing.get_context("fork")
    launchers = [fork.Process(target=launch.ensure_worker) for _ in range(5)]
    for launcher in launchers:
        launcher.start()
    for launcher in launchers:
        launcher.join(30)
    launch.ensure_worker()
    wait_for(lambda: served(stand_in))
    launch.ensure_worker()
    time.sleep(1)  # a second worker would have shown itself
    assert len(served(stand_in)) == 1


def test_a_dead_worker_is_replaced(stand_in):
    launch.ensure_worker()
    wait_for(lambda: served(stand_in))
    os.kill(serving_pid(), signal.SIGKILL)
    wait_for(lambda: serving_pid() is None)
    launch.ensure_worker()
    wait_for(lambda: len(served(stand_in)) == 2)


def test_the_worker_outlives_a_killed_launcher(stand_in):
    code = f"import time; from builder.runs import control, launch; launch.WORKER = ('-c', {STAND_IN!r}); launch.ensure_worker(); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], start_new_session=True) as launcher:
        wait_for(lambda: served(stand_in), limit_s=30)
        os.killpg(launcher.pid, signal.SIGKILL)
    time.sleep(0.2)
    assert start_time(serving_pid()) is not None


def test_the_lock_dies_with_its_worker_though_a_forked_run_lives_on(strata_home):
    code = (
        "import os, time; from builder.runs.worker_lock import WorkerLock; assert WorkerLock().acquire()\n"
        "child = os.fork()\n"
        "if child: print(child, flush=True)\n"
        "time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as worker:
        child = int(worker.stdout.readline())
        wait_for(lambda: serving_pid() == worker.pid)
        worker.kill()
        worker.wait()
        assert start_time(child) is not None
        wait_for(lambda: serving_pid() is None)
        os.kill(child, signal.SIGKILL)


def test_only_one_worker_serves_a_home(strata_home, monkeypatch):
    monkeypatch.setattr("builder.runs.worker_lock.PATIENCE_S", 0.1)
    first, second = WorkerLock(), WorkerLock()
    assert first.acquire() is True
    assert second.acquire() is False
    first.release()
    assert second.acquire() is True
    second.release()


def test_stop_asks_and_lets_the_process_end_by_itself(store, trainer):
    run, process, _ = trainer
    control.stop(run.id)
    assert store.requested(run.id) == "stop"
    assert process.poll() is None


def test_kill_leaves_no_process_of_the_run_after_five_seconds(store, trainer):
    run, process, child = trainer
    began = time.monotonic()
    killed = launch.kill(run.id)
    wait_for(lambda: start_time(child) is None, limit_s=5)
    assert time.monotonic() - began < 5
    assert not is_alive(process.pid, run.process_start)
    assert (killed.status, killed.message) == ("stopped", "Stopped by force.")


def test_kill_spares_a_stranger_that_got_the_process_id(store, trainer):
    run, process, _ = trainer
    store.update(run.id, process_start=start_time(process.pid) - 1)
    assert launch.kill(run.id).status == "stopped"
    assert process.poll() is None


def test_kill_takes_a_process_out_of_a_group_it_does_not_lead(store, project):
    run = store.create(project)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        store.adopt(run.id, process.pid, start_time(process.pid))
        assert launch.kill(run.id).status == "stopped"
        assert process.wait(5) == -signal.SIGKILL


def test_kill_of_a_waiting_run_cancels_it(store, project):
    assert launch.kill(store.create(project).id).status == "cancelled"


def test_kill_of_a_run_that_is_still_the_workers_own_spares_the_worker(store, project, monkeypatch):
    monkeypatch.setattr(launch, "KILL_S", 0.1)
    lock = WorkerLock()
    assert lock.acquire()
    run = store.create(project)
    store.claim(os.getpid(), start_time(os.getpid()), slots=1)
    with pytest.raises(launch.RunError, match="only starting"):
        launch.kill(run.id)
    lock.release()
    assert store.get(run.id).status == "running"


def test_a_killed_run_stays_stopped_whatever_the_worker_made_of_its_death(store, trainer, monkeypatch):
    run, _, _ = trainer
    kill_process = launch._kill_process

    def kill_and_be_noticed(dying):
        kill_process(dying)
        store.reconcile()

    monkeypatch.setattr(launch, "_kill_process", kill_and_be_noticed)
    assert launch.kill(run.id).status == "stopped"
