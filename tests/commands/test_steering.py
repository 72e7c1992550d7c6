"""Steering runs from the command line: what the Train page does, a command does too."""

import argparse
import json
import signal
import subprocess

import pytest

from builder.commands.steering import pause, stop
from builder.data.templates import make_project
from builder.errors import RunError
from builder.runs.events import EventReader
from builder.runs.folder import RunFolder
from builder.runs.projects import ProjectStore
from builder.runs.store import open_store
from builder.spec.project import save_project
from builder.spec.templates import TEMPLATES
from tests.ui.states import make_run
from tests.waiting import wait_until


def iris(epochs: int):
    project = make_project(TEMPLATES["iris"])
    changed = project.training.model_copy(update={"epochs": epochs, "regularization": ()})
    return project.model_copy(update={"training": changed})


@pytest.fixture
def trained(shell, strata_home) -> str:
    save_project(iris(3), shell.folder / "project.json")
    return json.loads(shell.done("train", "project.json", "--json"))["run"]


def steps_of(run_id: str) -> list[int]:
    return EventReader(RunFolder(open_store().get(run_id).folder)).read().steps["step"].tolist()


def test_a_run_is_continued_and_forked(shell, trained):
    listed = shell.done("checkpoints", trained).splitlines()
    assert listed and all(line.startswith("step ") for line in listed) and "validation" in listed[-1]
    longer = json.loads(shell.done("continue", trained, "--epochs", "2", "--json"))
    assert longer["status"] == "finished" and longer["test"]["Accuracy"] > 0
    last = steps_of(trained)[-1]
    assert steps_of(longer["run"]) == list(range(last + 1, last // 3 * 5 + 1))
    forked = json.loads(shell.done("fork", trained, "--set", "optimizer.lr=0.0001", "--set", "epochs=4", "--json"))
    settings = RunFolder(open_store().get(forked["run"]).folder).project.training
    assert (settings.optimizer.lr, settings.epochs) == (0.0001, 4)


def test_what_makes_no_sense_is_refused_in_one_sentence(shell, trained):
    for words, says in (
        (("fork", "--set", "lr=0.1"), "lr"),
        (("fork", "--set", "optimizer.lr"), "Write it as optimizer.lr=0.01 or epochs=80"),
        (("fork", "--step", "99999"), "has no checkpoint of step 99999"),
        (("fork",), "Set more epochs, or take an earlier checkpoint"),
        (("resume",), "is finished: there is nothing to resume"),
        (("pause",), "has ended already: finished"),
    ):
        assert says in shell.refused(words[0], trained, *words[1:])


def test_a_run_is_paused_and_resumed(shell, strata_home):
    save_project(iris(100_000), shell.folder / "project.json")
    command = shell.command("train", "project.json")
    with subprocess.Popen(command, cwd=shell.folder, env=shell.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # fmt: skip
        run_id = process.stdout.readline().split()[1]
        wait_until(lambda: len(steps_of(run_id)), lambda count: count > 20)
        assert "learns at 0.0007 from its next step on" in shell.done("set-lr", run_id, "0.0007")
        assert "pauses after its current batch" in shell.done("pause", run_id)
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0 and "Paused in epoch" in said
    assert open_store().get(run_id).status == "paused"
    done = len(steps_of(run_id))
    with subprocess.Popen(shell.command("resume", run_id), cwd=shell.folder, env=shell.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # fmt: skip
        process.stdout.readline()
        wait_until(lambda: len(steps_of(run_id)), lambda count: count > done + 20)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert steps_of(run_id) == list(range(1, len(steps_of(run_id)) + 1))
    assert open_store().get(run_id).status == "stopped"
    assert shell.done("discard", run_id) == f"Run {run_id} is discarded.\n"


def test_a_paused_run_that_is_stopped_is_said_to_be_measured(strata_home, monkeypatch, capsys):
    monkeypatch.setattr("builder.runs.launch._spawn_worker", lambda: None)
    run = make_run(ProjectStore().create(iris(3)), "paused", 2)
    stop(argparse.Namespace(run=run.id))
    assert capsys.readouterr().out == f"Run {run.id} goes on only to measure and export its best weights.\n"


@pytest.mark.parametrize("phase", ["evaluating", "exporting"])
def test_a_training_that_is_over_is_not_paused(strata_home, phase):
    run = make_run(ProjectStore().create(iris(3)), "running", 3)
    open_store().update(run.id, phase=phase)
    with pytest.raises(RunError, match=f"The training of run {run.id} is over"):
        pause(argparse.Namespace(run=run.id))
    assert open_store().get(run.id).request is None
