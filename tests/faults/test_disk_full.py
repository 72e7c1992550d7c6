"""F4: on a full disk a run ends as such, in plain words; the store is intact, the last good checkpoint loads, and once there
is room the run goes on to the weights that it would have had anyway."""

import os
import sqlite3
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Linear
from builder.catalogue.losses import CrossEntropy
from builder.data.propose import propose
from builder.runs import control, room
from builder.runs.checkpoints import checkpoint_files
from builder.runs.disk import DISK_FULL, DiskFull, is_disk_full
from builder.runs.events import EventReader
from builder.runs.folder import RunFolder
from builder.runs.processes import is_alive
from builder.runs.run import Run
from builder.runs.store import open_store
from builder.spec.project import Project
from builder.spec.sources import SampleSource
from builder.spec.templates import stack
from builder.spec.training import TrainingSpec
from builder.training import checkpointing, worker
from builder.training.checkpointing import newest_start, read_checkpoint
from builder.training.watching import Watcher
from tests.faults.apart import apart, serving
from tests.faults.small_disk import can_mount, fill, mount_small
from tests.trained import carry, carry_on
from tests.waiting import wait_until

SIZE_BYTES = 8_000_000


@pytest.fixture(scope="module", autouse=True)
def _mounts():
    if not can_mount():
        pytest.skip("this machine lets nobody mount a file system of his own")


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch):
    monkeypatch.setattr(control, "ensure_worker", lambda: None)


def iris(**training) -> Project:
    model = stack(Linear(out_features=48, activation=ReLU()), Linear())
    settings = TrainingSpec(**{"loss": CrossEntropy(), "epochs": 6, "batch_size": 16} | training)
    return Project(name="Iris", data=propose(SampleSource(name="iris")), model=model, training=settings)


def losses(run: Run) -> list[float]:
    return EventReader(RunFolder(run.folder)).read().steps["loss"].tolist()


def assert_same_run(one: Run, other: Run) -> None:
    assert losses(one) == losses(other)
    weights, others = (load_file(RunFolder(run.folder).weights) for run in (one, other))
    assert all(torch.equal(weights[name], others[name]) for name in weights)


def assert_intact(home: Path) -> None:
    with sqlite3.connect(home / "strata.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


@pytest.mark.parametrize("room_bytes", [50_000, 90_000, 130_000])
def test_a_run_on_a_full_disk_ends_in_words_and_goes_on_once_there_is_room(strata_home, monkeypatch, room_bytes):
    monkeypatch.setattr(checkpointing, "SHARE", float("inf"))  # saved after each step
    apart(_fill_up_while_it_trains, strata_home, room_bytes)


def _fill_up_while_it_trains(home: Path, room_bytes: int) -> None:
    mount_small(home, SIZE_BYTES)
    whole = carry(iris())
    assert whole.status == "finished", whole.message
    ballast = []

    def watch(watcher: Watcher) -> Watcher:
        ballast.append(fill(home, room_bytes))
        return watcher

    run = carry(iris(), watch=watch)
    folder = RunFolder(run.folder)
    assert (run.status, run.message) == ("failed", DISK_FULL)
    assert 0 < len(losses(run)) < len(losses(whole))
    start = newest_start(folder)
    assert start.is_own and not start.note and all(tensor.isfinite().all() for tensor in start.state["model"].values())
    ballast[0].unlink()
    assert_intact(home)
    assert [known.status for known in open_store().list()] == ["failed", "finished"]
    control.resume(run.id)
    run = carry_on(run)
    assert run.status == "finished", run.message
    assert_same_run(whole, run)
    left = [path.name for path in (*folder.path.iterdir(), *folder.checkpoints.iterdir())]
    assert not [name for name in left if name.startswith(".") or name == "room"], "nothing half written stays"


def test_where_the_store_has_no_room_either_the_end_is_told_as_soon_as_there_is_some(strata_home, monkeypatch):
    monkeypatch.setattr(worker, "TRY_AGAIN_S", 0.2)
    monkeypatch.setattr(room, "ROOM_BYTES", 0)  # as if others had taken what the run gave back
    apart(_fill_to_the_last_byte, strata_home)


def _fill_to_the_last_byte(home: Path) -> None:
    mount_small(home, SIZE_BYTES)
    with serving() as (served,):
        run = open_store().create(iris(epochs=100_000))
        wait_until(lambda: len(checkpoint_files(RunFolder(run.folder))), bool)
        run = open_store().get(run.id)
        ballast = fill(home)
        wait_until(lambda: is_alive(run.pid, run.process_start), lambda alive: not alive)
        time.sleep(0.5)
        assert served.is_alive(), "the queue does not end with it"
        try:
            assert open_store().get(run.id).status == "running", "nobody could write it down"
        except DiskFull as error:
            assert str(error) == DISK_FULL
        ballast.unlink()
        told = wait_until(lambda: open_store().get(run.id), lambda run: not run.is_active, 15)
        assert (told.status, told.message) == ("failed", DISK_FULL)
        assert_intact(home)
        assert read_checkpoint(checkpoint_files(RunFolder(run.folder))[-1])
        done = len(losses(run))
        control.resume(run.id)
        wait_until(lambda: len(losses(run)), lambda steps: steps > done)
        control.stop(run.id)
        told = wait_until(lambda: open_store().get(run.id), lambda run: not run.is_active)
        assert told.status == "stopped", told.message
        steps = EventReader(RunFolder(run.folder)).read().steps["step"].tolist()
        assert steps == list(range(1, len(steps) + 1))


def test_a_launch_on_a_full_disk_is_refused_in_words_and_leaves_nothing(strata_home):
    apart(_launch_on_a_full_disk, strata_home)


def _launch_on_a_full_disk(home: Path) -> None:
    mount_small(home, SIZE_BYTES)
    store = open_store()
    before = store.create(iris())
    ballast = fill(home)
    with pytest.raises((DiskFull, OSError)) as refused:
        store.create(iris())
    assert is_disk_full(refused.value)
    ballast.unlink()
    assert [run.id for run in store.list()] == [before.id] == os.listdir(home / "runs")
    assert_intact(home)


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"), OSError(122, "Disk quota exceeded"),
        RuntimeError("[enforce fail at inline_container.cc:659] . unexpected pos 64 vs 0: No space left on device"),
        sqlite3.OperationalError("database or disk is full"),
    ],
    ids=["system", "quota", "torch", "SQLite"],
)  # fmt: skip
def test_every_library_s_words_for_it_are_known(error):
    assert is_disk_full(error)


def test_other_faults_of_files_are_not_taken_for_it(strata_home):
    assert not is_disk_full(sqlite3.OperationalError("disk I/O error"))
    assert not is_disk_full(PermissionError(13, "Permission denied"))
