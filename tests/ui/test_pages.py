"""The Model, Train, Evaluate and Export pages, driven without a browser."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from builder.catalogue.layers import Conv2d, Linear
from builder.check.edits import ReplaceLayer, apply
from builder.data.templates import make_project
from builder.runs.events import EventWriter
from builder.runs.folder import RunFolder
from builder.runs.projects import ProjectStore
from builder.runs.store import open_store
from builder.spec.templates import TEMPLATES, dense, stack

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


def selected(project_id: str, *ids: str) -> AppTest:
    """The Model page with these layers selected, as by a click on the canvas."""
    app = opened("model", project_id)
    app.session_state["strata"].selected = ids
    return app.run()


def kinds(project_id: str) -> list[str]:
    return [node.layer.kind for node in ProjectStore().load(project_id).present.model.nodes]


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


def test_a_parameter_set_in_the_inspector_is_saved_and_can_be_undone(project_id):
    app = selected(project_id, "linear_1")
    app.number_input(key="linear_1_out_features").set_value(48).run()
    assert not app.exception
    assert ProjectStore().load(project_id).present.model.nodes[0].layer.out_features == 48
    app.button(key="undo").click().run()
    assert app.number_input(key="linear_1_out_features").value == 32


def test_a_layer_is_duplicated_moved_and_deleted_in_the_inspector(project_id):
    app = selected(project_id, "linear_1")
    app.button(key="duplicate_linear_1").click().run()
    assert kinds(project_id) == ["Linear"] * 4
    app.button(key="delete_linear_1").click().run()
    app = selected(project_id, "linear_4")
    app.button(key="down_linear_4").click().run()
    nodes = ProjectStore().load(project_id).present.model.nodes
    assert [node.id for node in nodes] == ["linear_2", "linear_4", "linear_3"]


def fix(app: AppTest, place: int) -> str:
    """The key of the first fix of the problem at this place of the report."""
    return next(button.key for button in app.button if (button.key or "").startswith(f"fix_{place}_"))


def test_a_problem_is_shown_with_its_fix_and_the_fix_mends_it(project_id):
    app = selected(project_id, "linear_3")
    app.number_input(key="linear_3_out_features").set_value(7).run()
    assert any("3 classes" in error.value for error in app.error)
    app.button(key=fix(app, 0)).click().run()
    assert not app.error
    assert ProjectStore().load(project_id).present.model.nodes[-1].layer.out_features is None


def test_all_problems_are_mended_by_one_click_and_one_undo_brings_them_back(project_id):
    app = selected(project_id, "linear_1")
    app.selectbox(key="linear_1_activation").set_value("").run()
    app = selected(project_id, "linear_3")
    app.number_input(key="linear_3_out_features").set_value(7).run()
    app.selectbox(key="linear_3_activation").set_value("Softmax").run()
    app.button(key="fix_all").click().run()
    assert not app.error and not app.warning
    app.button(key="undo").click().run()
    assert app.error


def test_a_single_problem_mended_from_the_summary_is_named_in_the_history_as_what_was_done(project_id):
    selected(project_id, "linear_3").number_input(key="linear_3_out_features").set_value(7).run()
    selected(project_id).button(key="fix_all").click().run()
    assert ProjectStore().load(project_id).undo_label == "Set output features of linear_3"


def test_a_layer_that_a_fix_replaces_stays_selected_under_its_new_name(project_id):
    edit = ReplaceLayer(id="linear_1", layer=Conv2d())
    ProjectStore().change(project_id, lambda kept: kept.history.record(apply(kept.history.present, edit), edit.label))
    app = selected(project_id, "conv2d_1")
    app.button(key=fix(app, 0)).click().run()
    assert [node.id for node in ProjectStore().load(project_id).present.model.nodes] == [
        "linear_1",
        "linear_2",
        "linear_3",
    ]
    assert app.session_state["strata"].selected == ("linear_1",)
    assert ProjectStore().load(project_id).undo_label == "Change conv2d_1 to Linear"


def test_a_layer_of_another_kind_stays_selected_under_its_new_name(project_id):
    app = selected(project_id, "linear_2")
    app.session_state["layer_more"] = True
    app.run().selectbox(key="kind_linear_2").set_value("Bilinear").run()
    assert ProjectStore().load(project_id).present.model.nodes[1].id == "bilinear_1"
    assert app.session_state["strata"].selected == ("bilinear_1",)


def test_several_problems_mended_by_one_click_are_one_step_of_the_history(project_id):
    selected(project_id, "linear_3").number_input(key="linear_3_out_features").set_value(7).run()
    selected(project_id, "linear_3").selectbox(key="linear_3_activation").set_value("Softmax").run()
    selected(project_id).button(key="fix_all").click().run()
    assert ProjectStore().load(project_id).undo_label == "Fix all problems"


def test_a_setting_is_named_in_the_history_as_in_the_inspector(strata_home):
    images = ProjectStore().create(make_project(TEMPLATES["digits-cnn"]))
    pool = next(node.id for node in ProjectStore().load(images).present.model.nodes if "Pool" in node.layer.kind)
    selected(images, pool).text_input(key=f"{pool}_kernel_size").set_value("1").run()
    assert ProjectStore().load(images).undo_label == f"Set window of {pool}"
    selected(images, pool).button(key=f"reset_{pool}_kernel_size").click().run()
    assert ProjectStore().load(images).undo_label == f"Set window of {pool}"


def test_a_size_that_is_no_number_is_refused_in_words_and_nothing_changes(strata_home, project_id):
    images = ProjectStore().create(make_project(TEMPLATES["digits-cnn"]))
    app = selected(images, "conv2d_1")
    app.text_input(key="conv2d_1_kernel_size").set_value("big").run()
    assert "needs one number or two" in app.toast[0].value
    assert app.text_input(key="conv2d_1_kernel_size").value == "3"


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
    assert app.selectbox(key="loss").options == ["Cross-entropy", "Negative log-likelihood"]


def test_a_project_that_cannot_train_cannot_be_launched(project_id):
    app = selected(project_id, "linear_3")
    app.number_input(key="linear_3_out_features").set_value(7).run()
    app = opened("train", project_id)
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
