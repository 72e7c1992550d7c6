"""Refused edits, told in the words of the screen."""

from builder.data.templates import make_project
from builder.spec.templates import TEMPLATES
from builder.ui.refused import in_words


def test_a_refused_field_is_called_what_its_widget_is_called(strata_home):
    project = make_project(TEMPLATES["iris"])
    refusal = "training.optimizer.lr: must be greater than 0; got 0.0."
    assert in_words(refusal, project) == "Learning rate must be greater than 0; got 0.0."
    refusal = "model.nodes.0.layer.out_features: there is no such field."
    assert in_words(refusal, project) == "Output features: there is no such field."


def test_what_is_no_place_in_the_project_is_told_as_it_is(strata_home):
    project = make_project(TEMPLATES["iris"])
    for line in ("model.nodes.99.layer: is missing.", "The file is gone: look for it.", "nodes: is missing."):
        assert in_words(line, project) == line
