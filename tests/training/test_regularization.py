"""What shrinks and disturbs weights does in a training what its definition says, computed by hand."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from builder.catalogue.activations import ReLU
from builder.catalogue.augmentations import Noise
from builder.catalogue.layers import BatchNorm1d, Dropout, Linear
from builder.catalogue.losses import CrossEntropy
from builder.catalogue.optimizers import SGD, AdamW
from builder.catalogue.regularization import EarlyStopping, ElasticNet, L1Penalty, L2Penalty
from builder.data.dataset import prepare
from builder.nn.batches import epoch_batches
from builder.nn.graph import build
from builder.spec.sources import FileSource
from builder.training.examples import load_examples
from tests.projects import image_data, stacked
from tests.training.examples import MadeExamples, Notes, trainer_of

STEPS = 12
"""Three epochs of four batches."""


def unused_weights_after(optimizer, *regularization) -> tuple[torch.Tensor, torch.Tensor]:
    """Before and after a training, the weights of a feature that is 0 in every row: the loss does not move them."""
    regularization = (*regularization, EarlyStopping(restore_best=False))
    trainer = trainer_of(stacked(Linear(), epochs=3, batch_size=15, optimizer=optimizer, regularization=regularization))
    trainer.examples.features[:, 3] = 0
    before = trainer.model.linear_1.weight[:, 3].detach().clone()
    trainer.run()
    assert trainer.position.step == STEPS
    return before, trainer.model.linear_1.weight[:, 3].detach()


def test_an_l1_penalty_takes_the_same_from_a_weight_at_each_step_until_nothing_is_left():
    before, after = unused_weights_after(SGD(lr=0.1, momentum=0), L1Penalty(weight=0.05))
    expected = before.clone()
    for _ in range(STEPS):
        expected -= 0.1 * 0.05 * expected.sign()
    assert before.abs().min() > STEPS * 0.1 * 0.05 and torch.allclose(after, expected, atol=1e-6)
    _, small = unused_weights_after(SGD(lr=0.1, momentum=0), L1Penalty(weight=1.0))
    assert small.abs().max() <= 0.1, "at 0 it swings by no more than a step"


def test_an_l2_penalty_takes_the_same_share_of_a_weight_at_each_step():
    before, after = unused_weights_after(SGD(lr=0.1, momentum=0), L2Penalty(weight=0.2))
    assert torch.allclose(after, before * (1 - 0.1 * 2 * 0.2) ** STEPS, atol=1e-6)


def test_an_elastic_net_does_both_by_its_share():
    before, after = unused_weights_after(SGD(lr=0.1, momentum=0), ElasticNet(weight=0.1, l1_ratio=0.25))
    expected = before.clone()
    for _ in range(STEPS):
        expected -= 0.1 * (0.025 * expected.sign() + 0.075 * 2 * expected)
    assert torch.allclose(after, expected, atol=1e-6)


def test_decoupled_decay_takes_its_share_of_a_weight_whatever_its_gradient():
    before, after = unused_weights_after(AdamW(lr=0.05, weight_decay=0.2))
    assert torch.allclose(after, before * (1 - 0.05 * 0.2) ** STEPS, atol=1e-6)


def test_dropout_scales_what_it_leaves_and_rests_in_validation():
    torch.manual_seed(0)
    module, x = build(Dropout(p=0.25).torch_call((5000,))), torch.ones(1, 5000)
    dropped = module.train()(x)
    assert sorted(dropped.unique().tolist()) == pytest.approx([0, 1 / 0.75])
    assert (dropped == 0).float().mean().item() == pytest.approx(0.25, abs=0.02)
    trainer = trainer_of(stacked(Linear(out_features=8, activation=ReLU()), Dropout(p=0.5), Linear(), epochs=1))
    trainer.run()
    rows = trainer.examples.validation_rows
    hidden = trainer.model.linear_1(trainer.examples.features[rows]).relu()
    assert torch.allclose(trainer.outputs(rows), trainer.model.linear_2(hidden), atol=1e-6)


def test_batch_normalization_keeps_the_running_statistics_of_the_training_rows_alone():
    project = stacked(BatchNorm1d(), Linear(), epochs=2, batch_size=30, regularization=(EarlyStopping(restore_best=False),))  # fmt: skip
    trainer, made = trainer_of(project), MadeExamples()
    mean, var = torch.zeros(4), torch.ones(4)
    for epoch in (1, 2):
        for rows in epoch_batches(made.train_rows, 30, 0, epoch):
            seen = made.features[rows]
            mean, var = 0.9 * mean + 0.1 * seen.mean(0), 0.9 * var + 0.1 * seen.var(0)
    trainer.run()
    norm = trainer.model.batchnorm1d_1
    assert torch.allclose(norm.running_mean, mean, atol=1e-6) and torch.allclose(norm.running_var, var, atol=1e-6)
    rows = trainer.examples.test_rows
    normalized = (made.features[rows] - mean) / (var + 1e-5).sqrt() * norm.weight + norm.bias
    assert torch.allclose(trainer.outputs(rows), trainer.model.linear_1(normalized), atol=1e-5)


def test_label_smoothing_in_a_training_is_cross_entropy_to_smoothed_labels():
    project = stacked(Linear(), loss=CrossEntropy(label_smoothing=0.3), epochs=1, batch_size=60)
    notes, made = Notes(), MadeExamples()
    trainer = trainer_of(project, notes=notes)
    first = trainer.model.linear_1(made.features[:60])
    smoothed = nn.functional.one_hot(made.targets[:60], 3) * 0.7 + 0.1
    expected = -(smoothed * first.log_softmax(1)).sum(1).mean().item()
    trainer.run()
    assert notes.losses[0] == pytest.approx(expected, rel=1e-5)


def test_augmentation_changes_training_rows_and_never_those_that_judge(tmp_path):
    random = np.random.default_rng(0)
    for index in range(30):
        path = tmp_path / "ab"[index % 2] / f"{index}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(random.integers(0, 255, (12, 10), dtype=np.uint8)).save(path)
    data = image_data(FileSource(path=str(tmp_path)), augmentations=(Noise(std=40.0),))
    plain, noisy = (load_examples(prepare(one), CrossEntropy(), 0) for one in (data.model_copy(update={"augmentations": ()}), data))  # fmt: skip
    for rows in (noisy.validation_rows, noisy.test_rows):
        assert torch.equal(noisy.inputs(rows), plain.inputs(rows))
    rows = noisy.train_rows
    assert not torch.equal(noisy.training_inputs(rows, 1), plain.inputs(rows))
    assert not torch.equal(noisy.training_inputs(rows, 1), noisy.training_inputs(rows, 2))
    assert torch.equal(noisy.inputs(rows), plain.inputs(rows)), "figures over training rows are of the rows themselves"
