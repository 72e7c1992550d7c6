"""The editor's own way to Python: what it is told, and what is refused."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from builder.catalogue.layers import Dropout
from builder.check.edits import AddNode, UpdateData, apply
from builder.data.templates import make_project
from builder.runs.projects import ProjectStore
from builder.spec.project import Project
from builder.spec.templates import TEMPLATES
from builder.ui.canvas import component
from builder.ui.canvas.link import routes
from builder.ui.prepared import prepared
from tests.ui.asking import MOUNT
from tests.ui.link import Editor, post

APP = Path(__file__).parents[3] / "app.py"
UNITS = {"op": "set", "id": "linear_1", "path": ["out_features"], "value": 48}


@pytest.fixture
def project_id(strata_home, monkeypatch) -> str:
    monkeypatch.setattr("builder.ui.warm_up._warm_up", lambda: None)
    return ProjectStore().create(make_project(TEMPLATES["iris"]))


def project_of(project_id: str) -> Project:
    return ProjectStore().load(project_id).present


@pytest.fixture
def page(project_id) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params["project"] = project_id
    return app.run().switch_page("pages/views/model.py").run()


@pytest.fixture
def editor(page) -> Editor:
    return Editor(page)


def test_an_edit_is_answered_with_the_new_shapes_and_saved(editor, project_id):
    state = editor.does(UNITS)
    shapes = {row[0]: row[4] for row in state["nodes"]}
    assert shapes["linear_1"] == [48]
    assert state["undo"] == "Set output features of linear_1" and state["applied"] == 1
    assert ProjectStore().load(project_id).present.model.nodes[0].layer.out_features == 48


def test_a_selection_is_answered_with_the_inspector_alone(editor):
    known = editor.does({"op": "hello"})["version"]
    state = editor.does({"op": "select", "ids": ["linear_1"]}, version=known)
    assert "nodes" not in state and state["selected"] == ["linear_1"]
    assert "linear_1" in json.dumps(state["inspector"])


def test_what_is_sent_again_is_not_done_again(editor, project_id):
    duplicate = {"op": "duplicate", "ids": ["linear_1"], "number": 1}
    editor.does(duplicate)
    assert editor.does(duplicate)["applied"] == 1
    assert len(ProjectStore().load(project_id).past) == 1


def test_every_state_has_a_later_moment(editor):
    assert editor.does()["moment"] < editor.does()["moment"]


def test_what_somebody_else_has_changed_is_seen_with_the_next_click(editor, page, project_id):
    known = editor.does({"op": "hello"})["version"]
    ProjectStore().change(
        project_id, lambda kept: kept.history.record(apply(kept.history.present, AddNode(layer=Dropout(), after="linear_1")), "Add Dropout")
    )  # fmt: skip
    state = editor.does({"op": "select", "ids": ["linear_2"]}, version=known)
    assert "dropout_1" in [row[0] for row in state["nodes"]]
    assert any("Add Dropout" in toast.value for toast in page.run().toast)


def test_the_palette_is_sent_until_the_browser_has_it(editor):
    palette = editor.does()["palette"]
    assert "palette" not in editor.does(palette=palette["version"])


def test_an_unknown_tab_and_another_project_have_the_page_drawn_first(editor, page):
    body = {"mount": MOUNT, "project": editor.project, "operations": []}
    assert post("0" * 32, json.dumps(body).encode())[0] == 404
    assert post(editor.token, json.dumps(body | {"project": "0123456789ab"}).encode())[0] == 404


def test_the_rest_of_a_queue_does_not_go_to_a_project_that_was_opened_meanwhile(editor, page, project_id):
    body = {"mount": MOUNT, "project": "0123456789ab", "operations": [{"number": 1, **UNITS}]}
    assert post(editor.token, json.dumps(body).encode())[0] == 404
    assert ProjectStore().load(project_id).past == ()


def test_what_is_drawn_of_a_page_is_of_one_moment_whatever_is_edited_meanwhile(editor, page, monkeypatch):
    told = []
    really = component.editor_state

    def edited_before(now, *rest):
        editor.does(UNITS)
        told.append((now.moment, {row[0]: row[4] for row in really(now, *rest)["nodes"]}["linear_1"], now.version))
        return really(now, *rest)

    before = editor.does()["version"]
    monkeypatch.setattr(component, "editor_state", edited_before)
    page.run()
    (moment, shape, version), later = told[0], editor.does()
    assert shape == (32,) and version == before != later["version"]
    assert moment < later["moment"]


def test_a_refusal_while_another_page_is_drawn_is_told_by_the_next_one(editor, page, monkeypatch):
    def refused_meanwhile(*_):
        editor.does({"op": "set", "id": "linear_1", "path": ["out_features"], "value": "many"})

    monkeypatch.setattr("builder.ui.problems.show_problems", refused_meanwhile)
    page.switch_page("pages/views/train.py").run()
    assert not page.exception
    monkeypatch.undo()
    assert any("needs a whole number" in error.value for error in page.run().error)


def test_an_undo_that_brings_other_data_back_has_the_page_make_them_ready(editor, page, project_id, monkeypatch):
    split = project_of(project_id).data.split.model_copy(update={"seed": 5})
    edit = UpdateData(changes={"split": split.model_dump(mode="json")})
    ProjectStore().change(project_id, lambda kept: kept.history.record(apply(kept.history.present, edit), "Split"))
    page.run()
    monkeypatch.setattr("builder.ui.session.data.prepared", lambda *_: pytest.fail("made ready within a request"))
    prepared.clear()
    body = {"mount": MOUNT, "project": project_id, "operations": [{"number": 1, "op": "undo"}]}
    assert post(editor.token, json.dumps(body).encode())[0] == 404
    assert project_of(project_id).data.split.seed != 5


def test_a_page_of_another_site_is_refused(editor):
    body = json.dumps({"mount": MOUNT, "project": editor.project, "operations": []}).encode()
    assert post(editor.token, body, origin="https://evil.example")[0] == 403
    assert post(editor.token, body, origin="http://127.0.0.1:8501")[0] == 200


def test_the_way_follows_the_address_that_strata_is_served_under(monkeypatch):
    monkeypatch.setattr("streamlit.config.get_option", lambda name: {"server.baseUrlPath": "studio/strata/"}[name])
    assert routes()[0].path == "/studio/strata/strata/model/{token}"


def test_a_project_that_was_deleted_has_the_page_drawn_which_says_so(editor, project_id):
    ProjectStore().delete(project_id)
    body = {"mount": MOUNT, "project": project_id, "operations": [{"number": 1, **UNITS}]}
    assert post(editor.token, json.dumps(body).encode())[0] == 404


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b'{"mount": "x"}', b'{"mount": "0123456789abcdef", "else": 1}', b"[" * 100_000, b" " * 5_000_000]
)  # fmt: skip
def test_what_is_no_queue_of_operations_is_refused(editor, body):
    assert post(editor.token, body)[0] == 400


def test_an_operation_that_cannot_be_understood_is_told_and_the_others_go_on(editor, page, project_id):
    state = editor.does({"op": "explode"}, UNITS)
    assert state["applied"] == 2
    assert ProjectStore().load(project_id).present.model.nodes[0].layer.out_features == 48
    assert "cannot be understood" in page.run().toast[0].value
