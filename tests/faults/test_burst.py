"""F6: of many launches at once each is claimed exactly once, by several workers too. F11: no more runs train than there are
slots, and who waits is told its place."""

import os
import threading
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from builder.catalogue.layers import Linear
from builder.catalogue.losses import MSE
from builder.commands.runs import show_runs
from builder.data.propose import propose
from builder.runs.processes import is_alive
from builder.runs.store import RunStore, open_store
from builder.spec.project import Project
from builder.spec.sources import FileSource
from builder.spec.templates import stack
from builder.spec.training import TrainingSpec
from builder.training import worker
from tests.faults.apart import apart, serving
from tests.waiting import wait_until

RUNS, SLOTS, WORKERS = 20, 2, 2


@pytest.fixture
def tiny(tmp_path) -> Project:
    random = np.random.default_rng(0)
    pd.DataFrame(random.normal(size=(40, 2)), columns=["x", "y"]).to_csv(tmp_path / "rows.csv", index=False)
    data = propose(FileSource(path=str(tmp_path / "rows.csv")), target="y")
    return Project(name="Tiny", data=data, model=stack(Linear()), training=TrainingSpec(loss=MSE(), epochs=1))


def test_a_burst_of_launches_is_carried_out_once_each_in_its_slots(tiny, strata_home, tmp_path, monkeypatch):
    monkeypatch.setenv("STRATA_SLOTS", str(SLOTS))
    log, store, over = tmp_path / "log", open_store(), threading.Event()
    sampled: Counter[int] = Counter()
    watching = threading.Thread(target=_sample, args=(store, sampled, over))
    with serving(WORKERS, prepare=lambda: _write_down_starts(log)) as processes:
        watching.start()
        made = [store.create(tiny).id for _ in range(RUNS)]
        ended = wait_until(store.list, lambda runs: not any(run.is_active for run in runs))
        over.set()
        watching.join()
        assert all(process.is_alive() for process in processes)
    assert [run.status for run in ended] == ["finished"] * RUNS, {run.message for run in ended}
    started = [line.split() for line in log.read_text().splitlines()]
    assert sorted(run_id for run_id, _ in started) == sorted(made), "each is begun exactly once"
    assert len({parent for _, parent in started}) == WORKERS, "and both workers had their share"
    assert max(sampled) == SLOTS and sum(sampled.values()) > 50, sampled


def _sample(store: RunStore, sampled: Counter, over: threading.Event) -> None:
    """How many train at once, by what the store says and by the processes that live."""
    while not over.is_set():
        running = [run for run in store.list() if run.status == "running"]
        alive = sum(is_alive(run.pid, run.process_start) for run in running)
        sampled[max(alive, len(running))] += 1


def _write_down_starts(log: Path) -> None:
    train = worker.train_run

    def train_and_tell(run_id: str) -> None:
        with open(log, "a") as file:
            file.write(f"{run_id} {os.getppid()}\n")
        train(run_id)

    worker.train_run = train_and_tell


def test_who_waits_is_told_its_place_in_the_list(tiny, strata_home, capsys):
    store = open_store()
    first, second, third = (store.create(tiny) for _ in range(3))
    show_runs(None)
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert [" ".join(lines[run.id].split()[3:5]) for run in (first, second, third)] == [
        "queued 1",
        "queued 2",
        "queued 3",
    ]
    apart(store.claim, os.getpid(), worker.start_time(os.getpid()), 1)
    show_runs(None)
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert "running" in lines[first.id] and "queued 1" in lines[second.id] and "queued 2" in lines[third.id]
