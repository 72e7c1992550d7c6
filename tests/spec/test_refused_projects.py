"""A project that says something wrong is refused, each fault at the path where the user wrote it."""

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builder.errors import SpecError
from builder.spec.project import load_project, parse_project
from tests.spec.drawing import PROJECTS

DOCUMENT = {
    "name": "Flowers",
    "data": {
        "kind": "table",
        "source": {"kind": "sample", "name": "iris"},
        "columns": [{"name": "a", "type": "number"}, {"name": "b", "type": "category", "role": "target"}],
        "task": "classification",
    },
    "model": {
        "nodes": [
            {"id": "hidden", "layer": {"kind": "Linear", "out_features": 8, "activation": "ReLU"}},
            {"id": "pool", "layer": {"kind": "MaxPool2d", "kernel_size": [2, 2]}},
        ]
    },
    "training": {"loss": {"kind": "CrossEntropy"}},
}
MISSING = object()


def with_change(path: str, value) -> dict:
    """The document with the value at the path; MISSING takes it out."""
    document = copy.deepcopy(DOCUMENT)
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    at = document
    for part in parents:
        at = at[part]
    if value is MISSING:
        del at[last]
    else:
        at[last] = value
    return document


def refusal(document) -> list[str]:
    with pytest.raises(SpecError) as caught:
        parse_project(json.dumps(document))
    return str(caught.value).splitlines()


def test_the_document_itself_is_allowed():
    assert parse_project(json.dumps(DOCUMENT)).model.nodes[0].layer.activation.kind == "ReLU"


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("model.nodes.1.layer.kind", "conv2", "model.nodes.1.layer.kind: there is no 'conv2'. Did you mean 'Conv2d' or 'Conv3d' or 'Conv1d'?"),
        ("nmae", "x", "nmae: there is no such field. Remove it or correct its name."),
        ("data.colour", 1, "data.colour: there is no such field. Remove it or correct its name."),
        ("data.table", 1, "data.table: there is no such field. Remove it or correct its name."),
        ("data.source.path", "x", "data.source.path: there is no such field. Remove it or correct its name."),
        ("data.columns.0.typ", "x", "data.columns.0.typ: there is no such field. Remove it or correct its name."),
        ("data.columns.0.type", MISSING, "data.columns.0.type: this field is missing. Add it."),
        ("data.columns.0.type", "text field", "data.columns.0.type: must be 'number', 'category', 'boolean', 'date', 'text' or 'identifier'; got 'text field'."),
        ("data.source", MISSING, "data.source: this field is missing. Add it."),
        ("data.source.kind", MISSING, "data.source.kind: this field is missing. Add it."),
        ("data.source.kind", "url", "data.source.kind: there is no 'url'. Use one of 'sample', 'file', 'upload', 'download'."),
        ("data.kind", MISSING, "data.kind: this field is missing. Add it."),
        ("data.split", {"train": 0.5}, "data.split: train + validation + test must be 1; got 0.8."),
        ("data.split", {"seed": -1}, "data.split.seed: must be greater than or equal to 0; got -1."),
        ("model.nodes.0.layer.out_features", 0, "model.nodes.0.layer.out_features: must be greater than or equal to 1; got 0."),
        ("model.nodes.0.layer.out_features", "8", "model.nodes.0.layer.out_features: must be a valid integer; got '8'."),
        ("model.nodes.0.layer.out_features", 8.5, "model.nodes.0.layer.out_features: must be a valid integer; got 8.5."),
        ("model.nodes.0.layer.out_features", True, "model.nodes.0.layer.out_features: must be a valid integer; got True."),
        ("model.nodes.0.layer.Linear", 1, "model.nodes.0.layer.Linear: there is no such field. Remove it or correct its name."),
        ("model.nodes.0.layer.activation", {"kind": "LeakyReLU", "negative_slope": 2}, "model.nodes.0.layer.activation.negative_slope: must be less than or equal to 1; got 2."),
        ("model.nodes.1.layer.kernel_size", [2, 0], "model.nodes.1.layer.kernel_size: must be a whole number from 1 to 512, or two of them; got (2, 0)."),
        ("model.nodes.1.layer.kernel_size", "2", "model.nodes.1.layer.kernel_size: must be a whole number from 1 to 512, or two of them; got '2'."),
        ("model.nodes.1.id", "hidden", "model: node ids must differ; 'hidden' stands there twice."),
        ("model.nodes.1.inputs", ["later"], "model: node 'pool' takes 'later', which is not a node before it; connect it to one that is."),
        ("training.loss", {"kind": "Huber", "delta": 0}, "training.loss.delta: must be greater than 0; got 0."),
        ("training.optimizer", {"kind": "SGD", "momentum": 1}, "training.optimizer.momentum: must be less than 1; got 1."),
        ("training.optimizer", {"kind": "SGD", "momentum": 0, "nesterov": True}, "training.optimizer: nesterov needs a momentum above 0; set momentum to 0.9 or switch nesterov off."),
        ("training.metrics", ["F1", "F1"], "training.metrics: each kind may stand there once; got F1, F1."),
        ("training.epochs", None, "training.epochs: must be a valid integer; got None."),
        ("training.optimizer", {"kind": "Adam", "lr": float("nan")}, "training.optimizer.lr: must be a finite number; got nan."),
        ("training.epochs", 10**40, "training.epochs: must be less than or equal to 100000; got 1" + 40 * "0" + "."),
    ],
)  # fmt: skip
def test_a_fault_is_named_at_its_path(path, value, says):
    assert refusal(with_change(path, value)) == [says]


def test_every_fault_is_reported_at_once():
    document = with_change("data.columns.0.typ", "x")
    document["training"] |= {"epochs": 0, "batch_size": "32"}
    del document["model"]["nodes"][0]["layer"]
    assert [line.partition(":")[0] for line in refusal(document)] == [
        "data.columns.0.typ", "model.nodes.0.layer", "training.epochs", "training.batch_size",
    ]  # fmt: skip


def test_a_long_value_is_not_repeated_whole():
    (line,) = refusal(with_change("training.epochs", "9" * 5000))
    assert len(line) < 200


def test_very_many_faults_are_not_all_told():
    lines = refusal(with_change("data.reading", {"missing": list(range(50))}))
    assert len(lines) == 21 and lines[-1] == "There are 30 more faults. Mend these first."


@pytest.mark.parametrize("path", ["name", "training.epochs", "model.nodes.0.id", "data.source.kind"])
def test_half_a_letter_is_named_at_its_path(path):
    """JSON can write it as \\ud800; no file and no screen can hold it."""
    assert refusal(with_change(path, "a\ud800")) == [f"{path}: half of a letter stands in 'a\\ud800'. Write it whole."]


def test_an_unknown_kind_of_great_length_is_not_repeated_whole():
    (line,) = refusal(with_change("model.nodes.0.layer.kind", "x" * 5000))
    assert len(line) < 600


@pytest.mark.parametrize("text", ["", "{", "[1, 2", "\x00", '{"a": 1}}', "[" * 100_000])
def test_what_is_not_json_is_refused_in_one_sentence(text):
    with pytest.raises(SpecError, match="not readable JSON"):
        parse_project(text)


@pytest.mark.parametrize("document", [[], "x", 3, None])
def test_json_that_is_no_project_is_refused(document):
    assert refusal(document)[0].startswith("project: must be an object")


def test_a_newer_version_is_refused_with_a_way_out():
    (line,) = refusal(DOCUMENT | {"schema_version": 3})
    assert (
        line
        == "The project has schema_version 3; this Strata reads versions 1 to 2. Open it with the Strata that wrote it."
    )


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SpecError, match=r"gone\.json: No such file or directory\. Check the path\."):
        load_project(tmp_path / "gone.json")


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_an_unknown_field_anywhere_is_refused_at_its_place(data):
    document = json.loads(data.draw(PROJECTS).to_json())
    place, holder = data.draw(st.sampled_from(list(objects(document))))
    holder["zzz"] = 1
    assert refusal(document) == [".".join([*place, "zzz"]) + ": there is no such field. Remove it or correct its name."]


def objects(document, path=()):
    """Every JSON object in the document with its path."""
    if isinstance(document, dict):
        yield path, document
        for name, value in document.items():
            yield from objects(value, (*path, name))
    if isinstance(document, list):
        for place, value in enumerate(document):
            yield from objects(value, (*path, str(place)))


def test_a_field_that_is_there_twice_is_refused_since_nobody_knows_which_is_meant():
    text = json.dumps(DOCUMENT).replace('"name":', '"name": "One", "name":', 1)
    with pytest.raises(SpecError, match="'name' is there twice in one place"):
        parse_project(text)
