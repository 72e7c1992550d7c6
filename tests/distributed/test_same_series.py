"""Several processes train as one does: the same loss at every step, the same figures, the same weights."""

import numpy as np
import pytest

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import BatchNorm1d, Dropout, Linear
from builder.catalogue.losses import MSE, BCEWithLogits, CrossEntropy, Focal
from builder.catalogue.metrics import Accuracy
from builder.catalogue.optimizers import SGD, AdamW, Muon
from builder.catalogue.regularization import EMA, SWA, ElasticNet, GradientClipping, MaxNorm, Mixup, ValueClipping
from builder.training.checkpointing import checkpoint_bytes
from tests.distributed.several import Trained, plain, state_in, train
from tests.projects import stacked
from tests.training.examples import Notes, Saving, trainer_of

LAYERS = (Linear(out_features=8, activation=ReLU()), BatchNorm1d(), Linear())


def project_of(*layers, **training):
    """60 rows in batches of 17: the last of an epoch has 9, which deal unevenly."""
    settings = {"loss": CrossEntropy(), "metrics": (Accuracy(),), "epochs": 4, "batch_size": 17}
    return stacked(*(layers or LAYERS), **settings | training)


def alone(project, task: str = "multiclass") -> Trained:
    notes = Notes()
    trainer = trainer_of(project, task, notes)
    trainer.run()
    return Trained(notes.losses, notes.epochs, plain(trainer.model))


def assert_same(several: Trained, one: Trained) -> None:
    assert several.losses == pytest.approx(one.losses, rel=1e-5, abs=1e-6) and len(one.losses) >= 8
    for mine, other in zip(several.epochs, one.epochs, strict=True):
        for figures in ("train", "validation"):
            assert mine[figures] == pytest.approx(other[figures], rel=1e-5, abs=1e-6), figures
    assert_same_weights(several.weights, one.weights)


def assert_same_weights(mine: dict[str, list], others: dict[str, list]) -> None:
    assert mine.keys() == others.keys()
    for name, weight in others.items():
        np.testing.assert_allclose(mine[name], weight, rtol=1e-4, atol=1e-5, err_msg=name)


SETTINGS = {
    "AdamW": ({"optimizer": AdamW(lr=0.01)}, "multiclass"),
    "SGD": ({"optimizer": SGD(lr=0.1, momentum=0.9)}, "multiclass"),
    "Muon": ({"optimizer": Muon()}, "multiclass"),
    "weighted classes": ({"loss": CrossEntropy(class_weights="balanced", label_smoothing=0.1)}, "multiclass"),
    "weighted focal": ({"loss": Focal(class_weights="balanced")}, "multiclass"),
    "weighted positive": ({"loss": BCEWithLogits(pos_weight="balanced")}, "binary"),
    "numbers": ({"loss": MSE(), "metrics": ()}, "regression"),
    "given back": ({"loss": MSE(), "metrics": ()}, "reconstruction"),
    "accumulated, penalized, clipped": (
        {"accumulation": 2, "regularization": (ElasticNet(weight=0.01), GradientClipping(max_norm=0.3), MaxNorm())},
        "multiclass",
    ),
    "mixed and averaged": ({"regularization": (Mixup(), EMA(decay=0.9), ValueClipping(clip_value=0.1))}, "multiclass"),
    "averaged by epoch": ({"regularization": (SWA(),)}, "multiclass"),
}


@pytest.mark.parametrize(("settings", "task"), SETTINGS.values(), ids=SETTINGS)
def test_two_processes_give_the_series_of_one(settings, task):
    project = project_of(**settings)
    assert_same(train(project, 2, task), alone(project, task))


def test_more_processes_than_rows_in_the_last_batch():
    project = project_of(batch_size=19)  # 19, 19, 19 and 3 rows for 4 processes
    assert_same(train(project, 4), alone(project))


@pytest.mark.parametrize(
    "settings", [{}, {"optimizer": SGD(lr=0.1, momentum=0.9, nesterov=True)}], ids=["AdamW", "SGD"]
)
def test_a_model_that_is_shared_out_gives_the_series_of_one(settings):
    project = project_of(regularization=(ElasticNet(weight=0.01), GradientClipping(max_norm=0.3)), **settings)
    assert_same(train(project, 2, shards=True), alone(project))


@pytest.mark.parametrize("shards", [False, True], ids=["whole", "shared out"])
def test_a_checkpoint_of_two_processes_is_gone_on_with_by_one_and_the_other_way(shards, tmp_path):
    project = project_of(optimizer=AdamW(lr=0.01))
    whole, paused = alone(project), train(project, 2, stop_at=6, shards=shards)
    notes, saving = Notes(), Saving(6)
    notes.losses = list(paused.losses)
    trainer = trainer_of(project, notes=notes)
    trainer.restore(state_in(paused.checkpoint, tmp_path / "checkpoint"))
    trainer.run()
    assert notes.losses == pytest.approx(whole.losses, rel=1e-5)
    trainer_of(project, notes=saving).run()
    gone_on = train(project, 2, state=checkpoint_bytes(saving.saved, {}), shards=shards)
    assert saving.losses + gone_on.losses == pytest.approx(whole.losses, rel=1e-5)
    assert_same_weights(plain(trainer.model), whole.weights)
    assert_same_weights(gone_on.weights, whole.weights)


def test_dropout_is_drawn_anew_by_each_process_and_alike_however_the_run_is_cut():
    project = project_of(Linear(out_features=8), Dropout(p=0.5), Linear())
    whole, paused = train(project, 2), train(project, 2, stop_at=7)
    gone_on = train(project, 2, state=paused.checkpoint)
    assert paused.losses + gone_on.losses == whole.losses and gone_on.weights == whole.weights
