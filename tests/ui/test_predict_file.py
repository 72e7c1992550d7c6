"""Predicting a whole file on the Evaluate page."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from builder.data.templates import make_project
from builder.errors import DataError
from builder.runs.folder import RunFolder
from builder.runs.projects import ProjectStore
from builder.runs.store import open_store
from builder.spec.templates import TEMPLATES
from tests.ui.conftest import APP

REPORT = {
    "task": "binary", "rows": 22, "split": "test", "best_epoch": 3, "baseline": "always 'setosa'", "metrics": [], "regression": None,
    "classes": ["a", "b"], "confusion": [[1, 0], [0, 1]], "per_class": [], "roc": [], "pr": [], "target": "species",
}  # fmt: skip


@pytest.fixture
def evaluate(strata_home, monkeypatch) -> AppTest:
    """The Evaluate page of a run that is done, with the uploader for a whole file open."""
    monkeypatch.setattr("builder.ui.warm_up._warm_up", lambda: None)
    project = make_project(TEMPLATES["iris"])
    id = ProjectStore().create(project)
    run = open_store().create(project, id)
    folder = RunFolder(run.folder)
    folder.evaluation.write_text(json.dumps(REPORT))
    folder.onnx.write_bytes(b"not asked in this test")
    open_store().update(run.id, status="finished")
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params["project"] = id
    app.session_state["predict_file"] = True
    return app.run().switch_page("pages/views/evaluate.py").run()


def test_the_answers_of_an_uploaded_file_are_offered(evaluate, monkeypatch):
    def write(folder, data, output):
        output.parent.mkdir()
        output.write_text(f"{data.name}: {data.read_text()}")
        return 1

    monkeypatch.setattr("builder.predict.tables.write_predictions", write)
    evaluate.file_uploader[0].upload("../rows.csv", b"a,b", "text/csv").run()
    assert not evaluate.exception
    assert any(message.value == "1 answer of the exported ONNX file." for message in evaluate.success)
    assert "download_predictions" in {item.key for item in evaluate.get("download_button")}


def test_a_file_that_cannot_be_predicted_gets_its_sentence(evaluate, monkeypatch):
    def refuse(folder, data, output):
        raise DataError(f"{data.name} has no column 'sepal'. Add it.")

    monkeypatch.setattr("builder.predict.tables.write_predictions", refuse)
    evaluate.file_uploader[0].upload("rows.csv", b"a,b", "text/csv").run()
    assert not evaluate.exception
    assert any("rows\\.csv has no column" in error.value for error in evaluate.error)
    assert "download_predictions" not in {item.key for item in evaluate.get("download_button")}
