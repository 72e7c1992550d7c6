"""The training form, driven without a browser: what it shows follows from the project, its data and the machine."""

import pytest
from streamlit.testing.v1 import AppTest

from builder.check.edits import UpdateData, UpdateTraining, apply
from builder.data.templates import make_project
from builder.runs.machine import note_machine
from builder.runs.projects import ProjectStore
from builder.spec.machine import Accelerator, Machine
from builder.spec.templates import TEMPLATES
from builder.spec.training import TrainingSpec
from tests.ui.test_pages import opened, project_id  # noqa: F401

CARD = Accelerator(name="NVIDIA A10", memory_bytes=24 * 10**9)


def saved(project_id: str) -> TrainingSpec:  # noqa: F811
    return ProjectStore().load(project_id).present.training


def keys(app: AppTest) -> set[str]:
    return {widget.key for kind in ("number_input", "selectbox", "toggle") for widget in app.get(kind)}


def test_a_time_budget_is_off_until_it_is_set_and_can_be_switched_off_again(project_id):  # noqa: F811
    app = opened("train", project_id)
    assert app.number_input(key="training_time_budget_min").value is None
    app.number_input(key="training_time_budget_min").set_value(10.0).run()
    assert saved(project_id).time_budget_min == 10 and not app.error
    app.number_input(key="training_time_budget_min").set_value(None).run()
    assert saved(project_id).time_budget_min is None and not app.exception


def test_metrics_with_settings_bring_their_fields_and_keep_them(project_id):  # noqa: F811
    app = opened("train", project_id)
    app.multiselect(key="metrics").set_value(["Accuracy", "FBeta", "TopKAccuracy"]).run()
    assert app.number_input(key="FBeta_beta").label == "F-beta: beta"
    app.number_input(key="FBeta_beta").set_value(0.5).run()
    app.multiselect(key="metrics").set_value(["FBeta", "ROCAUC"]).run()
    assert [metric.model_dump() for metric in saved(project_id).metrics] == [
        {"kind": "FBeta", "beta": 0.5},
        {"kind": "ROCAUC"},
    ]
    assert "TopKAccuracy_k" not in keys(app)


def test_figures_of_steps_are_offered_for_metrics_that_are_means_over_rows(project_id):  # noqa: F811
    app = opened("train", project_id)
    app.toggle(key="training_step_metrics").set_value(True).run()
    assert [metric.kind for metric in saved(project_id).metrics_of_steps] == ["Accuracy"]
    app.multiselect(key="metrics").set_value(["F1"]).run()
    assert "training_step_metrics" not in keys(app)


def test_the_direction_is_the_figures_own_until_another_is_asked_for(project_id):  # noqa: F811
    app = opened("train", project_id)
    assert "Its own: lower is better" in app.selectbox(key="best_direction").options
    app.selectbox(key="best_by").set_value("Accuracy").run()
    assert "Its own: higher is better" in app.selectbox(key="best_direction").options
    app.selectbox(key="best_direction").set_value("lower").run()
    assert "picks the lowest Accuracy" in app.warning[0].value
    app.button(key=next(button.key for button in app.button if (button.key or "").startswith("fix_0_"))).click().run()
    assert saved(project_id).best_direction == "auto" and not app.warning


def test_another_figure_has_its_own_direction(project_id):  # noqa: F811
    app = opened("train", project_id)
    app.selectbox(key="best_direction").set_value("higher").run()
    app.selectbox(key="best_by").set_value("Accuracy").run()
    assert (saved(project_id).best_by, saved(project_id).best_direction) == ("Accuracy", "auto")


@pytest.mark.parametrize(
    ("machine", "offered", "told"),
    [
        (None, False, None),
        (Machine(cores=2), False, "processor mixed precision is slower"),
        (Machine(cores=2, mixes_well=True), False, "quicker for wide layers and convolutions"),
        (Machine(cores=8, accelerators=(CARD,)), True, "mostly quicker on this card"),
    ],
)
def test_a_device_is_offered_where_there_is_a_choice(machine, offered, told, project_id):  # noqa: F811
    if machine:
        note_machine(machine)
    app = opened("train", project_id)
    assert ("training_device" in keys(app)) is offered
    assert told is None or any(told in text.value for text in app.caption)
    if offered:
        assert app.selectbox(key="training_device").options == [
            "Automatic: NVIDIA A10, 24 GB",
            "Processor",
            "NVIDIA A10, 24 GB",
        ]


def test_a_card_that_this_machine_lacks_is_told_with_a_way_out(project_id):  # noqa: F811
    note_machine(Machine(cores=2))
    store = ProjectStore()
    history = store.load(project_id)
    asked = apply(history.present, UpdateTraining(changes={"device": "cuda"}))
    store.save(project_id, history.record(asked, "Set device"))
    app = opened("train", project_id)
    assert "no NVIDIA card" in app.error[0].value and app.button(key="launch").disabled
    app.selectbox(key="training_device").set_value("auto").run()
    assert not app.error and not app.button(key="launch").disabled


def test_only_images_have_an_order_in_memory(project_id):  # noqa: F811
    assert "training_channels_last" not in keys(opened("train", project_id))


def test_loaders_are_asked_for_where_images_are_changed(project_id):  # noqa: F811
    assert "training_loaders" not in keys(opened("train", project_id))
    changed = apply(make_project(TEMPLATES["digits-mlp"]), UpdateData(changes={"augmentations": [{"kind": "Rotate"}]}))
    of_images = ProjectStore().create(changed)
    app = opened("train", of_images)
    assert app.number_input(key="training_loaders").value is None
    assert app.number_input(key="training_loaders").placeholder == "automatic"
    app.number_input(key="training_loaders").set_value(2).run()
    assert saved(of_images).loaders == 2 and not app.exception
    app.number_input(key="training_loaders").set_value(None).run()
    assert saved(of_images).loaders is None and not app.exception
