"""A training that was ended anywhere and goes on from its checkpoint is the one that was never ended, bit by bit."""

import pytest
import torch

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import BatchNorm1d, Dropout, Linear
from builder.catalogue.losses import CrossEntropy
from builder.catalogue.metrics import Accuracy
from builder.catalogue.optimizers import OPTIMIZERS
from builder.catalogue.regularization import EMA, SWA, EarlyStopping, GradientClipping, L1Penalty, MaxNorm, Mixup
from builder.catalogue.schedulers import CosineDecay, Plateau
from builder.errors import RunError
from builder.runs.checkpoints import GENERATIONS, KEPT, checkpoint_files, checkpoint_path, checkpoints, thin
from builder.runs.folder import RunFolder
from builder.training.checkpointing import CheckpointWriter, checkpoint_bytes, newest_start, read_checkpoint
from builder.training.loop import Trainer
from builder.training.packing import pack, unpack
from tests.projects import stacked
from tests.training.examples import Notes, Saving, trainer_of

LAYERS = (Linear(out_features=8, activation=ReLU()), BatchNorm1d(), Dropout(p=0.3), Linear())


def project_with(**training):
    defaults = {"loss": CrossEntropy(), "metrics": (Accuracy(),), "epochs": 4, "batch_size": 16}
    return stacked(*LAYERS, **defaults | training)


def run_through(project) -> tuple[Trainer, Notes]:
    notes = Notes()
    trainer = trainer_of(project, notes=notes)
    trainer.run()
    return trainer, notes


def run_in_two(project, stop_at: int) -> tuple[Trainer, list[float], list[dict]]:
    before, after = Saving(stop_at), Notes()
    trainer_of(project, notes=before).run()
    torch.manual_seed(999)  # another process knows nothing of this one's random numbers
    second = trainer_of(project, notes=after)
    second.restore(before.saved)
    after.losses = list(before.losses)
    second.run()
    return second, after.losses, before.epochs + after.epochs


def told(epochs: list[dict]) -> list[dict]:
    timed = {"elapsed_s", "rows_per_s"}
    return [{name: value for name, value in epoch.items() if name not in timed} for epoch in epochs]


def assert_same(one: Trainer, other: Trainer) -> None:
    for name, tensor in one.model.state_dict().items():
        assert torch.equal(tensor, other.model.state_dict()[name]), name
    assert (one.best.epoch, one.best.value) == (other.best.epoch, other.best.value)


@pytest.mark.parametrize("stop_at", range(1, 16), ids="after step {}".format)
def test_a_training_that_is_ended_at_any_step_goes_on_as_if_it_had_not_been(stop_at):
    project = project_with(regularization=(EarlyStopping(patience=3), L1Penalty(), GradientClipping(), MaxNorm()))
    whole, notes = run_through(project)
    second, losses, epochs = run_in_two(project, stop_at)
    assert losses == notes.losses and told(epochs) == told(notes.epochs)
    assert_same(whole, second)


@pytest.mark.parametrize("scheduler", [CosineDecay(warmup=0.5), Plateau(patience=0)], ids=["cosine", "plateau"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_every_optimizer_goes_on_with_what_it_had_gathered(optimizer, scheduler):
    project = project_with(optimizer=optimizer(), scheduler=scheduler, epochs=6)
    whole, notes = run_through(project)
    second, losses, epochs = run_in_two(project, len(notes.losses) // 2)
    assert losses == notes.losses and told(epochs) == told(notes.epochs)
    assert_same(whole, second)


@pytest.mark.parametrize("stop_at", [3, 8, 9, 14])
@pytest.mark.parametrize(
    "regularization",
    [
        (Mixup(), EMA(decay=0.9)),
        (SWA(start=0.5, lr=0.05), EarlyStopping(patience=3)),
        (EarlyStopping(patience=2, metric="Accuracy", restore_best=False),),
    ],
    ids=["mixed, moving average", "mean of epochs", "last epoch"],
)
def test_mixed_rows_averaged_weights_and_the_epoch_that_is_kept_go_on(regularization, stop_at):
    project = project_with(regularization=regularization)
    whole, notes = run_through(project)
    second, losses, epochs = run_in_two(project, stop_at)
    assert losses == notes.losses and told(epochs) == told(notes.epochs)
    assert_same(whole, second)
    assert second.best.kept_epoch == whole.best.kept_epoch


def test_a_training_that_was_over_is_not_gone_on_with():
    project = project_with()
    whole, notes = run_through(project)
    second, losses, _ = run_in_two(project, len(notes.losses))
    assert losses == notes.losses
    assert_same(whole, second)


def test_early_stopping_counts_on():
    project = project_with(regularization=(EarlyStopping(patience=2, min_delta=10.0),), epochs=50)
    whole, notes = run_through(project)
    assert len(notes.epochs) == 3 and whole.position.gave_up_after == 3  # the first is the bar, two more are waited
    second, _, epochs = run_in_two(project, 6)
    assert len(epochs) == 3 and second.position.gave_up_after == 3


@pytest.fixture
def folder(tmp_path):
    return RunFolder(tmp_path / "run")


def about(step: int, epoch: float, is_best: bool = False) -> dict:
    return {"step": step, "epoch": epoch, "figure": 0.5, "metric": "loss", "is_best": is_best, "elapsed_s": 1.0}


def test_what_is_saved_comes_back_with_every_type(folder):
    state = {
        "weights": {"a": torch.arange(6.0).reshape(2, 3).t(), "b": torch.tensor(3, dtype=torch.int64)},
        "optimizer": [{0: {"step": torch.tensor(1.0), "old": [torch.ones(2), None], "betas": (0.9, 0.99)}}],
        "random": torch.get_rng_state(), "nothing": float("nan"), "never": -float("inf"), "word": "é",
    }  # fmt: skip
    CheckpointWriter(folder).save(state, about(7, 1.5))
    back = read_checkpoint(checkpoint_path(folder, 7))
    assert torch.equal(back["weights"]["a"], state["weights"]["a"]) and back["weights"]["b"].dtype == torch.int64
    assert torch.equal(back["random"], state["random"]) and back["nothing"] != back["nothing"]
    assert (back["never"], back["word"]) == (-float("inf"), "é")
    gathered = back["optimizer"][0][0]
    assert gathered["betas"] == (0.9, 0.99) and gathered["old"][1] is None and gathered["old"][0].tolist() == [1, 1]
    (known,) = checkpoints(folder)
    assert (known.step, known.epoch, known.figure, known.is_at_epoch_end) == (7, 1.5, 0.5, False)


def test_two_names_of_one_tensor_are_saved_each():
    weight = torch.ones(3)
    packed, tensors = pack({"a": weight, "b": weight, "part": weight[:2]})
    assert {name: tensor.tolist() for name, tensor in unpack(packed, tensors).items()} == {
        "a": [1, 1, 1], "b": [1, 1, 1], "part": [1, 1],
    }  # fmt: skip
    assert len({tensor.data_ptr() for tensor in tensors.values()}) == 3


@pytest.mark.parametrize("damage", ["cut", "a byte", "empty", "no header"])
def test_a_damaged_checkpoint_falls_back_to_the_one_before_and_says_so(folder, damage):
    writer = CheckpointWriter(folder)
    for step in (5, 9):
        writer.save({"weight": torch.full((4,), float(step))}, about(step, step / 10))
    newest = checkpoint_path(folder, 9)
    content = bytearray(newest.read_bytes())
    content[-3] ^= 1
    newest.write_bytes({"cut": content[:-7], "a byte": content, "empty": b"", "no header": b"\xff" * 40}[damage])
    start = newest_start(folder)
    assert (start.step, start.state["weight"].tolist()) == (5, [5.0] * 4)
    assert start.note == "The newest checkpoint was damaged; it went on from step 5."
    checkpoint_path(folder, 5).write_bytes(b"")
    with pytest.raises(RunError, match=r"No checkpoint of this run can be read.*Train again from the beginning"):
        newest_start(folder)


def test_a_changed_setting_in_the_text_of_a_checkpoint_is_noticed(tmp_path):
    content = checkpoint_bytes({"epoch": 12345}, about(1, 1.0))
    (tmp_path / "changed").write_bytes(content.replace(b"12345", b"54321"))
    with pytest.raises(RunError, match="damaged"):
        read_checkpoint(tmp_path / "changed")


def test_of_many_checkpoints_the_newest_the_best_and_evenly_spread_ones_stay(folder):
    writer = CheckpointWriter(folder)
    for epoch in range(1, 61):
        writer.save({"weight": torch.ones(1)}, about(epoch * 10, float(epoch), is_best=epoch in (3, 17)))
    kept = [checkpoint.epoch for checkpoint in checkpoints(folder)]
    assert len(kept) == KEPT and kept[-GENERATIONS:] == [59, 60] and 17 in kept
    gaps = [after - before for before, after in zip([0, *kept], kept, strict=False)]
    assert max(gaps) <= 16, kept


def test_large_checkpoints_are_fewer(folder, monkeypatch):
    monkeypatch.setattr("builder.runs.checkpoints.KEPT_BYTES", 3000)
    writer = CheckpointWriter(folder)
    for step in range(1, 8):
        writer.save({"weight": torch.ones(250)}, about(step, float(step)))
    assert [checkpoint.step for checkpoint in checkpoints(folder)] == [6, 7]


def test_strange_files_among_the_checkpoints_are_left_alone(folder):
    CheckpointWriter(folder).save({"weight": torch.ones(1)}, about(3, 1.0))
    stray = folder.checkpoints / "notes.txt"
    stray.write_text("mine")
    thin(folder)
    assert stray.exists() and [path.stem for path in checkpoint_files(folder)] == ["000000000003"]
