"""Every architecture among the templates checks, trains a step, and its ONNX file gives the same answers."""

import json

import pytest

from builder.check.report import check
from builder.data.dataset import prepare
from builder.data.templates import make_project
from builder.export.finish import export_run
from builder.runs.folder import RunFolder
from builder.runs.store import open_store
from builder.spec.architectures import ARCHITECTURES
from builder.training.session import carry_out

NAMES = [template.name for template in ARCHITECTURES]


@pytest.fixture(scope="module", params=ARCHITECTURES, ids=NAMES)
def project(request):
    made = make_project(request.param)
    step = made.training.model_copy(update={"epochs": 1, "batch_size": 512, "regularization": ()})
    return made.model_copy(update={"training": step})


def test_it_has_no_problem(project):
    problems = check(project, prepare(project.data).facts).problems
    assert [problem.message for problem in problems] == []


def test_it_trains_a_step_and_onnxruntime_agrees(project):
    store = open_store()
    run = carry_out(store, store.create(project, status="running"), finish=export_run, reraise=True)
    certificate = json.loads(RunFolder(run.folder).certificate.read_bytes())
    assert certificate["passed"] and certificate["largest_difference"] <= 1e-5
