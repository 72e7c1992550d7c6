"""Every architecture among the templates checks; of each kind one trains a step, and its ONNX file gives the same answers.

The recipes train each of them to its quality, and let onnxruntime answer for it alone.
"""

import json

import pytest

from builder.check.report import check
from builder.data.dataset import prepare
from builder.data.templates import make_project
from builder.export.finish import export_run
from builder.runs.folder import RunFolder
from builder.runs.store import open_store
from builder.spec.architectures import ARCHITECTURES
from builder.spec.templates import TEMPLATES
from builder.training.session import carry_out

EXPORTED = ("resnet", "unet", "gru", "gpt")
"""Branches that are added, branches that are joined, steps one by one, attention."""


@pytest.mark.parametrize("template", ARCHITECTURES, ids=lambda template: template.name)
def test_it_has_no_problem(template):
    project = make_project(template)
    problems = check(project, prepare(project.data).facts).problems
    assert [problem.message for problem in problems] == []


@pytest.mark.parametrize("name", EXPORTED)
def test_it_trains_a_step_and_onnxruntime_agrees(name):
    made = make_project(TEMPLATES[name])
    step = made.training.model_copy(update={"epochs": 1, "batch_size": 512, "regularization": ()})
    project, store = made.model_copy(update={"training": step}), open_store()
    run = carry_out(store, store.create(project, status="running"), finish=export_run, reraise=True)
    certificate = json.loads(RunFolder(run.folder).certificate.read_bytes())
    assert certificate["passed"] and certificate["largest_difference"] <= 1e-5
