"""Two people, or two tabs, with the same project open."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from builder.catalogue.layers import Dropout
from builder.check.edits import AddNode, RemoveNode, apply
from builder.data.templates import make_project
from builder.runs.projects import ProjectStore
from builder.spec.templates import TEMPLATES
from tests.ui.link import Editor

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture
def project_id(strata_home, monkeypatch) -> str:
    monkeypatch.setattr("builder.ui.warm_up._warm_up", lambda: None)
    return ProjectStore().create(make_project(TEMPLATES["iris"]))


def tab(project_id: str) -> AppTest:
    """The Model page as one of them has it open."""
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params["project"] = project_id
    return app.run().switch_page("pages/views/model.py").run()


def units(layer: str, many: int) -> dict[str, Any]:
    return {"op": "set", "id": layer, "path": ["out_features"], "value": many}


def told(app: AppTest) -> str:
    """By the page that is drawn after it."""
    return " ".join(toast.value.replace("\\", "") for toast in app.run().toast)


def test_the_later_edit_is_made_on_top_of_the_earlier_one_and_told_of_it(project_id):
    ann, ben = tab(project_id), tab(project_id)
    Editor(ann).does(units("linear_1", 48))
    Editor(ben).does(units("linear_2", 24))
    layers = [node.layer for node in ProjectStore().load(project_id).present.model.nodes]
    assert (layers[0].out_features, layers[1].out_features) == (48, 24)
    assert (
        "This project was changed elsewhere since your page was drawn (Set output features of linear_1). "
        "Your change was added on top." in told(ben)
    )
    assert not told(ben)


def test_an_edit_that_does_not_fit_any_more_is_refused_with_the_reason_and_the_page_shows_what_is(project_id):
    ann, ben = tab(project_id), tab(project_id)
    Editor(ann).does({"op": "remove", "ids": ["linear_1"]})
    state = Editor(ben).does(units("linear_1", 48))
    words = told(ben)
    assert "(Delete linear_1). Your change does not fit any more" in words
    assert "there is no node" in words
    assert "linear_1" not in [row[0] for row in state["nodes"]]


def test_nobody_takes_back_what_another_has_just_done_without_knowing(project_id):
    ann, ben = tab(project_id), tab(project_id)
    anns, bens = Editor(ann), Editor(ben)
    anns.does(units("linear_1", 48))
    bens.does()  # sees it
    anns.does(units("linear_1", 64))
    bens.does({"op": "undo"})
    assert "Nothing was undone or redone" in told(ben)
    assert ProjectStore().load(project_id).present.model.nodes[0].layer.out_features == 64
    bens.does({"op": "undo"})
    assert ProjectStore().load(project_id).present.model.nodes[0].layer.out_features == 48


def test_a_page_drawn_again_says_what_changed_elsewhere(project_id):
    ann, store = tab(project_id), ProjectStore()
    edits = AddNode(layer=Dropout(), after="linear_1"), RemoveNode(id="linear_2")
    for edit in edits:
        store.change(
            project_id, lambda kept, edit=edit: kept.history.record(apply(kept.history.present, edit), edit.label)
        )
    assert "changed elsewhere: Add Dropout, Delete linear_2." in told(ann)
    assert not told(ann)
