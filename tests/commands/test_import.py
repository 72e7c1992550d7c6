"""`import` puts a model from a file into a project, or says what stands in the way."""

import json

import pytest

from builder.__main__ import main
from builder.data.templates import make_project
from builder.imports.weights import kept_weights
from builder.spec.project import load_project, save_project
from builder.spec.templates import TEMPLATES
from tests.imports.test_onnx_by_hand import made, node, weights


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_project(make_project(TEMPLATES["iris"]), tmp_path / "project.json")
    return tmp_path / "project.json"


def test_a_model_takes_the_place_of_the_layers(project, tmp_path, capsys):
    (tmp_path / "net.onnx").write_bytes(made((4,), node("Gemm", "x w", "a"), node("Relu", "a"), w=weights(4, 3)))
    assert main(["import", "net.onnx", "--into", "project.json"]) == 0
    model = load_project(project).model
    assert [node.layer.kind for node in model.nodes] == ["Linear"] and kept_weights(model.weights).is_file()
    assert (
        capsys.readouterr().out == "Wrote project.json: 1 layers for inputs of shape (4,), starting from its weights.\n"
    )


@pytest.mark.parametrize("whole", [True, False])
def test_our_own_json_is_taken_whole_or_as_nodes_alone(project, tmp_path, capsys, whole):
    document = json.loads(project.read_text())
    document["model"]["nodes"] = document["model"]["nodes"][-1:]
    (tmp_path / "own.json").write_text(json.dumps(document if whole else {"nodes": document["model"]["nodes"]}))
    assert main(["import", "own.json", "--into", "project.json"]) == 0
    assert len(load_project(project).model.nodes) == 1
    assert "starting from random weights" in capsys.readouterr().out


def test_what_is_not_supported_is_listed_and_nothing_changes(project, tmp_path, capsys):
    before = project.read_bytes()
    (tmp_path / "net.onnx").write_bytes(made((4,), node("Det", "x", "a"), node("Relu", "a")))
    assert main(["import", "net.onnx", "--into", "project.json"]) == 1
    said = capsys.readouterr()
    assert said.out == "Det (1×: the_Det): Strata has no such layer.\n"
    assert "1 kinds of operations" in said.err and project.read_bytes() == before


@pytest.mark.parametrize("name", ["gone.onnx", "project.txt", "broken.json"])
def test_a_file_that_cannot_be_used_gives_a_sentence(project, tmp_path, capsys, name):
    (tmp_path / "broken.json").write_text("[")
    assert main(["import", name, "--into", "project.json"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
