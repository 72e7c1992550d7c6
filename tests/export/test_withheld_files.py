"""A file that does not answer as the model did on screen is withheld."""

import shutil

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from builder.commands.runs import certified_file
from builder.errors import RunError
from builder.export import finish
from builder.export.certificate import TOLERANCE, Comparison, Expected
from builder.export.finish import export_onnx
from builder.runs.folder import RunFolder
from builder.runs.store import open_store
from builder.training.session import carry_out
from tests.export.cases import CASES, table
from tests.trained import carry_in, read_json

NAMES = ["label", "probabilities"]


@pytest.fixture(scope="module")
def certified(exported_home, awkward_table, mixed_images, _one_thread) -> RunFolder:
    return carry_in(exported_home, CASES["only numbers"](awkward_table, mixed_images))


@pytest.fixture
def run(certified, tmp_path) -> RunFolder:
    """A copy that a test may spoil."""
    return RunFolder(shutil.copytree(certified.path, tmp_path / "run"))


def perturb(model: onnx.ModelProto) -> onnx.ModelProto:
    """One weight of the last layer is a little larger."""
    (weights,) = (tensor for tensor in model.graph.initializer if list(tensor.dims) == [1, 8])
    values = numpy_helper.to_array(weights).copy()
    values[0, np.abs(values[0]).argmax()] += 0.01
    weights.CopyFrom(numpy_helper.from_array(values, weights.name))
    return model


def test_a_file_with_one_changed_weight_is_withheld(run, monkeypatch):
    build = finish.build_onnx
    monkeypatch.setattr(finish, "build_onnx", lambda trained: perturb(build(trained)))
    certificate = export_onnx(run)
    assert not certificate["passed"] and certificate["largest_difference"] > TOLERANCE
    assert certificate["message"].startswith("onnxruntime differed by ") and "withheld" in certificate["message"]
    assert not run.onnx.exists() and read_json(run.certificate) == certificate
    with pytest.raises(RunError, match="The file is withheld"):
        certified_file(run)


def test_the_same_export_untouched_passes(run):
    run.onnx.unlink()
    assert export_onnx(run)["passed"] and certified_file(run).exists()


def test_a_file_that_is_gone_is_made_again(run):
    run.onnx.unlink()
    assert certified_file(run) == run.onnx and run.onnx.exists()


def test_an_export_that_breaks_off_leaves_no_file_to_hand_out(run, monkeypatch):
    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(finish, "certify", fail)
    with pytest.raises(KeyboardInterrupt):
        export_onnx(run)
    assert not run.onnx.exists()


def test_a_run_without_weights_or_figures_is_refused_in_words(run):
    run.evaluation.unlink()
    with pytest.raises(RunError, match="has no test figures"):
        export_onnx(run)
    run.weights.unlink()
    with pytest.raises(RunError, match="has no trained weights"):
        export_onnx(run)


def comparison(shares, labels) -> Comparison:
    compared = Comparison(Expected(np.array([[0.2, 0.8], [0.6, 0.4]]), np.array(["b", "a"], object)))
    compared.add(np.arange(2), [np.array(labels, object), np.array(shares)], NAMES)
    return compared


@pytest.mark.parametrize(
    ("shares", "labels", "passes", "equal"),
    [
        ([[0.2, 0.8], [0.6, 0.4]], ["b", "a"], True, 2),
        ([[0.2, 0.8], [0.6 - 9e-6, 0.4 + 9e-6]], ["b", "a"], True, 2),
        ([[0.2, 0.8], [0.6 - 2e-5, 0.4]], ["b", "a"], False, 2),
        ([[0.2, 0.8], [0.6, 0.4]], ["b", "b"], False, 1),
        ([[0.2, 0.8], [np.nan, 0.4]], ["b", "a"], False, 2),
    ],
)
def test_it_passes_only_with_equal_labels_and_shares(shares, labels, passes, equal):
    compared = comparison(shares, labels)
    assert (compared.passes, compared.equal_labels) == (passes, equal)
    assert ("withheld" in compared.message) is not passes


def test_a_value_is_compared_relative_to_itself_or_to_the_targets_spread():
    def largest(expected, given, spread):
        compared = Comparison(Expected(np.array([[expected]]), None, spread))
        compared.add(np.arange(1), [np.array([[given]])], ["prediction"])
        return compared.largest

    assert largest(1000.0, 1000.5, 1.0) == pytest.approx(5e-4)
    assert largest(0.0, 0.5, 10.0) == pytest.approx(0.05)


def test_the_cases_hold_every_kind_of_column(awkward_table):
    types = {column.name: column.type for column in table(awkward_table, "two").features}
    assert types == {
        "label": "number", "probabilities": "category", "strata/numbers": "number", "prediction": "boolean", 'größe in "cm"; <i>': "number",
        "numbers": "date", "ids": "category",
    }  # fmt: skip


def test_a_model_that_cannot_be_exported_keeps_its_run_and_says_why(
    strata_home, awkward_table, mixed_images, monkeypatch
):
    def refuse(trained):
        raise RunError("torch could not export the model: no such operator. Replace the layer it names.")

    monkeypatch.setattr(finish, "build_onnx", refuse)
    store = open_store()
    run = store.create(CASES["only numbers"](awkward_table, mixed_images), status="running")
    assert carry_out(store, run, finish=finish.export_run).status == "finished"
    folder = RunFolder(run.folder)
    certificate = read_json(folder.certificate)
    assert not certificate["passed"] and "no such operator" in certificate["message"]
    assert folder.evaluation.exists() and not folder.onnx.exists()


def test_data_that_changed_since_the_run_is_named(run):
    run.data_content.write_text("something else")
    with pytest.raises(RunError, match="has changed since run"):
        export_onnx(run)
