"""Imported weights are kept by their content, and a training starts from them, in Strata and in its script."""

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import LAYERS, Linear
from builder.check.edits import AddNode, RemoveNode, apply
from builder.errors import RunError
from builder.export.source import write_source
from builder.home import home
from builder.imports.asked import KIND, answer_import, ask_import, found_in
from builder.imports.reading import read_model
from builder.imports.weights import INITIAL_WEIGHTS, keep_weights, kept_weights
from builder.nn.graph import attribute_name
from builder.nn.initial_weights import build_initial
from builder.runs import ask_queue
from builder.runs.asks import answer
from builder.runs.folder import RunFolder
from builder.spec.model import ModelSpec
from builder.spec.project import Project
from builder.spec.templates import stack
from builder.training.asks import KINDS
from tests.export.test_source import project_for, with_training
from tests.forks import run_python
from tests.imports.test_onnx_by_hand import made, node, weights
from tests.projects import facts_of, project_of
from tests.trained import carry


def starting_from(**tensors: np.ndarray) -> Project:
    model = stack(Linear(out_features=4, activation=ReLU()), Linear())
    return project_of(model.model_copy(update={"weights": keep_weights(tensors)}))


def test_the_same_weights_are_one_file():
    one, same = keep_weights({"a": weights(2), "b": np.ones(3)}), keep_weights({"b": np.ones(3), "a": np.ones(2)})
    assert one != same and same == keep_weights({"a": np.ones(2), "b": np.ones(3)})
    assert len(list((home() / "weights").iterdir())) == 2


def test_what_fits_by_name_and_shape_is_set_and_the_rest_is_as_without():
    given = weights(4, 5)
    project = starting_from(**{"linear_1.weight": given, "linear_2.weight": weights(9, 9), "gone.weight": weights(1)})
    torch.manual_seed(0)
    core = build_initial(project, facts_of((5,)))
    torch.manual_seed(0)
    fresh = [nn.Linear(5, 4), nn.Linear(4, 3)]
    assert torch.equal(core.linear_1.weight, torch.from_numpy(given))
    assert torch.equal(core.linear_1.bias, fresh[0].bias) and torch.equal(core.linear_2.weight, fresh[1].weight)


def test_missing_and_damaged_weights_are_told_with_a_way_out():
    project = starting_from(a=weights(2))
    path = kept_weights(project.model.weights)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(RunError, match=r"are damaged: weights/\w{64}\.safetensors .* Import the model again, or copy"):
        build_initial(project, facts_of((5,)))
    path.unlink()
    with pytest.raises(RunError, match=r"are not on this machine: weights/\w{64}\.safetensors is missing"):
        build_initial(project, facts_of((5,)))


def test_a_layer_drawn_in_place_of_an_imported_one_starts_from_random_weights():
    found = found_in(read_model(made((5,), node("Gemm", "x w", "a"), node("Gemm", "a v"), w=weights(5, 5), v=weights(5, 3)), "net.onnx"))  # fmt: skip
    project = project_of(found.model)
    first = project.model.nodes[0].id
    drawn = apply(project, RemoveNode(id=first), AddNode(layer=Linear(out_features=5, bias=False)))  # fmt: skip
    given, core = load_file(kept_weights(found.model.weights)), build_initial(drawn, facts_of((5,)))
    new, kept = (getattr(core, node.id).weight for node in drawn.model.nodes)
    assert new.shape == given[f"{first}.weight"].shape and not torch.equal(new, given[f"{first}.weight"])
    assert torch.equal(kept, given[f"{drawn.model.nodes[1].id}.weight"])


@pytest.mark.parametrize("kind", LAYERS)
def test_a_node_of_an_import_has_the_name_of_its_module_in_torch(kind):
    name = f"{kind.lower()}_1_imported"
    assert attribute_name(name) == name
    assert ModelSpec.model_validate({"nodes": [{"id": name, "layer": "ReLU"}]})


@pytest.mark.parametrize("times", [1, 2])
def test_a_file_that_could_not_be_read_is_read_anew_when_it_is_sent_again(monkeypatch, times):
    monkeypatch.setattr("builder.runs.asks.ensure_worker", lambda: None)
    for _ in range(times):
        key = ask_import("net.onnx", b"content")
        ask_queue.fail(ask_queue.claim().key, "The process at work was killed.")
    assert answer(ask_import("net.onnx", b"content")).state == "waiting" and ask_queue.claim().key == key


def test_the_worker_reads_models_when_it_is_asked_to():
    assert KINDS[KIND] is answer_import


@pytest.fixture
def table(tmp_path):
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(60, 4)).round(3), columns=list("abcd"))
    frame["kind"] = np.where(frame["a"] > 0, "x", "y")
    frame.to_csv(tmp_path / "table.csv", index=False)
    return tmp_path / "table.csv"


def test_the_script_trains_the_same_weights_from_the_same_start(table, tmp_path):
    content = made((4,), node("Gemm", "x w b", "h"), node("Relu", "h", "r"), node("Gemm", "r v"), w=weights(4, 6), b=weights(6), v=weights(6, 1))  # fmt: skip
    model = found_in(read_model(content, "two.onnx")).model
    project = with_training(project_for(table, "kind"), epochs=2)
    given = load_file(kept_weights(model.weights))
    runs = [carry(project.model_copy(update={"model": each})) for each in (model, model.model_copy(update={"weights": None}))]  # fmt: skip
    assert [run.status for run in runs] == ["finished"] * 2, runs[0].message
    folder = RunFolder(runs[0].folder)
    (tmp_path / INITIAL_WEIGHTS).write_bytes(kept_weights(model.weights).read_bytes())
    script = tmp_path / "train_model.py"
    script.write_bytes(write_source(folder).read_bytes())
    answer = run_python([script.name, table.name], tmp_path)
    assert answer.returncode == 0, answer.stderr
    ours, theirs = load_file(folder.weights), torch.load(tmp_path / "model.pt", weights_only=True)
    assert ours.keys() == theirs.keys() and all(torch.equal(theirs[name], ours[name]) for name in ours)
    fresh = load_file(RunFolder(runs[1].folder).weights)
    assert all((ours[name] - given[name]).abs().max() < 0.3 for name in given)  # two epochs do not lead far away
    assert any((fresh[name] - given[name]).abs().max() > 1 for name in given)
