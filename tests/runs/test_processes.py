import os
import signal
import subprocess
import sys

import pytest

from builder.runs import processes
from builder.runs.processes import is_alive, start_time


@pytest.fixture
def sleeper():
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


def test_a_process_is_known_by_its_id_and_start(sleeper):
    began = start_time(sleeper.pid)
    assert is_alive(sleeper.pid, began)
    assert not is_alive(sleeper.pid, began + 1)
    assert not is_alive(os.getpid(), began)


def test_a_killed_process_is_dead_even_before_its_parent_looks(sleeper):
    began = start_time(sleeper.pid)
    os.kill(sleeper.pid, signal.SIGKILL)
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)  # a zombie from here on
    assert not is_alive(sleeper.pid, began)


def test_no_process_is_not_alive():
    assert not is_alive(None, None)
    assert not is_alive(os.getpid(), None)
    assert start_time(2**22 + 1) is None  # above the largest id Linux gives


def test_a_name_with_brackets_and_spaces_does_not_confuse(tmp_path):
    odd = tmp_path / "a) R 1 (b"
    odd.symlink_to(sys.executable)
    with subprocess.Popen([odd, "-c", "import time; time.sleep(60)"], env={"PYTHONHOME": sys.base_prefix}) as process:
        try:
            assert 0 <= start_time(process.pid) - start_time(os.getpid()) < 3600
        finally:
            process.kill()


def test_without_proc_ps_tells_the_same(sleeper, tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "PROC", tmp_path / "proc")
    began = start_time(sleeper.pid)
    assert is_alive(sleeper.pid, began)
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert not is_alive(sleeper.pid, began)
    sleeper.wait()
    assert start_time(sleeper.pid) is None
