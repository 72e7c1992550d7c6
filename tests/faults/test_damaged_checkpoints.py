"""F3: a crash at any moment while a checkpoint is written leaves the one before it, and a damaged one is passed over in
words. F5: where all are missing or damaged there is a message and a choice, never a silent fresh start."""

import os
import shutil

import pytest
import torch

from builder import files
from builder.__main__ import main
from builder.errors import RunError
from builder.runs import control
from builder.runs.checkpoints import checkpoint_files, checkpoint_path
from builder.runs.events import EventReader
from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.runs.store import open_store
from builder.training import checkpointing, watcher
from builder.training.checkpointing import CheckpointWriter, newest_start, read_checkpoint
from tests.trained import carry, carry_on
from tests.training.test_control import STEPS, assert_same_run, at, iris

GENERATIONS = (5, 9)
"""Steps of two checkpoints, whose weights are all their step."""
CALLS = 7
"""To the system, for one checkpoint: make a temporary file, write, flush, flush to disk, permit, replace, flush the folder."""


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(watcher, "ASK_EVERY_S", 0.0)
    monkeypatch.setattr(checkpointing, "SHARE", float("inf"))
    monkeypatch.setattr(control, "ensure_worker", lambda: None)


class Dying:
    """Stands for `os`, `tempfile` or an open file: at the k-th call of all together the process is killed, midway."""

    calls = 0

    def __init__(self, inner, last_call: int):
        self._inner, self._last_call = inner, last_call

    def __getattr__(self, name):
        found = getattr(self._inner, name)
        if name not in ("mkstemp", "write", "flush", "fsync", "chmod", "replace", "fdopen", "open"):
            return found

        def call(*arguments, **named):
            if name in ("fdopen", "open"):
                return Dying(found(*arguments, **named), self._last_call) if name == "fdopen" else found(*arguments)
            Dying.calls += 1
            if Dying.calls == self._last_call:
                if name == "write":
                    found(arguments[0][: len(arguments[0]) // 2])
                    self._inner.flush()
                os._exit(9)
            return found(*arguments, **named)

        return call

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._inner.close()


def save(folder: RunFolder, step: int) -> None:
    about = {"step": step, "epoch": step / 10, "figure": 0.5, "metric": "loss", "is_best": False, "elapsed_s": 1.0}
    CheckpointWriter(folder).save({"weight": torch.full((4000,), float(step))}, about)


def save_and_die(folder: RunFolder, last_call: int) -> int:
    """The exit code of a process that dies at so many calls of saving the newer generation."""
    child = os.fork()
    if not child:
        files.os, files.tempfile = Dying(os, last_call), Dying(files.tempfile, last_call)
        save(folder, GENERATIONS[1])
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_crash_at_any_call_leaves_a_whole_checkpoint(tmp_path):
    found = []
    for last_call in range(1, CALLS + 2):
        folder = RunFolder(tmp_path / f"run{last_call}")
        save(folder, GENERATIONS[0])
        code = save_and_die(folder, last_call)
        assert code == (9 if last_call <= CALLS else 0), "each call was the last one once, and there are no more"
        start = newest_start(folder)
        assert start.state["weight"].tolist() == [float(start.step)] * 4000 and not start.note
        found.append(start.step)
        folder.forget_torn()
        assert {path.suffix for path in folder.checkpoints.iterdir()} == {".safetensors"}
    assert found == [GENERATIONS[0]] * (CALLS - 1) + [GENERATIONS[1]] * 2, "from the replacing on it is the newer one"


@pytest.fixture
def paused() -> Run:
    return carry(iris(), watch=at(2 * STEPS + 2, control.pause))


def damage(run: Run, newest: int | None = None) -> None:
    for path in checkpoint_files(RunFolder(run.folder))[-newest if newest else 0 :]:
        content = bytearray(path.read_bytes())
        content[-3] ^= 1
        path.write_bytes(content)


def test_a_run_whose_newest_checkpoint_is_damaged_goes_on_from_the_one_before_and_says_so(paused):
    whole = carry(iris())
    damage(paused, newest=1)
    before = int(checkpoint_files(RunFolder(paused.folder))[-2].stem)
    control.resume(paused.id)
    ended = carry_on(paused)
    assert ended.status == "finished"
    assert ended.message == f"The newest checkpoint was damaged; it went on from step {before}."
    assert_same_run(whole, ended)


def lose(run: Run) -> None:
    for path in checkpoint_files(RunFolder(run.folder)):
        path.unlink()


def lose_folder_and_weights(run: Run) -> None:
    lose(run)
    RunFolder(run.folder).weights.unlink()


def damage_weights(run: Run) -> None:
    damage(run)
    weights = RunFolder(run.folder).weights
    weights.write_bytes(weights.read_bytes()[:-5])


DAMAGED = "No checkpoint of this run can be read: they are damaged."
GONE = "The checkpoints of this run are gone."
BOTH = "Train again from the beginning, or fork the weights of epoch 2, which are kept."


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (damage, f"{DAMAGED} {BOTH}"), (lose, f"{GONE} {BOTH}"),
        (damage_weights, f"{DAMAGED} Train again from the beginning."),
        (lose_folder_and_weights, f"{GONE} Train again from the beginning."),
    ],
    ids=["damaged", "gone", "weights too", "all gone"],
)  # fmt: skip
def test_a_run_without_a_whole_checkpoint_is_refused_with_a_choice(paused, break_it, says):
    steps = EventReader(RunFolder(paused.folder)).read().steps
    break_it(paused)
    with pytest.raises(RunError) as refused:
        control.resume(paused.id)
    assert str(refused.value) == f"Run {paused.id} cannot go on. {says}"
    assert open_store().get(paused.id) == paused, "it stays as it was"
    assert len(EventReader(RunFolder(paused.folder)).read().steps) == len(steps), "and its curves are not begun anew"


def test_the_command_refuses_in_the_same_words_and_the_weights_can_be_forked(paused, capsys):
    damage(paused)
    assert main(["resume", paused.id]) == 1
    assert capsys.readouterr().err == f"Run {paused.id} cannot go on. {DAMAGED} {BOTH}\n"
    newest = int(checkpoint_files(RunFolder(paused.folder))[-1].stem)
    with pytest.raises(
        RunError, match=f"The checkpoint of step {newest} of run .* is damaged. Take another of these: "
    ):
        control.fork(paused.id, newest, iris(epochs=6).training)
    shutil.rmtree(RunFolder(paused.folder).checkpoints)
    forked = carry_on(control.fork(paused.id, 2 * STEPS, iris(epochs=6).training))
    assert forked.status == "finished" and EventReader(RunFolder(forked.folder)).read().epochs[0]["epoch"] == 3


def test_what_is_damaged_between_the_click_and_the_worker_fails_the_run_in_the_same_words(paused):
    control.resume(paused.id)
    damage(paused)
    ended = carry_on(paused)
    assert (ended.status, ended.message) == ("failed", f"{DAMAGED} {BOTH}")
    with pytest.raises(RunError, match="damaged"):
        read_checkpoint(checkpoint_path(RunFolder(paused.folder), 2 * STEPS + 2))
