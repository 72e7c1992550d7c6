"""Many processes at one store: they are forked, as the worker forks."""

import multiprocessing
import os
import time
from pathlib import Path

import pytest

from builder.runs.processes import start_time
from builder.runs.store import open_store

FORK = multiprocessing.get_context("fork")
PROCESSES = 8


def in_parallel(job, *arguments) -> None:
    together = FORK.Barrier(PROCESSES)
    processes = [FORK.Process(target=_meet, args=(together, job, *arguments)) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * PROCESSES


def _meet(together, job, *arguments) -> None:
    together.wait(30)
    job(*arguments)


def claim_everything(log: Path) -> None:
    while run := open_store().claim(os.getpid(), start_time(os.getpid()), slots=1000):
        append(log, f"{run.id} {os.getpid()}")
        time.sleep(0.005)  # the others' turn


def train_everything(log: Path) -> None:
    store = open_store()
    while any(run.is_active for run in store.list()):
        run = store.claim(os.getpid(), start_time(os.getpid()), slots=2)
        if run is None:
            time.sleep(0.01)
            continue
        begun = time.monotonic()
        time.sleep(0.03)
        append(log, f"{begun} {time.monotonic()}")
        store.update(run.id, status="finished")


def append(log: Path, line: str) -> None:
    with open(log, "a") as file:
        file.write(line + "\n")


def lines(log: Path) -> list[list[str]]:
    return [line.split() for line in log.read_text().splitlines()]


def test_each_queued_run_is_claimed_exactly_once(store, project, tmp_path):
    created = [store.create(project).id for _ in range(60)]
    in_parallel(claim_everything, tmp_path / "log")
    assert sorted(run_id for run_id, _ in lines(tmp_path / "log")) == sorted(created)
    owners = {run.id: str(run.pid) for run in store.list()}
    assert owners == dict(lines(tmp_path / "log"))
    assert len(set(owners.values())) > 1


def test_the_slots_are_never_exceeded(store, project, tmp_path):
    for _ in range(24):
        store.create(project)
    in_parallel(train_everything, tmp_path / "log")
    spans = [(float(begun), float(ended)) for begun, ended in lines(tmp_path / "log")]
    at_once = [sum(begun <= moment < ended for begun, ended in spans) for moment, _ in spans]
    assert len(spans) == 24
    assert max(at_once) <= 2


@pytest.mark.parametrize("attempt", range(3))
def test_a_fresh_store_opens_in_many_processes_at_once(project, strata_home, attempt):
    in_parallel(lambda: open_store().create(project))
    assert len(open_store().list()) == PROCESSES
