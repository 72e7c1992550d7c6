"""The list of runs reads a run's project again once the run has written it anew."""

from builder.catalogue.layers import Linear
from builder.runs.folder import RunFolder
from builder.runs.store import open_store
from builder.spec.project import save_project
from builder.ui.run_list import run_project
from tests.projects import stacked


def test_the_batch_size_that_a_run_found_is_shown():
    run = open_store().create(stacked(Linear(), largest_batch=True, batch_size=32), status="running")
    assert run_project(run).training.batch_size == 32
    save_project(stacked(Linear(), largest_batch=True, batch_size=256), RunFolder(run.folder).project_json)
    assert run_project(run).training.batch_size == 256
