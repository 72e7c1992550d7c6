"""What `python -m builder doctor` says of a run."""

import json

import pytest

from builder.commands.doctor import WELL
from builder.spec.project import load_project
from tests.commands.shell import Shell


@pytest.fixture(scope="module")
def shell(tmp_path_factory) -> Shell:
    folder = tmp_path_factory.mktemp("doctor")
    shell = Shell(folder / "home", folder)
    shell.done("new", "--template", "iris", "-o", "project.json")
    return shell


def trained(shell: Shell, lr: float) -> str:
    optimizer = json.loads((shell.folder / "project.json").read_text())["training"]["optimizer"]
    shell.change("project.json", epochs=30, optimizer=optimizer | {"lr": lr})
    return json.loads(shell.done("train", "project.json", "--json").splitlines()[-1])["run"]


def test_a_sick_run_is_told_its_illness_and_mended_in_a_project_file(shell):
    run = trained(shell, 1e-6)
    said = shell.done("doctor", run, "--mend", "mended.json")
    assert said.startswith("Learning rate too low: ") and "  - Set the learning rate to 0.001\n" in said
    assert load_project(shell.folder / "mended.json").training.optimizer.lr == 0.001
    (finding,) = json.loads(shell.done("doctor", run, "--json"))
    assert finding["kind"] == "lr_too_low" and finding["fixes"] == ["Set the learning rate to 0.001"]


def test_a_healthy_run_is_said_to_be_well_and_has_nothing_to_mend(shell):
    run = trained(shell, 0.005)
    assert shell.done("doctor", run).strip() == WELL
    assert shell.refused("doctor", run, "--mend", "none.json") == "There is no fix to make; no project was written."
    assert not (shell.folder / "none.json").exists()
