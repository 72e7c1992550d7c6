"""A run on several processes of this machine, as the app and the commands start it."""

import os
import signal
import subprocess
import sys

import pytest

from builder.runs import control, launch, torchrun
from builder.runs.folder import RunFolder
from builder.runs.processes import is_alive, start_time
from builder.runs.scale import Scale, write_scale
from builder.runs.store import open_store
from builder.training.worker import become_several
from tests.distributed.endless import STEPS, losses_of, losses_of_one_process, project, ranks_of, steps_of
from tests.processes import kill_processes_of
from tests.trained import carry_on
from tests.waiting import wait_until

EPOCHS = 600


@pytest.fixture(autouse=True)
def _nothing_left(strata_home):
    yield
    kill_processes_of(strata_home)


def start(epochs: int):
    """As the worker does: a process that a run belongs to turns into torchrun."""
    store = open_store()
    run = store.create(project(epochs), prepare=lambda folder: write_scale(folder, Scale(2)))
    words = [sys.executable, "-m", "builder.training.worker", str(run.folder)]
    with open(RunFolder(run.folder).log, "ab") as log:
        return run, subprocess.Popen(words, cwd=torchrun.root(), stdout=log, stderr=log, start_new_session=True)


def test_a_killed_process_a_pause_and_one_process_that_goes_on_leave_the_series_of_one_process():
    run, process = start(EPOCHS)
    seen = len(wait_until(lambda: steps_of(run), lambda steps: len(steps) > 20))
    assert open_store().get(run.id).pid == process.pid
    os.kill(ranks_of(process.pid)[1], signal.SIGKILL)
    wait_until(lambda: steps_of(run), lambda steps: len(steps) > seen + 100, limit_s=60)
    control.pause(run.id)
    assert process.wait(60) == 0 and open_store().get(run.id).status == "paused"
    done = len(steps_of(run))
    assert seen < done < EPOCHS * STEPS
    open_store().queue_again(run.id, None)
    assert carry_on(run).status == "finished"
    assert steps_of(run) == list(range(1, EPOCHS * STEPS + 1))
    assert losses_of(run) == pytest.approx(losses_of_one_process(EPOCHS), rel=1e-5)


def test_a_run_that_is_ended_by_force_leaves_none_of_its_processes():
    run, process = start(100_000)
    wait_until(lambda: steps_of(run), lambda steps: len(steps) > 10)
    ranks = [(pid, start_time(pid)) for pid in ranks_of(process.pid)]
    assert len(ranks) == 2 and launch.kill(run.id).status == "stopped"
    process.wait(5)
    wait_until(lambda: [rank for rank in ranks if is_alive(*rank)], lambda alive: not alive, limit_s=5)


def test_one_process_stays_what_it_is(tmp_path):
    become_several(RunFolder(tmp_path))
    assert os.getpid()
