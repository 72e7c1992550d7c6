"""F9: a loss that becomes NaN or infinite stops the training within one step, which names the step and the layer, keeps the
last weights that are finite, and suggests the mend."""

import math
import re

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Linear
from builder.catalogue.losses import MSE, CrossEntropy
from builder.catalogue.optimizers import LBFGS, SGD
from builder.catalogue.regularization import EMA, EarlyStopping
from builder.check.edits import apply
from builder.data.propose import propose
from builder.errors import RunError
from builder.runs.checkpoints import checkpoints
from builder.runs.doctor import diagnose, evidence_of
from builder.runs.events import EventReader
from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.spec.project import Project
from builder.spec.sources import FileSource
from builder.spec.templates import stack
from builder.spec.training import TrainingSpec
from builder.training import checkpointing
from builder.training.checkpointing import read_checkpoint
from builder.training.loop import Trainer
from tests.projects import stacked
from tests.trained import carry
from tests.training.examples import Notes, trainer_of

LAYERS = (Linear(out_features=8, activation=ReLU()), Linear(out_features=8, activation=ReLU()), Linear())
STEPS = 6
"""Of an epoch: 96 training rows of 120 in batches of 16, or 60 in batches of 10."""


@pytest.fixture(autouse=True)
def _saved_at_each_step(monkeypatch):
    monkeypatch.setattr(checkpointing, "SHARE", float("inf"))


def made(notes: Notes | None = None, task: str = "multiclass", **training) -> Trainer:
    loss = MSE() if task == "regression" else CrossEntropy()
    project = stacked(*LAYERS, **{"loss": loss, "epochs": 5, "batch_size": 10} | training)
    return trainer_of(project, task, notes)


def message_of(trainer: Trainer) -> str:
    with pytest.raises(RunError) as raised:
        trainer.run()
    return str(raised.value)


def table_run(tmp_path, columns: dict, target: str, layers=LAYERS, **training) -> Run:
    pd.DataFrame(columns).to_csv(tmp_path / "rows.csv", index=False)
    data = propose(FileSource(path=str(tmp_path / "rows.csv")), target=target)
    settings = TrainingSpec(**{"loss": MSE(), "epochs": 50, "batch_size": 16} | training)
    return carry(Project(name="Test", data=data, model=stack(*layers), training=settings))


@pytest.fixture
def rising(tmp_path):
    """A run that learns for some epochs at a rate that then turns out to be too high."""
    random = np.random.default_rng(0)
    columns = {f"x{at}": random.normal(size=120).round(3) for at in range(4)}
    columns["y"] = (3 * columns["x0"] + random.normal(size=120) / 3).round(3)
    return lambda **training: table_run(tmp_path, columns, "y", **training)


def losses(run: Run) -> list[float]:
    return EventReader(RunFolder(run.folder)).read().steps["loss"].tolist()


def test_a_rate_that_is_too_high_ends_the_run_at_its_step_with_a_layer_and_a_mend(rising):
    run = rising(optimizer=SGD(lr=10))
    told = losses(run)
    assert run.status == "failed" and all(map(math.isfinite, told))
    assert run.message.startswith(f"The loss became {'inf' if 'became inf' in run.message else 'nan'} at step {len(told) + 1} (epoch ")  # fmt: skip
    assert any(f"layer 'linear_{number}'" in run.message for number in (1, 2, 3)), run.message
    assert "Lower the learning rate (10) or switch on gradient clipping, then train again." in run.message
    (finding,) = diagnose(evidence_of(run))
    assert [fix.label for fix in finding.fixes] == ["Set the learning rate to 0.01"]
    assert f"at step {len(told) + 1}" in finding.sentence


def test_where_the_rate_is_usual_lowering_it_and_clipping_are_one_click(tmp_path):
    random = np.random.default_rng(0)
    columns = {f"x{at}": random.normal(size=120).round(3) for at in range(40)} | {"y": random.normal(size=120).round(3)}
    wide = (*(Linear(out_features=256) for _ in range(3)), Linear())
    run = table_run(tmp_path, columns, "y", wide, optimizer=SGD(lr=0.09, momentum=0.99))
    assert run.status == "failed" and "layer 'linear_" in run.message, run.message
    (finding,) = diagnose(evidence_of(run))
    assert finding.kind == "not_finite" and "layer 'linear_" in finding.sentence
    assert [fix.label for fix in finding.fixes] == [
        "Switch on gradient clipping at 1, and lower the learning rate tenfold", "Set the learning rate to 0.009",
    ]  # fmt: skip


def test_values_that_overflow_in_the_model_name_the_layer_that_made_them():
    trainer = made()
    with torch.no_grad():
        trainer.model.linear_2.weight.fill_(3e38)
    assert message_of(trainer).startswith(
        "The loss became nan at step 1 (epoch 1), first in layer 'linear_2': its output is not finite, though its "
        "weights are. Lower the learning rate (0.001)"
    )


def test_a_gradient_that_is_not_finite_names_the_layer_where_it_began_at_the_next_step():
    notes = Notes()
    trainer = made(notes)

    def break_gradient(module, inputs, output):
        if len(notes.losses) == 8:  # at the ninth step, the third of the second epoch
            output.register_hook(lambda gradient: gradient * math.inf)

    trainer.model.linear_2.register_forward_hook(break_gradient)
    message = message_of(trainer)
    assert message.startswith(
        "The loss became nan at step 10 (epoch 2), first in layer 'linear_2': its weights are no longer finite after "
        "the update of step 9."
    )
    assert message.endswith("The weights after epoch 1 are kept.")
    assert len(notes.losses) == 9 and all(map(math.isfinite, notes.losses)), "it stops within one step"
    assert not trainer.model.linear_1.weight.isfinite().all(), "the gradient went on from there towards the inputs"
    assert trainer.model.linear_3.weight.isfinite().all()


def test_a_loss_that_overflows_of_finite_outputs_names_them():
    trainer = made(task="regression")
    with torch.no_grad():
        trainer.model.linear_3.bias.fill_(1e30)
    assert ", first in the loss itself, of values up to 1e+30 from layer 'linear_3'. " in message_of(trainer)


@pytest.mark.parametrize("settings", [{}, {"regularization": (EMA(decay=0.9),)}, {"regularization": (EarlyStopping(restore_best=False),)}], ids=["best", "averaged", "last"])  # fmt: skip
def test_weights_that_break_at_the_end_of_an_epoch_are_never_kept(settings):
    notes = Notes()
    trainer = made(notes, **settings)

    def break_gradient(module, inputs, output):
        if len(notes.losses) == 3 * STEPS - 1:
            output.register_hook(lambda gradient: gradient * math.nan)

    trainer.model.linear_3.register_forward_hook(break_gradient)
    message = message_of(trainer)
    assert f"at step {3 * STEPS} (epoch 3), first in layer 'linear_3': its weights are no longer finite after the update of step {3 * STEPS}." in message  # fmt: skip
    assert trainer.best.kept_epoch in (1, 2) and message.endswith(f"The weights after epoch {trainer.best.kept_epoch} are kept.")  # fmt: skip
    assert all(tensor.isfinite().all() for tensor in trainer.best.state.values())


def test_an_optimizer_that_tries_several_times_names_the_layer_too():
    message = message_of(made(optimizer=LBFGS(lr=10, line_search=False), epochs=200, task="regression"))
    assert "layer 'linear_" in message and "or use AdamW, then train again." in message


def test_the_last_finite_weights_are_in_the_file_and_it_says_which_they_are(rising):
    run = rising(optimizer=SGD(lr=0.2, momentum=0.98), layers=(Linear(out_features=64, activation=ReLU()), Linear()))
    folder = RunFolder(run.folder)
    assert run.status == "failed", run.message
    with safe_open(folder.weights, "pt") as file:
        kept = file.metadata()["best"]
    epoch = int(run.message.split("The weights after epoch ")[1].split(" ")[0])
    assert f'"epoch": {epoch},' in kept
    assert all(tensor.isfinite().all() for tensor in load_file(folder.weights).values())


def test_in_the_first_epoch_a_checkpoint_with_finite_weights_is_left_to_fork(rising):
    run = rising(optimizer=SGD(lr=10), batch_size=2)
    newest = checkpoints(RunFolder(run.folder))[-1]
    assert "(epoch 1)" in run.message and newest.step < 48
    assert run.message.endswith(f" No epoch was whole yet; the checkpoint after step {newest.step} can be forked with other settings.")  # fmt: skip
    weights = read_checkpoint(newest.path)["model"]
    assert all(tensor.isfinite().all() for tensor in weights.values())


def test_infinite_inputs_are_called_so_and_no_other_rate_is_suggested():
    trainer = made()
    trainer.examples.features[trainer.examples.train_rows[7], 2] = math.inf
    message = message_of(trainer)
    assert message.startswith("The loss became nan at step ")
    assert "(epoch 1): its inputs are not finite. Correct them or leave them out, then train again." in message


@pytest.mark.parametrize(
    ("largest", "says"),
    [(3e37, r"up to \d(\.\d)?e\+3\d\. Scale them"), (3e38, r"not finite\. Correct them")],
    ids=["huge", "infinite once doubled"],
)
def test_a_column_too_large_for_its_numbers_is_named_with_two_mends(tmp_path, largest, says):
    random = np.random.default_rng(0)
    columns = {
        "fine": random.normal(size=120),
        "far": random.uniform(-1, 1, 120) * largest,
        "y": random.normal(size=120),
    }
    pd.DataFrame(columns).to_csv(tmp_path / "rows.csv", index=False)
    data = propose(FileSource(path=str(tmp_path / "rows.csv")), target="y")
    as_it_is = tuple(one.model_copy(update={"scale": "none"}) if one.name == "far" else one for one in data.columns)
    project = Project(
        name="Test", data=data.model_copy(update={"columns": as_it_is}), model=stack(*LAYERS),
        training=TrainingSpec(loss=MSE(), epochs=50, batch_size=16),
    )  # fmt: skip
    run = carry(project)
    assert run.status == "failed"
    of_far = (
        rf"at step 1 \(epoch 1\): the values of column 'far', as the model takes them, are {says} or leave them out"
    )
    assert re.search(of_far, run.message), run.message
    (finding,) = diagnose(evidence_of(run))
    assert "column 'far'" in finding.sentence and "learning rate" not in finding.sentence
    assert [fix.label for fix in finding.fixes] == ["Scale column 'far' to mean 0 and variance 1", "Leave out column 'far'"]  # fmt: skip
    assert carry(apply(project, *finding.fixes[0].edits)).status == "finished"
