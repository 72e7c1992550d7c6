"""The importer: what a file holds is shown, and used with one click."""

import pytest

from builder.data.templates import make_project
from builder.data.uploads import resolve
from builder.imports.asked import answer_import
from builder.runs import ask_queue
from builder.spec.sources import UploadSource
from builder.spec.templates import TEMPLATES
from tests.imports.test_onnx_by_hand import made, node, weights
from tests.ui.panels import panel, saved


def importer():
    from builder.ui import session
    from builder.ui.import_model import show_import

    with session.opened():
        show_import()


@pytest.fixture
def app(monkeypatch):
    for place in ("builder.runs.asks.ensure_worker", "builder.ui.import_model.ensure_worker"):
        monkeypatch.setattr(place, lambda: None)
    return panel(importer, make_project(TEMPLATES["iris"]))


def uploaded(app, content: bytes, name: str = "net.onnx"):
    """The page after the worker has read the file."""
    app.file_uploader[0].upload(name, content).run()
    assert any("Waiting for the worker" in text.value for text in app.caption)
    ask = ask_queue.claim()
    assert ask.kind == "import_model"
    ask_queue.finish(ask.key, answer_import(ask.payload))
    app.run()
    assert not app.exception
    return app


def metrics(app) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_a_model_is_shown_with_its_size_and_used(app):
    uploaded(app, made((4,), node("Gemm", "x w b", "a"), node("Relu", "a"), w=weights(4, 3), b=weights(3)))
    assert metrics(app) == {"Layers": "1", "Parameters": "15", "Input": "(4,)"}
    assert not app.warning
    app.button(key="use_import").click().run()
    project = saved()
    assert [node.layer.kind for node in project.model.nodes] == ["Linear"] and project.model.weights
    assert not app.exception and not app.metric  # the uploader is empty again


def test_what_was_found_is_no_fragment_so_that_using_it_draws_the_whole_page_anew(app, monkeypatch):
    content = made((4,), node("Gemm", "x w"), w=weights(4, 3))
    uploaded(app, content)
    drawn = []
    monkeypatch.setattr("builder.ui.import_model.st.fragment", lambda show, run_every: drawn.append(show) or show)
    assert metrics(app.run())["Layers"] == "1" and drawn == []


def test_other_data_than_it_was_made_for_is_said_plainly(app):
    uploaded(app, made((3, 8, 8), node("Conv", "x w"), w=weights(4, 3, 3, 3)))
    (warning,) = app.warning
    assert "inputs of shape \\(3, 8, 8\\)" in warning.value and "have \\(4,\\)" in warning.value
    assert app.button(key="use_import")


def test_what_is_not_supported_is_listed_and_cannot_be_used(app):
    uploaded(app, made((4,), node("Det", "x", "a"), node("Relu", "a")))
    (error,) = app.error
    assert "Det \\(1×\\: the_Det\\)" in error.value and "nothing was taken over" in error.value
    assert not app.button or all(button.key != "use_import" for button in app.button)


def test_a_file_that_cannot_be_read_is_told_in_the_words_of_the_worker(app):
    app.file_uploader[0].upload("net.onnx", b"nothing").run()
    ask_queue.fail(ask_queue.claim().key, "net.onnx is not an ONNX file, or it is damaged. Export the model again.")
    (error,) = app.run().error
    assert "is not an ONNX file" in error.value


def test_a_file_that_could_not_be_read_is_tried_again(app):
    app.file_uploader[0].upload("net.onnx", b"nothing").run()
    ask_queue.fail(ask_queue.claim().key, "The process at work was killed, most likely for want of memory.")
    app.run().button(key="retry_import").click().run()
    assert not app.error and any("Waiting for the worker" in text.value for text in app.caption)
    assert resolve(UploadSource(**ask_queue.claim().payload)).read_bytes() == b"nothing"


def test_an_empty_file_is_refused_at_once(app):
    app.file_uploader[0].upload("net.onnx", b"").run()
    assert any("is empty" in error.value for error in app.error) and not ask_queue.is_waiting()
