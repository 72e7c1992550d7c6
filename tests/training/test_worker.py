"""The worker as a program of its own: the queue, kills, stops, and whoever launched it gone."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Linear
from builder.data.propose import propose
from builder.runs import control, launch
from builder.runs.checkpoints import checkpoints
from builder.runs.events import EventReader
from builder.runs.folder import RunFolder
from builder.runs.processes import is_alive
from builder.runs.run import Run
from builder.runs.store import open_store
from builder.runs.worker_lock import serving_pid
from builder.spec.project import Project, save_project
from builder.spec.sources import SampleSource
from builder.spec.templates import stack
from builder.spec.training import TrainingSpec
from tests.processes import kill_processes_of

ENDLESS = 100_000
LAUNCHER = """
import sys
from pathlib import Path
from builder.runs.launch import launch
from builder.spec.project import load_project
print(launch(load_project(Path(sys.argv[1]))).id)
"""


@pytest.fixture(scope="module")
def served_home(tmp_path_factory) -> Iterator[Path]:
    """A home that one worker serves for all tests of this file: it takes seconds to start."""
    home = tmp_path_factory.mktemp("home")
    yield home
    kill_processes_of(home)


@pytest.fixture(autouse=True)
def _here(served_home, monkeypatch):
    monkeypatch.setenv("STRATA_HOME", str(served_home))
    yield
    for run in open_store().list():
        if run.is_active:
            launch.kill(run.id)


def iris(epochs: int) -> Project:
    model = stack(Linear(out_features=4, activation=ReLU()), Linear())
    settings = TrainingSpec(loss={"kind": "CrossEntropy"}, epochs=epochs, batch_size=16)
    return Project(name="Iris", data=propose(SampleSource(name="iris")), model=model, training=settings)


def wait_for(run: Run, is_true: Callable[[Run], bool], limit_s: float = 120) -> Run:
    deadline = time.monotonic() + limit_s
    while not is_true(run := open_store().get(run.id)):
        assert time.monotonic() < deadline, run
        time.sleep(0.05)
    return run


def trains(run: Run) -> bool:
    assert run.is_active, run.message
    return len(EventReader(RunFolder(run.folder)).read().steps) > 0


def is_saved(run: Run) -> bool:
    assert run.is_active, run.message
    return len(checkpoints(RunFolder(run.folder))) > 1


def steps_of(run: Run) -> list[int]:
    return EventReader(RunFolder(run.folder)).read().steps["step"].tolist()


def test_a_run_trains_on_after_the_process_that_launched_it_is_gone(tmp_path):
    save_project(iris(3), tmp_path / "project.json")
    command = [sys.executable, "-c", LAUNCHER, str(tmp_path / "project.json")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    run = wait_for(open_store().get(printed.strip()), lambda run: not run.is_active)
    assert run.status == "finished", run.message
    folder = RunFolder(run.folder)
    assert folder.weights.exists() and folder.evaluation.exists() and folder.onnx.exists()


def test_two_runs_with_one_slot_go_one_after_the_other():
    first, second = launch.launch(iris(30)), launch.launch(iris(3))
    wait_for(first, lambda run: run.status == "running")
    assert open_store().get(second.id).status == "queued" and open_store().position(second.id) == 1
    first, second = (wait_for(run, lambda run: not run.is_active) for run in (first, second))
    assert (first.status, second.status) == ("finished", "finished")
    assert first.ended_at <= second.started_at and first.pid != second.pid


def test_a_stop_while_it_waits_cancels_a_run():
    running, waiting = launch.launch(iris(ENDLESS)), launch.launch(iris(3))
    wait_for(running, trains)
    assert control.stop(waiting.id).status == "cancelled"
    assert not (RunFolder(waiting.folder).steps).exists() and open_store().get(running.id).status == "running"


def test_a_stop_keeps_evaluates_and_exports_the_best_weights():
    run = wait_for(launch.launch(iris(ENDLESS)), trains)
    control.stop(run.id)
    run = wait_for(run, lambda run: not run.is_active)
    folder = RunFolder(run.folder)
    assert run.status == "stopped" and folder.weights.exists() and folder.evaluation.exists() and folder.onnx.exists()


def test_a_killed_run_is_interrupted_and_the_next_one_starts():
    run = wait_for(launch.launch(iris(ENDLESS)), trains)
    waiting = launch.launch(iris(3))
    os.kill(run.pid, signal.SIGKILL)
    run = wait_for(run, lambda run: not run.is_active, limit_s=15)
    assert run.status == "interrupted" and "was killed" in run.message
    assert wait_for(waiting, lambda run: not run.is_active).status == "finished"


def test_a_killed_run_is_interrupted_while_no_other_waits():
    run = wait_for(launch.launch(iris(ENDLESS)), trains)
    os.kill(run.pid, signal.SIGKILL)
    assert wait_for(run, lambda run: not run.is_active, limit_s=15).status == "interrupted"


def test_a_killed_run_is_resumed_where_it_was_saved():
    run = wait_for(launch.launch(iris(ENDLESS)), is_saved)
    os.kill(run.pid, signal.SIGKILL)
    wait_for(run, lambda run: not run.is_active, limit_s=15)
    done = len(steps_of(run))
    control.resume(run.id)
    wait_for(run, lambda run: len(steps_of(run)) > done + 20)
    control.stop(run.id)
    run = wait_for(run, lambda run: not run.is_active)
    assert run.status == "stopped" and steps_of(run) == list(range(1, len(steps_of(run)) + 1))


def test_a_paused_run_leaves_its_place_to_the_next():
    run = wait_for(launch.launch(iris(ENDLESS)), trains)
    waiting = launch.launch(iris(3))
    control.pause(run.id)
    assert wait_for(waiting, lambda run: not run.is_active).status == "finished"
    run = open_store().get(run.id)
    assert run.status == "paused" and not is_alive(run.pid, run.process_start)


def test_a_forced_stop_leaves_no_process():
    run = wait_for(launch.launch(iris(ENDLESS)), trains)
    began = time.monotonic()
    assert launch.kill(run.id).status == "stopped"
    assert not is_alive(run.pid, run.process_start) and time.monotonic() - began < 5


def test_a_killed_worker_is_replaced_at_the_next_launch():
    run = wait_for(launch.launch(iris(ENDLESS)), trains)
    os.kill(serving_pid(), signal.SIGKILL)
    time.sleep(0.2)
    assert is_alive(run.pid, run.process_start)  # the run goes on without the worker
    waiting = launch.launch(iris(3))
    control.stop(run.id)
    assert wait_for(run, lambda run: not run.is_active).status == "stopped"
    assert wait_for(waiting, lambda run: not run.is_active).status == "finished"
