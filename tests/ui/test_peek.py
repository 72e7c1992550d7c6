"""The peek panel: asks once, shows what is known at once after an edit, explains what is wrong."""

import base64
from dataclasses import replace

import numpy as np
import pytest

from builder.catalogue.layers import Linear
from builder.check.edits import UpdateLayer, apply
from builder.data.dataset import prepare
from builder.data.templates import make_project
from builder.runs import ask_queue
from builder.runs.folder import RunFolder
from builder.runs.peeks import keep_peeks, kept_peeks, node_keys, trained_run
from builder.runs.store import open_store
from builder.spec.project import Project
from builder.spec.templates import TEMPLATES
from builder.ui.peek import activation_figure
from tests.ui.panels import panel

PEEK = {
    "shape": [32], "mean": 0.5, "std": 1.25, "min": -1.0, "max": 3.0, "zeros": 0.125, "dead": 0.5, "units": 32,
    "nonfinite": 0, "histogram": [1, 2, 3, 4], "picture": "data:image/png;base64,iVBORw0KGgo=", "picture_of": "rows",
    "marks": ["16 of 32 units dead", "exploding: values up to 4.5e+04"],
}  # fmt: skip


def peeking():
    import streamlit as st

    from builder.ui import session
    from builder.ui.peek import peeked, show_peek, show_peek_detail

    with session.opened():
        found = peeked(session.current_project())
        show_peek(session.current_project(), session.report(), found)
        show_peek_detail(found, "linear_1")
        st.text(", ".join(found.nodes))


@pytest.fixture
def iris(monkeypatch) -> Project:
    for place in ("builder.runs.asks.ensure_worker", "builder.ui.peek.ensure_worker"):
        monkeypatch.setattr(place, lambda: None)
    return make_project(TEMPLATES["iris"])


def keys_of(project: Project, run=None) -> dict[str, str]:
    dataset = prepare(project.data)
    return node_keys(project, dataset.facts, dataset.content, run)


def answer_all(project: Project) -> None:
    keep_peeks(keys_of(project), dict.fromkeys(keys_of(project), PEEK))


def test_the_button_asks_the_worker_and_the_ask_can_be_stopped(iris):
    app = panel(peeking, iris)
    app.button(key="peek").click().run()
    asked = ask_queue.claim()
    assert asked.kind == "peek" and asked.payload["keys"] == keys_of(iris) and asked.payload["run"] is None
    assert any("One batch goes" in text.value for text in app.run().caption)
    app.button(key="stop_peeking").click().run()
    assert app.button(key="peek") and not app.exception


def test_what_is_known_is_shown_with_the_weights_it_holds_for(iris):
    answer_all(iris)
    app = panel(peeking, iris)
    assert not app.exception and app.text[0].value == "linear_1, linear_2, linear_3"
    captions = " ".join(text.value for text in app.caption)
    assert "the weights that training starts from" in captions
    assert "A dead unit gives 0 for every row" in captions and "Values this large" in captions
    assert app.warning[0].value == "16 of 32 units dead"
    assert "Zeros: **12\\.5 %**" in app.markdown[0].value and "Dead units: **16 of 32**" in app.markdown[0].value


def test_after_an_edit_the_nodes_before_it_are_still_known(iris):
    answer_all(iris)
    edited = apply(iris, UpdateLayer(id="linear_2", changes={"out_features": 20}))
    assert list(kept_peeks(keys_of(edited))) == ["linear_1"]
    app = panel(peeking, edited)
    assert app.text[0].value == "linear_1" and app.button(key="peek")
    assert kept_peeks(keys_of(apply(iris, UpdateLayer(id="linear_1", changes={"bias": False})))) == {}


def test_the_weights_are_those_of_the_newest_completed_run_of_the_same_model_and_data(iris):
    store, content = open_store(), prepare(iris.data).content
    wider = iris.model_copy(update={"model": iris.model.model_copy(update={"nodes": _with_width(iris, 9)})})
    first, second, other, failed = (store.create(project) for project in (iris, iris, wider, iris))
    for run in (first, second, other):
        RunFolder(run.folder).weights.write_bytes(b"weights")
        RunFolder(run.folder).data_content.write_text(content)
        store.update(run.id, status="finished")
    store.update(failed.id, status="failed")
    assert trained_run(iris, content, store.list()).id == second.id
    assert trained_run(wider, content, store.list()).id == other.id
    assert trained_run(iris, "other content", store.list()) is None
    assert keys_of(iris, first) != keys_of(iris, second) != keys_of(iris)
    moved = replace(first, id="0" * 12)
    assert trained_run(iris, content, [moved]) is None  # its folder is gone


def _with_width(project: Project, width: int):
    first, *others = project.model.nodes
    return (first.model_copy(update={"layer": Linear(out_features=width)}), *others)


def test_the_histogram_spans_the_values():
    (bars,), layout = activation_figure(PEEK)
    assert bars["x"] == [-1.0, 0.0, 1.0, 2.0] and bars["width"] == [1.0] * 4
    assert np.frombuffer(base64.b64decode(bars["y"]["bdata"]), bars["y"]["dtype"]).tolist() == [1, 2, 3, 4]
    assert layout["xaxis"]["title"]["text"] == "Value of the output"
