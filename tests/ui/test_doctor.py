"""What the Train page shows of the doctor's findings, and what a click on a fix does."""

import os

import pytest
from streamlit.testing.v1 import AppTest

from builder.catalogue.optimizers import AdamW
from builder.data.templates import make_project
from builder.runs.changes import take_asked
from builder.runs.events import EventReader, EventWriter
from builder.runs.folder import RunFolder
from builder.runs.projects import ProjectStore
from builder.runs.run import Run, Status
from builder.runs.store import open_store
from builder.spec.templates import TEMPLATES
from builder.ui.doctor import _found
from tests.ui.states import make_run
from tests.ui.test_pages import opened

JUMPED = [1.0, *[40.0] * 9, *[1.1] * 90]
LEARNED = [0.95**step for step in range(100)]


@pytest.fixture
def project_id(strata_home, monkeypatch) -> str:
    monkeypatch.setattr("builder.ui.warm_up._warm_up", lambda: None)
    monkeypatch.setattr("builder.runs.launch._spawn_worker", os.getpid)  # nothing trains here
    return ProjectStore().create(project_with(0.5))


def project_with(lr: float):
    project = make_project(TEMPLATES["iris"])
    return project.model_copy(update={"training": project.training.model_copy(update={"optimizer": AdamW(lr=lr)})})


def run_with(project_id: str, losses: list[float], status: Status = "running") -> Run:
    run = make_run(project_id, status)
    with EventWriter(RunFolder(run.folder)) as events:
        for step, loss in enumerate(losses, 1):
            events.step(step, step / 10, loss, step / 10)
    return run


def findings(app: AppTest) -> list[str]:
    return [warning.value.replace("\\", "") for warning in app.warning if "stethoscope" in warning.icon]


def test_a_healthy_run_shows_no_doctor(project_id):
    run_with(project_id, LEARNED)
    app = opened("train", project_id)
    assert findings(app) == [] and not app.exception


def test_a_finding_is_said_with_its_figures_and_its_ways_out(project_id):
    run_with(project_id, JUMPED)
    app = opened("train", project_id)
    (said,) = findings(app)
    assert said.startswith("**Learning rate too high.** The loss rose from 1 to 40 by step 5")
    assert (
        app.button(key="mend_lr_too_high_0").label.replace("\\", "") == "Set the learning rate to 0.001 and train again"
    )


def test_the_learning_rate_can_be_changed_at_once(project_id):
    run = run_with(project_id, JUMPED)
    app = opened("train", project_id)
    app.button(key="change_lr_too_high").click().run()
    assert take_asked(RunFolder(run.folder)) == 0.001 and not app.exception
    assert ProjectStore().load(project_id).present.training.optimizer.lr == 0.5


def test_a_fix_mends_the_project_in_one_step_stops_the_run_and_trains_anew(project_id):
    run = run_with(project_id, JUMPED)
    opened("train", project_id).button(key="mend_lr_too_high_0").click().run()
    history = ProjectStore().load(project_id)
    assert history.present.training.optimizer.lr == 0.001 and len(history.past) == 1
    assert history.undo_label == "Set the learning rate to 0.001"
    newest, older = open_store().list(project_id)
    assert older.id == run.id and older.request == "stop"
    assert newest.status == "queued" and RunFolder(newest.folder).project.training.optimizer.lr == 0.001


def test_a_fault_of_the_doctor_is_logged_and_leaves_the_page_as_it_is(project_id, monkeypatch, capsys):
    def fail(_evidence):
        raise KeyError("what a rule forgot")

    monkeypatch.setattr("builder.ui.doctor.diagnose", fail)
    run_with(project_id, JUMPED)
    app = opened("train", project_id)
    assert findings(app) == [] and not app.exception
    assert "pause" in {button.key for button in app.button}
    assert "what a rule forgot" in capsys.readouterr().err


def test_two_tabs_with_other_projects_are_each_diagnosed_once_in_a_while(project_id, monkeypatch):
    looks = []
    monkeypatch.setattr("builder.ui.doctor._REST_S", 3600.0)
    monkeypatch.setattr("builder.ui.doctor._diagnosed", lambda run, present, events: looks.append(present) or ())
    run = run_with(project_id, JUMPED)
    projects = [project_with(rate) for rate in (0.1, 0.2)]
    for present in projects * 3:
        monkeypatch.setattr("builder.ui.doctor.current_project", lambda present=present: present)
        _found(run, EventReader(RunFolder(run.folder)).read())
    assert looks == projects


def test_a_run_that_is_over_is_only_mended_by_training_again(project_id):
    run_with(project_id, JUMPED, "stopped")
    app = opened("train", project_id)
    assert len(findings(app)) == 1
    assert "change_lr_too_high" not in {button.key for button in app.button}
    app.button(key="mend_lr_too_high_0").click().run()
    assert [run.status for run in open_store().list(project_id)] == ["queued", "stopped"]
