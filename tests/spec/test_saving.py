"""A project is saved whole, and what was saved is what is loaded."""

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings

from builder.catalogue.layers import Linear
from builder.catalogue.optimizers import SGD, AdamW
from builder.data.templates import make_project
from builder.errors import SpecError
from builder.spec.project import Project, load_project, parse_project, save_project, validated
from builder.spec.templates import TEMPLATES
from tests.projects import stacked
from tests.spec.drawing import PROJECTS

SETTINGS = settings(max_examples=30, suppress_health_check=list(HealthCheck))


@SETTINGS
@given(project=PROJECTS)
def test_saving_and_loading_is_lossless(project):
    assert parse_project(project.to_json()) == project


@SETTINGS
@given(project=PROJECTS)
def test_a_loaded_project_is_saved_as_the_same_bytes(project):
    assert parse_project(project.to_json()).to_json() == project.to_json()


def test_the_file_is_readable_json_with_a_schema_version(tmp_path):
    save_project(stacked(), tmp_path / "project.json")
    document = json.loads((tmp_path / "project.json").read_text("utf-8"))
    assert document["schema_version"] == 2 and document["name"] == "Test"


def test_a_crash_while_saving_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "project.json"
    save_project(stacked(), path)
    before = path.read_bytes()

    def crash(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        save_project(stacked(epochs=7), path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_saving_replaces_what_was_there(tmp_path):
    path = tmp_path / "deep" / "project.json"
    save_project(stacked(), path)
    save_project(stacked(epochs=7), path)
    assert load_project(path).training.epochs == 7


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_every_template_holds_an_allowed_model_and_training(template):
    document = json.loads(stacked().to_json()) | {
        "model": template.model.model_dump(mode="json"), "training": template.training.model_dump(mode="json"),
    }  # fmt: skip
    project = validated(Project, document)
    assert project.model == template.model and project.training == template.training


@pytest.mark.parametrize("name", ["iris", "wine", "breast-cancer", "diabetes"])
def test_a_template_makes_a_project_that_survives_saving(name, tmp_path):
    project = make_project(TEMPLATES[name])
    save_project(project, tmp_path / "project.json")
    assert load_project(tmp_path / "project.json") == project


def test_a_project_that_is_no_utf8_is_refused():
    with pytest.raises(SpecError, match="not readable JSON"):
        parse_project(b'{"name": "\xff"}')


def test_a_project_of_version_1_decays_all_weights_as_it_did():
    document = json.loads(stacked(Linear(), optimizer=AdamW(decays_all=True)).to_json()) | {"schema_version": 1}
    del document["training"]["optimizer"]["decays_all"], document["training"]["accumulation"]
    assert parse_project(json.dumps(document)).training.optimizer == AdamW(decays_all=True)
    for written in ("AdamW", None):
        document["training"]["optimizer"] = written
        if written is None:
            del document["training"]["optimizer"]
        assert parse_project(json.dumps(document)).training.optimizer == AdamW(decays_all=True)
    document["training"]["optimizer"] = {"kind": "SGD", "lr": 0.5}
    assert parse_project(json.dumps(document)).training.optimizer == SGD(lr=0.5)
    for training in ([], {"optimizer": 3}):
        with pytest.raises(SpecError):
            parse_project(json.dumps(document | {"training": training}))
