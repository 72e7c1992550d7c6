"""The form of several processes: it launches here, and says how a run is started elsewhere."""

from builder.check.edits import UpdateTraining, apply
from builder.runs.folder import RunFolder
from builder.runs.projects import ProjectStore
from builder.runs.scale import Scale, scale_of
from builder.runs.store import open_store
from tests.ui.test_pages import opened, project_id  # noqa: F401


def test_a_run_is_launched_on_as_many_processes_as_are_asked_for(project_id, monkeypatch):  # noqa: F811
    monkeypatch.setattr("builder.runs.launch.ensure_worker", lambda: None)
    app = opened("train", project_id)
    assert app.button(key="launch_scale").disabled
    app.number_input(key="scale_processes").set_value(2).run()
    assert any("dealt to all 2 processes" in caption.value for caption in app.caption)
    app.button(key="launch_scale").click().run()
    (run,) = open_store().list()
    assert run.status == "queued" and scale_of(RunFolder(run.folder)) == Scale(2) and not app.exception


def test_a_run_for_several_machines_waits_and_says_how_it_is_started(project_id):  # noqa: F811
    app = opened("train", project_id)
    app.number_input(key="scale_nodes").set_value(2).run()
    app.button(key="prepare_scale").click().run()
    (run,) = open_store().list()
    assert run.status == "paused" and not app.exception
    texts = [code.value for code in app.code]
    assert any("--nnodes=1:2" in text and str(run.folder) in text for text in texts)
    assert any("srun" in text for text in texts) and any("ray job submit" in text for text in texts)


def test_what_cannot_be_shared_is_refused_with_a_way_out(project_id):  # noqa: F811
    store = ProjectStore()
    history = store.load(project_id)
    changed = apply(history.present, UpdateTraining(changes={"optimizer": {"kind": "LBFGS"}}))
    store.save(project_id, history.record(changed, "LBFGS"))
    app = opened("train", project_id)
    app.number_input(key="scale_processes").set_value(2).run()
    assert any("Choose AdamW, or 1 process" in error.value for error in app.error)
    assert app.button(key="launch_scale").disabled
