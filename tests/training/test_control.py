"""What a user asks of a run: to pause, resume, stop, discard, fork, go on, or to learn at another rate."""

import shutil

import numpy as np
import pytest
from safetensors.torch import load_file

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Dropout, Linear
from builder.catalogue.losses import MSE, CrossEntropy
from builder.catalogue.metrics import Accuracy
from builder.catalogue.optimizers import SGD, AdamW, Muon, RMSprop
from builder.catalogue.regularization import EMA, SWA, EarlyStopping
from builder.catalogue.schedulers import CosineDecay, Plateau
from builder.data.propose import propose
from builder.errors import RunError, SpecError
from builder.runs import control
from builder.runs.changes import Change, changes, record
from builder.runs.checkpoints import checkpoint_files, checkpoints
from builder.runs.events import EventReader
from builder.runs.folder import RunFolder
from builder.runs.origin import origin_of
from builder.runs.resumes import resumed_after
from builder.runs.run import Run
from builder.runs.store import open_store
from builder.spec.project import Project
from builder.spec.sources import SampleSource
from builder.spec.templates import stack
from builder.spec.training import TrainingSpec
from builder.training import checkpointing, watcher
from builder.training.session import carry_out
from builder.training.watching import Watcher
from tests.trained import carry, carry_on

STEPS = 7
"""Of an epoch of iris in batches of 16."""


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    """Everything is looked at after each step and saved after each, and no worker is started."""
    monkeypatch.setattr(watcher, "ASK_EVERY_S", 0.0)
    monkeypatch.setattr(checkpointing, "SHARE", float("inf"))
    monkeypatch.setattr(control, "ensure_worker", lambda: None)


def iris(**training) -> Project:
    model = stack(Linear(out_features=8, activation=ReLU()), Dropout(p=0.2), Linear())
    settings = {"loss": CrossEntropy(), "metrics": (Accuracy(),), "epochs": 4, "batch_size": 16, "optimizer": AdamW(lr=0.01)}  # fmt: skip
    return Project(name="Iris", data=propose(SampleSource(name="iris")), model=model, training=TrainingSpec(**settings | training))  # fmt: skip


class At(Watcher):
    """Passes everything on, and does something after a step."""

    def __init__(self, step: int, do, inner: Watcher):
        self._step, self._do, self._inner = step, do, inner

    def step(self, step: int, *rest) -> None:
        self._inner.step(step, *rest)
        if step == self._step:
            (run,) = (run for run in open_store().list() if run.status == "running")
            self._do(run.id)

    def __getattribute__(self, name):
        own = ("step", "_step", "_do", "_inner")
        return object.__getattribute__(self, name) if name in own else getattr(self._inner, name)


def at(step: int, do):
    return lambda inner: At(step, do, inner)


def losses(run: Run) -> list[float]:
    steps = EventReader(RunFolder(run.folder)).read().steps
    assert steps["step"].tolist() == list(range(int(steps["step"][0]), int(steps["step"][-1]) + 1))
    return steps["loss"].tolist()


def epochs(run: Run) -> list[dict]:
    timed = ("elapsed_s", "rows_per_s")
    found = EventReader(RunFolder(run.folder)).read().epochs
    return [{name: value for name, value in epoch.items() if name not in timed} for epoch in found]


def assert_same_run(one: Run, other: Run) -> None:
    assert losses(one) == losses(other) and epochs(one) == epochs(other)
    weights, others = (load_file(RunFolder(run.folder).weights) for run in (one, other))
    assert all((weights[name] == others[name]).all() for name in weights)
    one, other = (RunFolder(run.folder).evaluation.read_text() for run in (one, other))
    assert one == other


@pytest.mark.parametrize("step", [1, 5, STEPS, STEPS + 3, 4 * STEPS - 1])
def test_a_paused_run_that_is_resumed_is_the_run_that_was_never_paused(step):
    whole = carry(iris())
    paused = carry(iris(), watch=at(step, control.pause))
    assert (paused.status, paused.message) == ("paused", f"Paused in epoch {(step - 1) // STEPS + 1} of 4, after step {step}.")  # fmt: skip
    assert len(losses(paused)) == step and not RunFolder(paused.folder).evaluation.exists()
    assert control.is_resumable(paused)
    assert control.resume(paused.id).status == "queued"
    ended = carry_on(paused)
    assert ended.status == "finished" and not control.is_resumable(ended)
    assert_same_run(whole, ended)


def test_it_may_be_paused_again_and_again():
    whole, run = carry(iris()), carry(iris(), watch=at(2, control.pause))
    for step in (3, 9, 20):
        control.resume(run.id)
        run = carry_on(run, watch=at(step, control.pause))
        assert run.status == "paused" and len(losses(run)) == step
    control.resume(run.id)
    assert_same_run(whole, carry_on(run))
    assert resumed_after(RunFolder(run.folder)) == (2, 3, 9, 20)


class Killed(BaseException):
    """Ends the process as nothing in it can prevent."""


def kill(run_id: str) -> None:
    raise Killed


@pytest.mark.parametrize("step", [1, 4, STEPS, 3 * STEPS + 2])
@pytest.mark.parametrize("save_every", [0.0, 1e9], ids=["saved each step", "saved once"])
def test_a_killed_run_that_is_resumed_is_the_run_that_was_never_killed(step, save_every, monkeypatch):
    whole = carry(iris(scheduler=CosineDecay()))
    if save_every:
        monkeypatch.setattr(checkpointing, "SHARE", 1e-9)
        monkeypatch.setattr(checkpointing, "SHARE_OF_BEST", 1e-9)  # the first alone
    with pytest.raises(Killed):
        carry(iris(scheduler=CosineDecay()), watch=at(step, kill))
    run = open_store().list()[0]
    open_store().end(run.id, "interrupted", "gone")
    if not control.is_resumable(run := open_store().get(run.id)):
        assert step == 1
        return
    control.resume(run.id)
    assert_same_run(whole, carry_on(run))


def test_a_run_killed_before_its_first_checkpoint_is_not_resumed_in_silence():
    with pytest.raises(Killed):
        carry(iris(), watch=at(1, kill))
    run = open_store().list()[0]
    shutil.rmtree(RunFolder(run.folder).checkpoints, ignore_errors=True)
    open_store().end(run.id, "interrupted", "gone")
    with pytest.raises(RunError, match=r"before its first checkpoint. Train again; it starts from the beginning"):
        control.resume(run.id)


def test_damaged_checkpoints_fail_the_run_with_a_way_out():
    run = carry(iris(), watch=at(9, control.pause))
    control.resume(run.id)
    for path in checkpoint_files(RunFolder(run.folder)):
        path.write_bytes(b"damaged")
    ended = carry_on(run)
    assert (ended.status, ended.message) == (
        "failed", "No checkpoint of this run can be read: they are damaged. Train again from the beginning, or fork the "
        "weights of epoch 1, which are kept.",
    )  # fmt: skip
    assert len(losses(ended)) == 9


def test_data_that_changed_meanwhile_is_noticed():
    run = carry(iris(), watch=at(9, control.pause))
    RunFolder(run.folder).data_content.write_text("another")
    control.resume(run.id)
    assert carry_on(run).message == "The data has changed since this training began, so it cannot go on. Train again from the beginning."  # fmt: skip


@pytest.mark.parametrize("step", [3, STEPS + 3])
def test_a_paused_run_that_is_stopped_keeps_its_best_weights(step):
    run = carry(iris(), watch=at(step, control.pause))
    assert control.stop(run.id).status == "queued"
    ended = carry_on(run)
    assert ended.status == "stopped" and len(losses(ended)) == step
    assert RunFolder(run.folder).weights.exists() and RunFolder(run.folder).evaluation.exists()


def test_a_stopped_run_can_be_gone_on_with_and_forgets_what_was_made_of_it():
    whole, run = carry(iris()), carry(iris(), watch=at(10, control.stop))
    folder = RunFolder(run.folder)
    assert run.status == "stopped" and folder.evaluation.exists() and control.is_resumable(run)
    control.resume(run.id)
    assert folder.evaluation.exists()  # until it is known that the run can go on
    assert_same_run(whole, carry_on(run))


def test_a_discarded_run_keeps_its_curves_alone():
    run = carry(iris(), watch=at(10, control.discard))
    folder = RunFolder(run.folder)
    assert run.status == "discarded" and len(losses(run)) == 10 and folder.project == iris()
    assert not any(path.exists() for path in (folder.weights, folder.checkpoints, folder.evaluation, folder.onnx))
    with pytest.raises(RunError, match="is discarded: there is nothing to resume"):
        control.resume(run.id)


def test_an_ended_run_is_discarded_at_once():
    run = carry(iris())
    assert control.discard(run.id).status == "discarded" and not RunFolder(run.folder).weights.exists()
    paused = carry(iris(), watch=at(3, control.pause))
    assert control.discard(paused.id).status == "discarded"


def test_another_learning_rate_counts_from_the_next_step_on_and_is_written_down():
    def lower(run_id: str) -> None:
        control.set_lr(run_id, 0.001)

    run = carry(iris(), watch=at(STEPS + 2, lower))
    folder = RunFolder(run.folder)
    assert changes(folder) == (Change(step=STEPS + 3, epoch=pytest.approx(1 + 2 / STEPS), lr=0.001),)
    assert [epoch["lr"] for epoch in epochs(run)] == [0.01, 0.001, 0.001, 0.001]
    plain = carry(iris())
    assert losses(run)[: STEPS + 3] == losses(plain)[: STEPS + 3]  # the loss of a step is that before it
    assert losses(run)[STEPS + 3 :] != losses(plain)[STEPS + 3 :]


def test_a_schedule_goes_on_with_the_other_rate():
    run = carry(iris(scheduler=CosineDecay()), watch=at(STEPS, lambda run_id: control.set_lr(run_id, 0.02)))
    halfway = EventReader(RunFolder(run.folder)).read().epochs[1]["lr"]
    assert halfway == pytest.approx(0.02 * (1 + np.cos(np.pi * (2 * STEPS - 1) / (4 * STEPS))) / 2)


@pytest.mark.parametrize("step", [STEPS + 4, 2 * STEPS])
def test_a_changed_rate_is_taken_on_again_after_a_kill(step, monkeypatch):
    def change(inner: Watcher) -> Watcher:
        return At(STEPS + 2, lambda run_id: control.set_lr(run_id, 0.001), inner)

    whole = carry(iris(), watch=change)
    monkeypatch.setattr(checkpointing, "SHARE", 1e-9)
    monkeypatch.setattr(checkpointing, "SHARE_OF_BEST", 1e-9)  # one checkpoint, before the change
    with pytest.raises(Killed):
        carry(iris(), watch=lambda inner: At(step, kill, change(inner)))
    run = open_store().list()[0]
    open_store().end(run.id, "interrupted", "gone")
    control.resume(run.id)
    ended = carry_on(run)
    assert_same_run(whole, ended)
    assert len(changes(RunFolder(run.folder))) == 1


@pytest.mark.parametrize("lr", [0.0, -1.0, float("nan"), 1e9])
def test_a_rate_out_of_range_is_refused(lr):
    refused = []

    def ask(run_id: str) -> None:
        with pytest.raises(RunError, match="must be above 0 and at most 10;") as error:
            control.set_lr(run_id, lr)
        refused.append(error)

    run = carry(iris(epochs=1), watch=at(2, ask))
    assert run.status == "finished" and len(refused) == 1
    with pytest.raises(RunError, match=r"does not train: it is finished. Fork it"):
        control.set_lr(run.id, 0.1)


def test_a_run_goes_on_for_more_epochs_as_if_it_had_been_planned_so():
    whole, short = carry(iris(epochs=6)), carry(iris(epochs=4))
    longer = carry_on(control.continue_for(short.id, 2))
    assert longer.id != short.id and RunFolder(longer.folder).project.training.epochs == 6
    assert losses(short) + losses(longer) == losses(whole)
    assert [epoch["epoch"] for epoch in epochs(longer)] == [5, 6]
    weights, others = (load_file(RunFolder(run.folder).weights) for run in (whole, longer))
    assert all((weights[name] == others[name]).all() for name in weights)
    origin = origin_of(RunFolder(longer.folder))
    assert (origin.run, origin.step, origin.epoch) == (short.id, 4 * STEPS, 4.0)


@pytest.mark.parametrize("averaging", [EMA(decay=0.9), SWA(start=0.5)], ids=["EMA", "SWA"])
def test_averaged_weights_are_paused_forked_and_gone_on_with(averaging):
    whole = carry(iris(epochs=6, regularization=(averaging,)))
    paused = carry(iris(epochs=6, regularization=(averaging,)), watch=at(5 * STEPS + 2, control.pause))
    control.resume(paused.id)
    assert_same_run(whole, carry_on(paused))
    plain = carry(iris())
    forked = carry_on(control.fork(plain.id, 4 * STEPS, iris(epochs=6, regularization=(averaging,)).training))
    assert forked.status == "finished" and np.isfinite(losses(forked)).all()


def test_a_moving_average_goes_on_with_the_training():
    settings = {"regularization": (EMA(decay=0.9),)}
    whole, short = carry(iris(epochs=6, **settings)), carry(iris(**settings))
    longer = carry_on(control.continue_for(short.id, 2))
    assert losses(short) + losses(longer) == losses(whole)
    assert epochs(short) + epochs(longer) == epochs(whole)


def test_it_goes_on_at_the_rate_it_ended_with_and_after_early_stopping():
    impatient = iris(epochs=50, regularization=(EarlyStopping(patience=1, min_delta=100.0),))
    run = carry(impatient, watch=at(2, lambda run_id: control.set_lr(run_id, 0.005)))
    assert len(epochs(run)) == 2
    longer = carry_on(control.continue_for(run.id, 3))
    assert RunFolder(longer.folder).project.training.optimizer.lr == 0.005
    assert len(epochs(longer)) == 2  # patience begins anew: one epoch sets the bar, one is waited


def test_a_fork_starts_from_the_weights_of_any_checkpoint_with_other_settings():
    run = carry(iris())
    known = checkpoints(RunFolder(run.folder))
    early = next(checkpoint for checkpoint in known if checkpoint.epoch >= 1)
    other = iris(optimizer=SGD(lr=1e-6), epochs=5).training
    forked = carry_on(control.fork(run.id, early.step, other))
    assert forked.status == "finished" and forked.project_id == run.project_id
    assert EventReader(RunFolder(forked.folder)).read().steps["step"][0] == early.step + 1
    assert losses(forked)[0] == losses(run)[early.step]  # the same rows, weights and dropout
    assert abs(epochs(forked)[-1]["validation"]["loss"] - epochs(forked)[0]["validation"]["loss"]) < 1e-3


def test_a_fork_with_other_batches_begins_the_epoch_again():
    run = carry(iris())
    middle = next(checkpoint for checkpoint in checkpoints(RunFolder(run.folder)) if not checkpoint.is_at_epoch_end)
    forked = carry_on(control.fork(run.id, middle.step, iris(batch_size=32).training))
    assert forked.status == "finished"
    assert [epoch["epoch"] for epoch in epochs(forked)] == list(range(int(middle.epoch) + 1, 5))


def test_a_fork_is_paused_and_resumed_as_any_run():
    run = carry(iris())
    step = checkpoints(RunFolder(run.folder))[0].step
    whole = carry_on(control.fork(run.id, step, iris(epochs=6).training))
    paused = carry_on(control.fork(run.id, step, iris(epochs=6).training), watch=at(5 * STEPS, control.pause))
    assert paused.status == "paused"
    control.resume(paused.id)
    assert_same_run(whole, carry_on(paused))


def test_a_fork_outlives_the_checkpoints_of_its_parent():
    run = carry(iris())
    forked = control.fork(run.id, checkpoints(RunFolder(run.folder))[-1].step, iris(epochs=6).training)
    control.discard(run.id)
    assert carry_on(forked).status == "finished"


def test_forks_that_make_no_sense_are_refused_with_a_way_out():
    run = carry(iris())
    newest = checkpoints(RunFolder(run.folder))[-1].step
    with pytest.raises(RunError, match=r"has no checkpoint of step 999. It has: "):
        control.fork(run.id, 999, iris().training)
    with pytest.raises(RunError, match=r"stands after 4 epochs and the settings end after 4. Set more epochs"):
        control.fork(run.id, newest, iris().training)
    with pytest.raises(SpecError, match="Loss"):
        control.fork(run.id, newest, iris(loss=MSE(), epochs=9, metrics=()).training)
    control.discard(run.id)
    with pytest.raises(RunError, match=r"has no checkpoint to go on from. Train again."):
        control.continue_for(run.id, 3)


def test_a_resume_that_is_taken_back_loses_nothing():
    run = carry(iris(), watch=at(10, control.stop))
    control.resume(run.id)
    taken_back = control.stop(run.id)
    assert taken_back.status == "paused" and control.is_resumable(taken_back)
    assert RunFolder(run.folder).evaluation.exists()
    control.resume(run.id)
    assert control.discard(run.id).status == "discarded" and not RunFolder(run.folder).checkpoints.exists()


def test_only_one_of_two_resumes_has_the_run():
    run = carry(iris(), watch=at(10, control.pause))
    control.resume(run.id, "running")
    with pytest.raises(RunError, match="is running"):
        control.resume(run.id, "running")
    with pytest.raises(RunError, match="somebody else was quicker"):
        open_store().queue_again(run.id, None)


def test_a_run_that_is_resumed_is_not_discarded_under_its_process():
    run = carry(iris(), watch=at(10, control.pause))
    control.resume(run.id, "running")
    assert control.discard(run.id).status == "running" and checkpoint_files(RunFolder(run.folder))


def test_a_discard_after_the_last_step_is_done_at_the_end():
    def discard(store, run):
        control.discard(run.id)

    store = open_store()
    run = carry_out(store, store.create(iris(), status="running"), finish=discard)
    assert run.status == "discarded" and not RunFolder(run.folder).weights.exists()


def test_a_run_stopped_in_its_first_epoch_and_resumed_has_each_epoch_once():
    whole, run = carry(iris()), carry(iris(), watch=at(3, control.stop))
    assert [epoch["epoch"] for epoch in epochs(run)] == [1]
    control.resume(run.id)
    assert_same_run(whole, carry_on(run))


@pytest.mark.parametrize(
    ("parents", "own"),
    [
        (AdamW(lr=0.01, weight_decay=0.1), AdamW(lr=0.01, weight_decay=0.1, decays_all=True)),
        (AdamW(), AdamW(amsgrad=True)),
        (SGD(lr=0.01, momentum=0.0), SGD(lr=0.01, momentum=0.9)),
        (SGD(lr=0.01, weight_decay=0.0), SGD(lr=0.01, weight_decay=0.1)),
        (RMSprop(), RMSprop(momentum=0.9, centered=True)),
        (AdamW(), Muon()),
    ],
    ids=lambda optimizer: optimizer.kind,
)
def test_an_optimizer_with_other_settings_begins_afresh_in_a_fork(parents, own):
    run = carry(iris(optimizer=parents))
    last = checkpoints(RunFolder(run.folder))[-1].step
    forked = carry_on(control.fork(run.id, last, iris(optimizer=own, epochs=6).training))
    assert forked.status == "finished" and np.isfinite(losses(forked)).all(), forked.message


def test_a_fork_by_another_figure_begins_its_plateau_afresh():
    plateau = Plateau(patience=1)
    run = carry(iris(scheduler=plateau))
    last = checkpoints(RunFolder(run.folder))[-1].step
    forked = carry_on(control.fork(run.id, last, iris(scheduler=plateau, best_by="Accuracy", epochs=6).training))
    assert [epoch["lr"] for epoch in epochs(forked)] == [0.01, 0.01]


def test_a_rate_set_after_a_resume_replaces_what_was_set_at_later_steps(monkeypatch):
    def change(inner: Watcher) -> Watcher:
        return At(20, lambda run_id: control.set_lr(run_id, 0.05), inner)

    with pytest.raises(Killed):
        carry(iris(), watch=lambda inner: At(24, kill, change(inner)))
    run = open_store().list()[0]
    open_store().end(run.id, "interrupted", "gone")
    for path in checkpoint_files(RunFolder(run.folder)):
        if int(path.stem) > 12:
            path.unlink()
    control.resume(run.id)
    ended = carry_on(run, watch=at(15, lambda run_id: control.set_lr(run_id, 0.0005)))
    assert [change.lr for change in changes(RunFolder(run.folder))] == [0.0005]
    assert epochs(ended)[-1]["lr"] == 0.0005 == control.latest_lr(ended)


def test_half_a_line_of_a_killed_writer_is_no_change():
    run = carry(iris(epochs=1))
    folder = RunFolder(run.folder)
    record(folder, Change(3, 0.4, 0.1))
    with open(folder.changes, "ab") as file:
        file.write(b'{"step": 4, "ep')
    record(folder, Change(5, 0.6, 0.2))
    assert [change.step for change in changes(folder)] == [3, 5]


def test_a_rate_asked_for_with_a_pause_is_taken_on_after_it():
    def ask_both(run_id: str) -> None:
        control.set_lr(run_id, 0.001)
        control.pause(run_id)

    run = carry(iris(), watch=at(9, ask_both))
    control.resume(run.id)
    assert epochs(carry_on(run))[-1]["lr"] == 0.001


def test_the_best_epoch_can_be_forked_even_if_its_weights_alone_were_kept(monkeypatch):
    monkeypatch.setattr(checkpointing, "SHARE", 1e-9)
    monkeypatch.setattr(checkpointing, "SHARE_OF_BEST", 1e-9)
    run = carry(iris(epochs=12, optimizer=AdamW(lr=0.3)))
    folder = RunFolder(run.folder)
    best = next(epoch for epoch in reversed(epochs(run)) if epoch["is_best"])
    assert best["epoch"] < 12
    (kept,) = (checkpoint for checkpoint in checkpoints(folder) if not checkpoint.has_state)
    assert (kept.epoch, kept.step, kept.is_best) == (best["epoch"], best["step"], True)
    assert kept.figure == best["validation"]["loss"]
    forked = carry_on(
        control.fork(run.id, kept.step, iris(epochs=int(kept.epoch) + 2, optimizer=SGD(lr=1e-9)).training)
    )
    assert [epoch["epoch"] for epoch in epochs(forked)] == [kept.epoch + 1, kept.epoch + 2]
    assert epochs(forked)[0]["validation"]["loss"] == pytest.approx(kept.figure, abs=1e-5)
