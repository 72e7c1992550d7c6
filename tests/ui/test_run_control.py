"""What the Train page offers for a run in each state, and what its buttons ask for."""

import json
import os

import pytest
from streamlit.testing.v1 import AppTest

from builder.catalogue.layers import Linear
from builder.catalogue.optimizers import Adam
from builder.check.edits import UpdateTraining, apply
from builder.data.templates import make_project
from builder.runs.changes import Change, record, take_asked
from builder.runs.events import EventWriter
from builder.runs.folder import RunFolder
from builder.runs.projects import ProjectStore
from builder.runs.store import open_store
from builder.spec.templates import TEMPLATES, dense, stack
from tests.ui.states import STEPS_PER_EPOCH, make_run
from tests.ui.test_pages import opened


@pytest.fixture
def project_id(strata_home, monkeypatch) -> str:
    monkeypatch.setattr("builder.ui.warm_up._warm_up", lambda: None)
    monkeypatch.setattr("builder.runs.launch._spawn_worker", os.getpid)  # nothing trains here
    project = make_project(TEMPLATES["iris"])
    training = project.training.model_copy(update={"optimizer": Adam(lr=0.001), "epochs": 40})
    model = stack(*dense(32, 16), Linear())
    return ProjectStore().create(project.model_copy(update={"model": model, "training": training}))


def change_training(project_id: str, **changes) -> None:
    edit = UpdateTraining(changes=changes)
    ProjectStore().change(project_id, lambda kept: kept.history.record(apply(kept.history.present, edit), edit.label))


def keys(app: AppTest) -> set[str]:
    return {button.key for button in app.button if button.key}


def primary(app: AppTest) -> list[str]:
    return [button.key for button in app.button if button.proto.type == "primary"]


def told(app: AppTest) -> str:
    parts = [*app.info, *app.success, *app.warning, *app.error, *app.caption, *app.markdown]
    return " ".join(part.value.replace("\\", "") for part in parts)


def newest(project_id: str):
    return open_store().list(project_id)[0]


def test_a_run_that_trains_is_paused_and_says_so(project_id):
    run = make_run(project_id, "running", 2.4)
    app = opened("train", project_id)
    assert {"pause", "fork", "apply_rate", "rate_half"} <= keys(app) and not app.exception
    app.button(key="pause").click().run()
    assert open_store().get(run.id).request == "pause"
    assert "Pausing after this batch; nothing of it is lost." in told(app)
    assert not {"pause", "fork", "apply_rate"} & keys(app)


def test_the_learning_rate_is_written_or_taken_by_a_factor(project_id):
    run = make_run(project_id, "running", 2)
    app = opened("train", project_id)
    app.number_input(key=f"rate_{run.id}").set_value(0.0003)
    app.button(key="apply_rate").click().run()
    assert take_asked(RunFolder(run.folder)) == 0.0003
    record(RunFolder(run.folder), Change(step=1240, epoch=2.0, lr=0.0003))
    app.run()
    assert "0.0003 from step 1,240 on." in told(app)
    app.button(key="rate_half").click().run()
    assert take_asked(RunFolder(run.folder)) == 0.00015
    assert app.number_input(key=f"rate_{run.id}").value == 0.00015


def test_the_field_follows_the_rate_in_force_whoever_changed_it(project_id):
    run = make_run(project_id, "running", 2)
    app = opened("train", project_id)
    step = app.number_input(key=f"rate_{run.id}").step
    record(RunFolder(run.folder), Change(step=21, epoch=2.0, lr=0.02))  # as the doctor or a command does
    app.run()
    field = app.number_input(key=f"rate_{run.id}")
    assert field.value == 0.02
    assert field.step == step  # with another step Streamlit takes it for another field and forgets its value


def test_two_quick_clicks_halve_twice_and_none_goes_beyond_the_bounds(project_id):
    run = make_run(project_id, "running", 2)
    app = opened("train", project_id)
    app.button(key="rate_half").click().run()
    app.button(key="rate_half").click().run()  # no step has taken on the first one yet
    assert take_asked(RunFolder(run.folder)) == 0.00025
    record(RunFolder(run.folder), Change(step=21, epoch=2.0, lr=7.5))
    app.run()
    app.button(key="rate_double").click().run()
    assert take_asked(RunFolder(run.folder)) == 10  # the highest that an Adam may have
    record(RunFolder(run.folder), Change(step=22, epoch=2.0, lr=10.0))
    app.run()
    assert app.button(key="rate_double").disabled


def test_a_rate_that_was_refused_is_not_shown(project_id, monkeypatch):
    run = make_run(project_id, "running", 2)
    app = opened("train", project_id)
    monkeypatch.setattr("builder.runs.control.highest_lr", lambda _: 0.0001)
    app.button(key="rate_half").click().run()
    assert app.number_input(key=f"rate_{run.id}").value == 0.001
    assert take_asked(RunFolder(run.folder)) is None


def test_a_stop_keeps_the_best(project_id):
    run = make_run(project_id, "running", 2)
    app = opened("train", project_id)
    menu = app.menu_button(key="stop")
    assert menu.options == ["Stop and keep the best", "Stop and discard…"]
    menu.click("keep").run()
    assert open_store().get(run.id).request == "stop"
    assert "the best weights so far are kept" in told(app)


def test_a_run_is_discarded_only_once_that_is_said_twice(project_id):
    run = make_run(project_id, "running", 2)
    app = opened("train", project_id)
    app.menu_button(key="stop").click("discard").run()
    app.button(key="keep_run").click().run()
    assert open_store().get(run.id).request is None and "confirm_discard" not in keys(app)
    app.menu_button(key="stop").click("discard").run()
    app.run()  # as while it is polled
    app.button(key="confirm_discard").click().run()
    assert open_store().get(run.id).request == "discard" and "confirm_discard" not in keys(app)


def test_a_paused_run_is_resumed(project_id):
    run = make_run(project_id, "paused", 2.4, message="Paused in epoch 3 of 40, after step 24.")
    app = opened("train", project_id)
    assert "Paused in epoch 3 of 40, after step 24. Nothing of it is lost" in told(app)
    assert primary(app) == ["resume"]
    app.button(key="resume").click().run()
    assert open_store().get(run.id).status == "queued"
    assert "cancel" in keys(app)


def test_a_paused_run_is_ended_with_its_best_weights_or_without(project_id):
    run = make_run(project_id, "paused", 2)
    app = opened("train", project_id)
    app.button(key="stop").click().run()
    assert (open_store().get(run.id).status, open_store().get(run.id).request) == ("queued", "stop")
    other = make_run(project_id, "paused", 2)
    app = opened("train", project_id)
    app.button(key="discard").click().run()
    app.button(key="confirm_discard").click().run()
    assert open_store().get(other.id).status == "discarded"
    assert "its curves are kept, its weights are not" in told(app)
    assert primary(app) == ["launch"] and not {"resume", "fork"} & keys(app)


def test_an_interrupted_run_goes_on_where_its_checkpoint_stands(project_id):
    make_run(project_id, "interrupted", 2.4, message="The training process is gone.")
    app = opened("train", project_id)
    assert "The training process is gone. Resumed, it goes on in epoch 3 of 40." in told(app)
    assert primary(app) == ["resume"]


def test_an_interrupted_run_without_a_checkpoint_is_trained_again(project_id):
    make_run(project_id, "interrupted", message="The training process is gone.")
    app = opened("train", project_id)
    assert "The training process is gone. Train again; it starts from the beginning." in told(app)
    assert primary(app) == ["launch"] and "resume" not in keys(app)


def test_a_run_whose_loss_was_lost_is_forked_and_not_resumed(project_id):
    make_run(project_id, "failed", 2, message="The loss became nan at step 21 (epoch 3).")
    app = opened("train", project_id)
    assert primary(app) == ["fork"] and "resume" not in keys(app) and "launch" in keys(app)


@pytest.mark.parametrize("status", ["running", "failed", "interrupted"])
def test_damaged_checkpoints_are_not_offered(project_id, status):
    run = make_run(project_id, status, 2, message="The loss became nan.")
    for path in RunFolder(run.folder).checkpoints.iterdir():
        path.write_bytes(b"damaged")
    app = opened("train", project_id)
    assert not {"fork", "resume"} & keys(app) and not app.exception
    assert primary(app) == ([] if status == "running" else ["launch"])


def test_a_fork_that_has_not_beaten_its_parent_names_the_best_epoch_of_that(project_id):
    parent = make_run(project_id, "stopped", 3, evaluated=True)
    app = opened("train", project_id)
    app.button(key="continue_run").click().run()
    forked = RunFolder(newest(project_id).folder)
    with EventWriter(forked) as events:
        events.plan(13, STEPS_PER_EPOCH, 100)
        events.step(31, 3.1, 0.5, 0.1)
    header = json.dumps({"__metadata__": {"best": json.dumps({"epoch": 2, "loss": 0.25})}}).encode()
    forked.weights.write_bytes(len(header).to_bytes(8, "little") + header)
    open_store().update(newest(project_id).id, status="stopped")
    app = opened("train", project_id)
    assert {metric.label: metric.value for metric in app.metric}["Best epoch"] == "2, in Run 1"
    assert parent.id != newest(project_id).id


def test_a_run_that_keeps_the_last_weights_never_claims_the_best(project_id):
    change_training(project_id, regularization=[{"kind": "EarlyStopping", "restore_best": False}])
    make_run(project_id, "running", 2)
    app = opened("train", project_id)
    app.menu_button(key="stop").click("keep").run()
    assert "the last weights so far are kept" in told(app) and "best weights" not in told(app)


def test_a_failed_run_is_first_of_all_trained_again(project_id):
    make_run(project_id, "failed", 2, message="The disk is full.")
    app = opened("train", project_id)
    assert primary(app) == ["launch"] and {"resume", "fork"} <= keys(app)


@pytest.mark.parametrize("status", ["finished", "stopped"])
def test_a_run_that_is_measured_is_looked_at_first(project_id, status):
    make_run(project_id, status, 3, evaluated=True)
    app = opened("train", project_id)
    assert primary(app) == ["go_evaluate"] and {"go_export", "continue_run", "fork", "launch"} <= keys(app)
    assert ("resume" in keys(app)) == (status == "stopped")


def test_a_run_is_continued_for_a_quarter_of_its_epochs_or_for_what_is_written(project_id):
    run = make_run(project_id, "finished", 3, evaluated=True)
    app = opened("train", project_id)
    more = app.number_input(key=f"more_epochs_{run.id}")
    assert more.value == 10
    more.set_value(5)
    app.button(key="continue_run").click().run()
    continued = newest(project_id)
    assert continued.id != run.id and RunFolder(continued.folder).project.training.epochs == 8
    assert "from Run 1, epoch 3" in told(app)


def test_a_fork_starts_from_the_best_with_the_settings_that_the_project_has_now(project_id):
    make_run(project_id, "stopped", 3, evaluated=True)
    change_training(project_id, optimizer={"kind": "Adam", "lr": 0.0001}, epochs=60)
    app = opened("train", project_id)
    app.button(key="fork").click().run()
    assert app.selectbox(key="fork_checkpoint").options == [
        "Epoch 3 · last · validation loss 0.5", "Epoch 2 · best · validation loss 0.25", "Epoch 1 · validation loss 0.75",
    ]  # fmt: skip
    assert "- Adam: learning rate 0.001 → 0.0001 - Epochs 40 → 60" in " ".join(told(app).split())
    assert "The weights and the state of Adam are taken over. The model and the data stay those of Run 1." in told(app)
    app.button(key="confirm_fork").click().run()
    forked = RunFolder(newest(project_id).folder).project.training
    assert (forked.optimizer.lr, forked.epochs) == (0.0001, 60)
    assert "confirm_fork" not in keys(app) and "from Run 1, epoch 2" in told(app)


def test_a_fork_keeps_the_settings_of_the_run_but_for_what_is_written(project_id):
    make_run(project_id, "stopped", 3, evaluated=True)
    change_training(project_id, optimizer={"kind": "SGD", "lr": 0.1})
    app = opened("train", project_id)
    app.button(key="fork").click().run()
    assert "SGD starts afresh, as the run had Adam" in told(app)
    app.radio(key="fork_settings").set_value("run").run()
    app.selectbox(key="fork_checkpoint").select_index(0).run()
    app.number_input(key="fork_lr_0.001").set_value(0.0002).run()
    app.number_input(key="fork_epochs_3_40").set_value(45).run()
    app.button(key="confirm_fork").click().run()
    forked = RunFolder(newest(project_id).folder).project.training
    assert (forked.optimizer.kind, forked.optimizer.lr, forked.epochs) == ("Adam", 0.0002, 45)


def test_a_fork_that_is_not_wanted_makes_no_run(project_id):
    make_run(project_id, "stopped", 3, evaluated=True)
    app = opened("train", project_id)
    app.button(key="fork").click().run()
    app.button(key="cancel_fork").click().run()
    assert len(open_store().list(project_id)) == 1 and "confirm_fork" not in keys(app)


def test_the_list_of_runs_offers_what_each_state_allows(project_id):
    paused = make_run(project_id, "paused", 2)
    waiting = open_store().create(ProjectStore().load(project_id).present, project_id)
    discarded = make_run(project_id, "discarded", message="Discarded in epoch 2.")
    app = opened("train", project_id)
    assert {f"resume_{paused.id}", f"cancel_{waiting.id}"} <= keys(app)
    assert not {f"resume_{discarded.id}", f"cancel_{discarded.id}"} & keys(app)
    app.button(key=f"resume_{paused.id}").click().run()
    app.button(key=f"cancel_{waiting.id}").click().run()
    assert [run.status for run in open_store().list(project_id)] == ["discarded", "cancelled", "queued"]


def test_a_fork_is_named_with_its_origin_wherever_runs_are_listed(project_id):
    run = make_run(project_id, "finished", 3, evaluated=True)
    app = opened("train", project_id)
    app.button(key="continue_run").click().run()
    open_store().update(newest(project_id).id, status="cancelled")
    app = opened("evaluate", project_id)
    assert app.selectbox(key="run_picker").options[0].startswith("Run 2 · from Run 1, epoch 3 · cancelled")
    assert run.id != newest(project_id).id


def test_what_cannot_be_done_is_explained(project_id):
    run = make_run(project_id, "paused", 2)
    app = opened("train", project_id)
    open_store().update(run.id, status="finished")  # by somebody else, meanwhile
    app.button(key="resume").click().run()
    assert "there is nothing to resume" in told(app)
