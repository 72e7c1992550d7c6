"""F8: a run whose process is gone is told from one that lives, though its id belongs to another process by now, and is
offered to be resumed within 15 seconds."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from builder.runs import processes
from builder.runs.processes import is_alive, start_time
from builder.runs.store import open_store
from tests.faults.apart import serving
from tests.ui.states import make_run
from tests.ui.test_pages import opened
from tests.ui.test_run_control import primary, project_id, told  # noqa: F401
from tests.waiting import wait_until


@pytest.fixture
def another() -> Iterator[int]:
    """The id of a process that has nothing to do with Strata."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        yield process.pid
        process.kill()


@pytest.fixture
def gone(project_id, another) -> str:  # noqa: F811
    """A run that trained in a process of the same id, which began an hour before."""
    run = make_run(project_id, "running", 2.4)
    open_store().update(run.id, pid=another, process_start=start_time(another) - 3600)
    return run.id


def test_the_worker_finds_it_within_15_seconds(gone):
    began = time.monotonic()
    with serving():
        run = wait_until(lambda: open_store().get(gone), lambda run: not run.is_active)
    assert time.monotonic() - began < 15
    assert run.status == "interrupted" and "Resume it from its last checkpoint" in run.message


def test_the_page_finds_it_without_a_worker_and_offers_to_resume(gone, project_id):  # noqa: F811
    app = opened("train", project_id)
    assert open_store().get(gone).status == "interrupted"
    assert "The training process is gone" in told(app) and "Resumed, it goes on in epoch 3 of 40." in told(app)
    assert primary(app) == ["resume"]


def test_the_other_process_is_left_alone(gone, another):
    from builder.runs import launch

    assert launch.kill(gone).status == "stopped"
    assert start_time(another) is not None, "a stop by force must not end a stranger"


def test_after_the_machine_restarted_the_same_id_and_time_are_another_process(another, monkeypatch):
    began = start_time(another)
    assert is_alive(another, began)
    monkeypatch.setattr(processes, "_share_of_boot", lambda: 0.123456)
    assert not is_alive(another, began) and abs(start_time(another) - began) < 0.011
