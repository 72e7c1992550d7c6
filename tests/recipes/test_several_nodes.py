"""F14: two nodes train as one process does, and go on when one is killed or its cable is pulled."""

import pytest

from builder.runs import control
from builder.runs.cluster import prepare_run
from builder.runs.folder import RunFolder
from builder.runs.lines import read_lines
from builder.runs.scale import Scale
from builder.runs.store import open_store
from tests.distributed.endless import STEPS, losses_of, losses_of_one_process, project, steps_of
from tests.distributed.nodes import two_nodes
from tests.waiting import wait_until

EPOCHS = 100_000
WITHIN_S = 60


def goes_on(run, times: int, limit_s: float = WITHIN_S) -> None:
    """Until it has been gone on with so often, and steps came after that."""
    folder = RunFolder(run.folder)
    seen = wait_until(lambda: read_lines(folder.resumes), lambda resumes: len(resumes) >= times, limit_s)
    wait_until(lambda: steps_of(run), lambda steps: len(steps) > seen[-1]["step"] + 50, limit_s)


def test_two_nodes_of_which_one_is_killed_and_comes_back_and_is_cut_off_leave_the_series_of_one_process(tmp_path):
    run = prepare_run(project(EPOCHS), Scale(1, 2))
    with two_nodes() as (first, second):
        stays = first.start(run, tmp_path / "first.txt")
        second.start(run, tmp_path / "second.txt")
        wait_until(lambda: steps_of(run), lambda steps: len(steps) > 50, limit_s=120)
        assert open_store().get(run.id).status == "running" and not open_store().reconcile()
        second.kill()
        goes_on(run, 1)
        second.start(run, tmp_path / "back.txt")
        goes_on(run, 2, limit_s=120)
        first.cable("down")
        goes_on(run, 3)
        control.pause(run.id)
        assert stays.wait(WITHIN_S) == 0, (tmp_path / "first.txt").read_text()
    assert open_store().get(run.id).status == "paused"
    done = len(steps_of(run))
    assert steps_of(run) == list(range(1, done + 1))
    assert losses_of(run) == pytest.approx(losses_of_one_process(done // STEPS + 1)[:done], rel=1e-5)
