"""`check --fix`, `new --model`, `measure` and the finders do on a project file what the Model page does on its screen."""

import re

import pytest

from builder.__main__ import main
from builder.catalogue.activations import Softmax
from builder.catalogue.optimizers import LBFGS
from builder.check.edits import AddNode, apply
from builder.data.templates import make_project
from builder.spec.project import load_project, save_project
from builder.spec.templates import TEMPLATES


@pytest.fixture
def wine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    project = make_project(TEMPLATES["wine"])
    save_project(project, tmp_path / "wine.json")
    return project


def test_what_can_be_mended_is_mended_in_the_file(wine, tmp_path, capsys):
    wrong = apply(wine, AddNode(layer=Softmax(), after=wine.model.nodes[-1].id))
    save_project(wrong, tmp_path / "wine.json")
    assert main(["check", "wine.json"]) == 1
    assert main(["check", "wine.json", "--fix"]) == 0
    assert "mended: Delete softmax_1" in capsys.readouterr().out
    assert load_project(tmp_path / "wine.json") == wine


def test_a_check_without_fix_leaves_the_file(wine, tmp_path):
    before = (tmp_path / "wine.json").read_bytes()
    assert main(["check", "wine.json"]) == 0 and (tmp_path / "wine.json").read_bytes() == before


def test_the_models_proposed_for_a_file_differ_in_size(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{at * 37 % 101},{at * 53 % 97},{'yes' if at % 3 else 'no'}\n" for at in range(120))
    (tmp_path / "table.csv").write_text("a,b,label\n" + rows)
    parameters = []
    for size in ("small", "accurate"):
        assert main(["new", "--data", "table.csv", "--model", size, "-o", f"{size}.json"]) == 0
        capsys.readouterr()
        assert main(["check", f"{size}.json"]) == 0
        parameters.append(int(re.search(r"^all\s+([\d,]+)", capsys.readouterr().out, re.M)[1].replace(",", "")))
    assert parameters[0] < parameters[1]


def test_a_measurement_gives_memory_and_time(wine, capsys):
    assert main(["measure", "wine.json"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"^[\d.,]+ [kM]B to train with batches of 16\.$", said, re.M)
    assert re.search(r"^[\d.,]+ million floating-point operations a step, [\d.,]+ billion a second\.$", said, re.M)
    assert re.search(r"ms a step, [\d.,]+ s an epoch of 8 steps, [\d.,]+ s for 60 epochs\.$", said, re.M)


def test_a_learning_rate_is_found_and_told_with_its_reason(wine, capsys, tmp_path):
    before = (tmp_path / "wine.json").read_bytes()
    assert main(["find-lr", "wine.json"]) == 0
    *reason, last = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"Learning rate: 0\.0\d+", last) and reason[-1].startswith("The loss fell steepest around 0.0")
    assert (tmp_path / "wine.json").read_bytes() == before


def test_batch_sizes_are_tried_and_told_with_speed_and_memory(wine, capsys, monkeypatch):
    monkeypatch.setattr("builder.training.memory.limit_memory", lambda: None)  # it would hold for all tests that follow
    monkeypatch.setattr("builder.training.batch_finder.SEARCH_S", 1000.0)
    assert main(["find-batch", "wine.json"]) == 0
    heading, *rows, reason, last = capsys.readouterr().out.splitlines()
    assert heading.split() == ["batch", "size", "rows", "a", "second", "memory", "steps", "an", "epoch"]
    assert [row.split()[0] for row in rows] == ["8", "16", "32", "64"] and rows[0].split()[-1] == "16"
    assert reason.startswith("Batches of 8 go through") and last == "Batch size: 8; the largest that fits: 64"


def test_what_has_no_learning_rate_to_find_is_told_so(wine, capsys, tmp_path):
    training = wine.training.model_copy(update={"optimizer": LBFGS()})
    save_project(wine.model_copy(update={"training": training}), tmp_path / "wine.json")
    assert main(["find-lr", "wine.json"]) == 1
    assert "LBFGS finds the length of its moves by itself" in capsys.readouterr().err
