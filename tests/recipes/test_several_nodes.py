"""F14: two nodes train as one process does, and go on when one is killed or its cable is pulled.

On a machine that does nothing else that takes less than a minute each time; here it may be busy with other tests.
"""

import pytest

from builder.runs import control
from builder.runs.checkpoints import checkpoint_files
from builder.runs.cluster import prepare_run
from builder.runs.folder import RunFolder
from builder.runs.lines import read_lines
from builder.runs.scale import Scale
from builder.runs.store import open_store
from tests.distributed.endless import STEPS, losses_of, losses_of_one_process, project, steps_of
from tests.distributed.nodes import two_nodes
from tests.waiting import wait_until

EPOCHS, LIMIT_S = 100_000, 120


def goes_on(run, times: int) -> None:
    """Until it has been gone on with so often, and was saved after that."""
    folder = RunFolder(run.folder)
    seen = wait_until(lambda: read_lines(folder.resumes), lambda resumes: len(resumes) >= times)
    wait_until(lambda: int(checkpoint_files(folder)[-1].stem), lambda step: step > seen[-1]["step"])


def test_two_nodes_of_which_one_is_killed_and_comes_back_and_is_cut_off_leave_the_series_of_one_process(tmp_path):
    run = prepare_run(project(EPOCHS), Scale(1, 2))
    with two_nodes() as (first, second):
        stays = first.start(run, tmp_path / "first.txt")
        second.start(run, tmp_path / "second.txt")
        wait_until(lambda: steps_of(run), lambda steps: len(steps) > 50)
        assert open_store().get(run.id).status == "running" and not open_store().reconcile()
        second.kill()
        goes_on(run, 1)
        second.start(run, tmp_path / "back.txt")
        goes_on(run, 2)
        first.cable("down")
        goes_on(run, 3)
        control.pause(run.id)
        assert stays.wait(LIMIT_S) == 0, (tmp_path / "first.txt").read_text()
    assert open_store().get(run.id).status == "paused"
    done = len(steps_of(run))
    assert steps_of(run) == list(range(1, done + 1))
    assert losses_of(run) == pytest.approx(losses_of_one_process(done // STEPS + 1)[:done], rel=1e-5)
