"""Models that Strata proposes, on the Model page."""

from builder.data.templates import make_project
from builder.runs.projects import ProjectStore
from builder.spec.templates import TEMPLATES
from tests.ui.test_pages import opened


def test_a_proposed_model_is_taken_with_its_training_settings_in_one_step(monkeypatch):
    monkeypatch.setattr("builder.ui.warm_up._warm_up", lambda: None)
    project_id = ProjectStore().create(make_project(TEMPLATES["iris"]))
    app = opened("model", project_id)
    app.button(key="suggest_model").click().run()
    assert {button.key for button in app.button} >= {"use_small", "use_balanced", "use_accurate"}
    app.run()  # as at the end of a measurement
    app.button(key="use_small").click().run()
    assert not any(button.key == "use_small" for button in app.button)
    history = ProjectStore().load(project_id)
    assert [node.layer.kind for node in history.present.model.nodes][-1] == "Linear"
    assert [step.label for step in history.past] == ["Take the small model"]
