"""0 done, 1 the input is at fault (one sentence), 2 wrong usage, 3 our fault (with a log's place)."""

import json
import os
import pty
import signal
import subprocess
import time

import pytest

from builder import __main__ as command_line
from builder.commands import projects
from builder.data.templates import make_project
from builder.runs.store import open_store
from builder.spec.templates import TEMPLATES
from tests.commands.shell import Shell


@pytest.fixture
def iris(shell):
    shell.done("new", "--template", "iris", "-o", "iris.json")
    return shell


def test_templates_are_listed(shell):
    names = [line.split()[0] for line in shell.done("templates").splitlines()]
    assert {"iris", "wine", "breast-cancer", "diabetes", "digits-mlp", "digits-cnn", "wide", "mnist-mlp"} <= set(names)


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("paint",),
        ("new", "-o", "p.json"),
        ("new", "--template", "iris", "--data", "x.csv", "-o", "p.json"),
        ("new", "--template", "iris"),
        ("export", "abc"),
        ("export", "abc", "--onnx", "a", "--source", "b"),
        ("predict", "abc", "-o", "p.csv"),
    ],
)
def test_wrong_usage_is_2(words, capsys):
    with pytest.raises(SystemExit) as stopped:
        command_line.main(list(words))
    assert stopped.value.code == 2
    assert "usage: python -m builder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("new", "--template", "roses", "-o", "p.json"), "iris, wine"),
        (("new", "--data", "absent.csv", "-o", "p.json"), "There is no file or folder absent.csv"),
        (("new", "--data", "one.csv", "--target", "b", "-o", "p.json"), "has no column 'b'"),
        (("new", "--data", "ragged.csv", "-o", "p.json"), "ragged.csv, line 3"),
        (("new", "--data", "good.csv", "-o", "one.csv/p.json"), "Cannot use "),
        (("check", "absent.json"), "Cannot read the project absent.json"),
        (("check", "one.csv"), "not readable JSON"),
        (("train", "absent.json"), "Cannot read the project absent.json"),
        (("evaluate", "f00"), "There is no run 'f00'"),
        (("export", "f00", "--onnx", "m.onnx"), "There is no run 'f00'"),
        (("predict", "f00", "--data", "one.csv", "-o", "p.csv"), "There is no run 'f00'"),
    ],
)
def test_a_fault_of_the_input_is_1_with_one_sentence(words, part, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.csv").write_text("a,c\n1,x\n2,y\n")
    (tmp_path / "ragged.csv").write_text("a,b\n1,2\n3\n")
    (tmp_path / "good.csv").write_text("a,b\n" + "1,x\n2,y\n" * 30)
    assert command_line.main(list(words)) == 1
    said = capsys.readouterr().err
    assert part in said and said.count("\n") == 1
    assert not (tmp_path / "p.json").exists()


def test_a_folder_where_a_file_is_to_be_written_is_named_itself(tmp_path, monkeypatch, capsys):
    """Not the temporary file beside it, which nobody has seen."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.csv").write_text("a,b\n" + "1,x\n2,y\n" * 30)
    (tmp_path / "folder").mkdir()
    assert command_line.main(["new", "--data", "good.csv", "-o", "folder"]) == 1
    assert "Cannot use folder: Is a directory." in capsys.readouterr().err


def test_a_home_that_cannot_be_used_is_1(shell):
    (shell.folder / "file").write_text("")
    said = Shell(shell.folder / "file" / "home", shell.folder).refused("templates")
    assert "Set STRATA_HOME" in said


def test_a_fault_of_ours_is_3_and_leaves_a_log(monkeypatch, capsys, strata_home):
    monkeypatch.setattr(projects, "templates", lambda arguments: 1 / 0)
    assert command_line.main(["templates"]) == 3
    assert str(strata_home / "errors.log") in capsys.readouterr().err
    assert "ZeroDivisionError" in (strata_home / "errors.log").read_text()


def test_a_project_that_cannot_train_is_1_with_every_problem(iris):
    document = json.loads((iris.folder / "iris.json").read_text())
    document["model"]["nodes"].insert(0, {"id": "conv", "layer": {"kind": "Conv2d", "out_channels": 4}})
    document["training"]["batch_size"] = 60_000
    document["training"]["loss"] = {"kind": "MSE"}
    (iris.folder / "iris.json").write_text(json.dumps(document))
    answer = iris.run("check", "iris.json")
    assert answer.returncode == 1
    assert answer.stdout.count("\nerror: ") == 2  # the layer that cannot take rows, the loss that cannot take classes
    assert "error: Conv2d 'conv'" in answer.stdout
    assert answer.stderr.startswith("iris.json cannot train")
    trained = iris.run("train", "iris.json")
    assert trained.returncode == 1 and "Conv2d 'conv'" in trained.stderr


def test_an_unknown_field_is_named_by_its_path(iris):
    iris.change("iris.json", speed="high")
    assert "training.speed" in iris.refused("check", "iris.json")


def test_data_below_the_project_moves_with_it(shell):
    folder = shell.folder / "work"
    (folder / "data").mkdir(parents=True)
    rows = "a,b,kind\n" + "".join(f"{n},{n * n % 7},{'x' if n < 15 else 'y'}\n" for n in range(30))
    (folder / "data" / "table.csv").write_text(rows)
    shell.done("new", "--data", "work/data/table.csv", "-o", "work/project.json")
    shell.done("new", "--data", "work/data/table.csv", "-o", "elsewhere/project.json")
    folder.rename(shell.folder / "moved")
    shell.done("check", "moved/project.json")
    assert str(folder / "data" / "table.csv") in shell.refused("check", "elsewhere/project.json")


def test_ctrl_c_keeps_the_best_and_ends_in_order(iris):
    iris.change("iris.json", epochs=100_000, regularization=[])
    with subprocess.Popen(
        iris.command("train", "iris.json", "--json"), cwd=iris.folder, env=iris.environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as training:  # fmt: skip
        wait_for(lambda: any(path.stat().st_size for path in iris.home.glob("runs/*/epochs.jsonl")))
        training.send_signal(signal.SIGINT)
        printed, said = training.communicate(timeout=60)
    assert training.returncode == 0, said
    result = json.loads(printed.splitlines()[-1])
    assert result["status"] == "stopped" and result["test"]["Accuracy"] > 0
    assert iris.done("evaluate", result["run"]).startswith("22 test rows")


def test_a_terminal_sees_a_bar_that_ends_its_line_and_no_warnings(iris):
    iris.change("iris.json", epochs=3)
    ours, theirs = pty.openpty()
    answer = subprocess.run(
        iris.command("train", "iris.json"), cwd=iris.folder, env=iris.environment(),
        stdout=subprocess.PIPE, stderr=theirs, text=True, check=False, timeout=120,
    )  # fmt: skip
    os.close(theirs)
    drawn = os.read(ours, 1_000_000).decode()
    os.close(ours)
    assert answer.returncode == 0, drawn
    assert "epoch 3 of 3" in drawn and drawn.endswith("\r\n")
    assert "Warning" not in drawn
    assert "Accuracy" in answer.stdout and "finished" in answer.stdout


def wait_for(is_true, limit_s: float = 120) -> None:
    deadline = time.monotonic() + limit_s
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_runs_are_listed_and_an_ended_one_cannot_be_stopped(shell, strata_home):
    store = open_store()
    run = store.create(make_project(TEMPLATES["iris"]))
    listed = shell.run("runs")
    assert listed.returncode == 0 and run.id in listed.stdout and "queued" in listed.stdout
    assert shell.run("stop", run.id).stdout == f"Run {run.id} is cancelled.\n"
    again = shell.run("stop", run.id)
    assert again.returncode == 1 and "has ended already" in again.stderr
