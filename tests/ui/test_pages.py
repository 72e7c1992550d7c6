"""The Model, Train, Evaluate and Export pages, driven without a browser."""

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from builder.catalogue.layers import Linear
from builder.data.templates import make_project
from builder.runs.events import EventWriter
from builder.runs.folder import RunFolder
from builder.runs.projects import ProjectStore
from builder.runs.store import open_store
from builder.spec.templates import TEMPLATES, dense, stack
from tests.ui.link import Editor

APP = Path(__file__).parents[2] / "app.py"
CERTIFICATE = {
    "passed": True, "message": "onnxruntime gave the same 23 of 23 labels", "rows": 23, "batch_sizes": [1, 7],
    "equal_labels": 23, "largest_difference": 2e-7, "tolerance": 1e-5, "difference_of": "probability",
    "latency_ms": {"1": 0.05}, "file_size_bytes": 8412, "opset": 20, "versions": {"onnx": "1"},
    "inputs": [{"name": "petal length (cm)", "dtype": "float", "shape": ["batch", 1]}],
    "outputs": [{"name": "label", "dtype": "string", "shape": ["batch"]}],
}  # fmt: skip


@pytest.fixture
def project_id(strata_home, monkeypatch) -> str:
    monkeypatch.setattr("builder.ui.warm_up._warm_up", lambda: None)
    model = stack(*dense(32, 16), Linear())
    return ProjectStore().create(make_project(TEMPLATES["iris"]).model_copy(update={"model": model}))


def opened(page: str, project_id: str) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params["project"] = project_id
    return app.run().switch_page(f"pages/views/{page}.py").run()


def finished_run(project_id: str, certificate: dict = CERTIFICATE) -> None:
    run = open_store().create(ProjectStore().load(project_id).present, project_id)
    folder = RunFolder(run.folder)
    folder.certificate.write_text(json.dumps(certificate))
    folder.onnx.write_bytes(b"onnx")
    folder.source.write_text("import torch\n")
    open_store().update(run.id, status="finished")


def trained_run(project_id: str, status: str) -> None:
    """Two epochs, the first one better; its data was got ready for 4 s and its file written for 6 s."""
    run = open_store().create(ProjectStore().load(project_id).present, project_id)
    with EventWriter(RunFolder(run.folder)) as events:
        events.plan(2, 1, 100)
        for epoch, loss in ((1, 0.25), (2, 0.75)):
            events.step(epoch, epoch, loss, 4.0 * epoch)
            events.epoch({
                "epoch": epoch, "step": epoch, "elapsed_s": 4.0 * epoch, "lr": 0.1, "rows_per_s": 100.0,
                "train": {"loss": loss}, "validation": {"loss": loss + 0.125}, "is_best": epoch == 1,
            })  # fmt: skip
    open_store().update(run.id, status=status, started_at=1000.0, ended_at=1018.0)


def test_the_losses_of_a_run_that_is_over_are_those_of_the_weights_that_are_kept(project_id):
    trained_run(project_id, "finished")
    shown = {metric.label: metric.value for metric in opened("train", project_id).metric}
    assert shown["Training loss, epoch 1"] == "0.25" and shown["Validation loss, epoch 1"] == "0.375"
    assert shown["Best epoch"] == "1"


def test_the_time_of_training_is_told_from_the_time_of_the_whole_run(project_id):
    trained_run(project_id, "finished")
    app = opened("train", project_id)
    assert {metric.label: metric.value for metric in app.metric}["Training time"] == "8.0 s"
    assert "Finished in 18 s, from getting the data ready to the export" in app.success[0].value.replace("\\", "")
    again = {button.label for button in app.button if "again" in button.label}
    assert again == {"Train again"}


def set_value(layer: str, field: str, value: Any) -> dict[str, Any]:
    return {"op": "set", "id": layer, "path": [field], "value": value}


WRONG = (set_value("linear_3", "out_features", 7), set_value("linear_3", "activation", "Softmax"))
"""Two mistakes: 7 outputs for 3 classes, and a softmax before a loss that has its own."""


def test_all_problems_are_mended_by_one_click_and_one_undo_brings_them_back(project_id):
    app = opened("model", project_id)
    Editor(app).does(*WRONG)
    app.run().button(key="fix_all").click().run()
    assert ProjectStore().load(project_id).undo_label == "Fix all problems"
    assert not [button for button in app.button if (button.key or "").startswith("badge_")]
    Editor(app).does({"op": "undo"})
    assert [button for button in app.run().button if (button.key or "").startswith("badge_")]


def test_a_single_problem_mended_from_the_summary_is_named_in_the_history_as_what_was_done(project_id):
    app = opened("model", project_id)
    Editor(app).does(WRONG[0])
    app.run().button(key="fix_all").click().run()
    assert ProjectStore().load(project_id).undo_label == "Set output features of linear_3"


def test_a_problem_is_listed_with_its_fix_which_mends_it(project_id):
    app = opened("train", project_id)
    Editor(app).does(WRONG[0])
    assert any("3 classes" in error.value for error in app.run().error)
    app.button(key=next(button.key for button in app.button if (button.key or "").startswith("fix_0_"))).click().run()
    assert not app.error
    assert ProjectStore().load(project_id).present.model.nodes[-1].layer.out_features is None


def test_training_settings_are_saved_as_they_are_made(project_id):
    app = opened("train", project_id)
    app.number_input(key="training_epochs").set_value(7).run()
    app.toggle(key="GradientClipping").set_value(True).run()
    app.selectbox(key="optimizer").set_value("SGD").run()
    app.multiselect(key="metrics").set_value(["Accuracy"]).run()
    training = ProjectStore().load(project_id).present.training
    assert (training.epochs, training.optimizer.kind) == (7, "SGD")
    assert [item.kind for item in training.regularization][-1] == "GradientClipping"
    assert [metric.kind for metric in training.metrics] == ["Accuracy"]


def test_only_losses_that_fit_the_target_are_offered(project_id):
    app = opened("train", project_id)
    offered = ["Cross-entropy", "Negative log-likelihood", "Focal", "KL divergence", "Hinge", "Cosine"]
    assert app.selectbox(key="loss").options == offered


def test_the_page_says_which_losses_fit_and_why_the_others_do_not(project_id):
    app = opened("train", project_id)
    app.session_state["loss_fit"] = True
    (told,) = [text.value for text in app.run().caption if text.value.startswith("- **Cross-entropy**")]
    assert "- **Focal**: For classes of which one is rare" in told
    assert (
        "- Not Mean squared error or Mean absolute error or Smooth L1 or Huber: it compares numbers with numbers."
        in told
    )
    assert "- Not Binary cross-entropy: it compares one logit with yes or no, so it takes two classes." in told


def test_a_project_that_cannot_train_cannot_be_launched(project_id):
    app = opened("train", project_id)
    Editor(app).does(WRONG[0])
    app.run()
    assert app.button(key="launch").disabled and app.error


def test_pages_without_a_run_lead_to_training(project_id):
    for page in ("evaluate", "export"):
        assert opened(page, project_id).button(key="next_train").label == "Go to Train"


def test_a_proven_file_is_offered(project_id):
    finished_run(project_id)
    app = opened("export", project_id)
    assert not app.exception
    assert {item.key for item in app.get("download_button")} == {
        "download_onnx", "download_source", "download_data", "download_project",
    }  # fmt: skip
    assert any(code.value == "python train_iris_flowers.py iris.csv" for code in app.code)


def test_a_file_that_was_not_proven_is_not_offered(project_id):
    finished_run(project_id, CERTIFICATE | {"passed": False, "message": "\x1b[31m2 of 23 labels differ\x1b[0m"})
    app = opened("export", project_id)
    assert "download_onnx" not in {item.key for item in app.get("download_button")}
    assert "does not answer as the trained model does" in app.error[0].value
    assert any(text.value == "## 2 of 23 labels differ" for text in app.markdown)


def test_a_run_that_failed_before_its_figures_says_why_on_every_page(project_id):
    run = open_store().create(ProjectStore().load(project_id).present, project_id)
    open_store().update(run.id, status="failed", message="The disk is full.")
    for page in ("evaluate", "export"):
        assert any("The disk is full\\." in text.value for text in opened(page, project_id).markdown)


def test_the_way_on_keeps_the_project(project_id):
    app = opened("model", project_id)
    app.button(key="go_train").click().run()
    assert not app.exception
    assert app.button(key="launch").label == "Launch"
