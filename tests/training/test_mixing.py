"""Mixed rows and their answers are those of the papers, and the same for a seed, a step and a part of it."""

import pytest
import torch
from scipy import stats
from torch.nn import functional as F

from builder.catalogue.layers import Linear
from builder.catalogue.losses import LOSSES, MSE
from builder.catalogue.metrics import Accuracy
from builder.catalogue.optimizers import LBFGS, SGD
from builder.catalogue.regularization import Mixup
from builder.nn.batches import epoch_batches
from builder.nn.mixing import cutmix, mix, mixup
from builder.training import gradients
from builder.training.mixing import Mix
from tests.projects import stacked
from tests.training.examples import MadeExamples, Notes, trainer_of


class Drawn:
    """Chance that draws what it was told to; partners are the rows from the end."""

    def __init__(self, own: float, *center: int):
        self.own, self.center = own, list(center)

    def beta(self, a: float, b: float) -> float:
        assert a == b
        return self.own

    def permutation(self, count: int):
        return torch.arange(count - 1, -1, -1).numpy()

    def integers(self, end: int) -> int:
        return self.center.pop(0)


def test_mixup_blends_each_row_with_its_partner():
    x = torch.tensor([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])
    mixed, partners, own = mixup(x, 0.2, Drawn(0.75))
    assert own == 0.75 and partners.tolist() == [2, 1, 0]
    assert torch.allclose(mixed, torch.tensor([[1.5, 15.0], [2.0, 20.0], [2.5, 25.0]]))


@pytest.mark.parametrize(
    ("own", "center", "rows", "columns"),
    [
        (0.75, (4, 4), (2, 6), (2, 6)),  # half of each side: √(1 - 0.75)
        (0.75, (0, 4), (0, 2), (2, 6)),  # cut off at the upper edge
        (0.75, (7, 7), (5, 8), (5, 8)),
        (0.0, (4, 4), (0, 8), (0, 8)),
        (1.0, (4, 4), (4, 4), (4, 4)),
    ],
)
def test_cutmix_pastes_a_box_and_counts_what_is_left(own, center, rows, columns):
    x = torch.stack([torch.zeros(3, 8, 8), torch.ones(3, 8, 8)])
    mixed, partners, kept = cutmix(x, 1.0, Drawn(own, *center))
    expected = torch.zeros(3, 8, 8)
    expected[:, slice(*rows), slice(*columns)] = 1
    assert torch.equal(mixed[0], expected) and torch.equal(mixed[1], 1 - expected) and partners.tolist() == [1, 0]
    assert kept == pytest.approx((mixed[0] == 0).float().mean().item()), "the share follows from the real box"
    assert torch.equal(x[0], torch.zeros(3, 8, 8)), "the batch itself stays as it was"


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_shares_are_drawn_from_the_stated_beta_distribution(alpha):
    drawn = [mix(torch.zeros(2, 1), [(mixup, alpha)], (3, step, 0))[2] for step in range(800)]
    assert stats.kstest(drawn, stats.beta(alpha, alpha).cdf).pvalue > 0.01


def test_chance_depends_on_seed_step_and_part_alone_and_partners_are_everybody():
    x = torch.randn(40, 3, 6, 6)
    ways = [(mixup, 1.0), (cutmix, 1.0)]
    first, again = mix(x, ways, (1, 2, 3)), mix(x, ways, (1, 2, 3))
    assert torch.equal(first[0], again[0]) and first[2] == again[2]
    assert sorted(first[1].tolist()) == list(range(40))
    others = [mix(x, ways, place)[2] for place in ((0, 2, 3), (1, 0, 3), (1, 2, 0))]
    assert len({first[2], *others}) == 4


def test_of_two_ways_each_batch_takes_one_and_both_take_their_turns():
    x = torch.cat([torch.zeros(10, 1, 6, 6), torch.ones(10, 1, 6, 6)])
    boxes = [set(mix(x, [(mixup, 1.0), (cutmix, 1.0)], (0, step, 0))[0].unique().tolist()) <= {0.0, 1.0} for step in range(200)]  # fmt: skip
    assert 70 < sum(boxes) < 130


def test_the_loss_is_cross_entropy_to_the_mixed_labels():
    notes, made = Notes(), MadeExamples()
    trainer = trainer_of(stacked(Linear(), epochs=1, batch_size=60, seed=4, regularization=(Mixup(alpha=1.0),)), notes=notes)  # fmt: skip
    rows = epoch_batches(made.train_rows, 60, 4, 1)[0]
    _, partners, own = mix(made.features[rows], [(mixup, 1.0)], (4, 1, 0))
    labels = F.one_hot(made.targets[rows], 3).float()
    x, soft = (own * part + (1 - own) * part[partners] for part in (made.features[rows], labels))
    expected = F.cross_entropy(trainer.model.linear_1(x), soft).item()
    trainer.run()
    assert 0.01 < own < 0.99 and notes.losses[0] == pytest.approx(expected, rel=1e-5)


def test_numbers_are_learned_from_mixed_numbers():
    """The mixed loss has the gradient of the squared miss of the mixed target."""
    project = stacked(Linear(), loss=MSE(), epochs=1, batch_size=60, optimizer=SGD(lr=0.1, momentum=0), regularization=(Mixup(alpha=1.0),))  # fmt: skip
    trainer, made = trainer_of(project, "regression"), MadeExamples("regression")
    weight, bias = (parameter.detach().clone().requires_grad_() for parameter in trainer.model.parameters())
    rows = epoch_batches(made.train_rows, 60, 0, 1)[0]
    _, partners, own = mix(made.features[rows], [(mixup, 1.0)], (0, 1, 0))
    x, y = (own * part + (1 - own) * part[partners] for part in (made.features[rows], made.targets[rows]))
    F.mse_loss(x @ weight.T + bias, y).backward()
    trainer.run()
    assert torch.allclose(trainer.model.linear_1.weight, weight - 0.1 * weight.grad, atol=1e-6)


def places_of(monkeypatch, **training) -> list[tuple[int, int, int]]:
    """Where each mix of a training was drawn."""
    places = []

    def noted(x, ways, place):
        places.append(place)
        return mix(x, ways, place)

    monkeypatch.setattr(gradients, "mix", noted)
    trainer_of(stacked(Linear(), epochs=2, seed=5, regularization=(Mixup(),), **training)).run()
    return places


def test_each_part_of_a_step_is_mixed_by_itself(monkeypatch):
    places = places_of(monkeypatch, batch_size=15, accumulation=2)
    assert places == [(5, step, part) for step in (1, 2, 3, 4) for part in (0, 1)]


def test_the_tries_of_one_step_see_the_same_mix(monkeypatch):
    places = places_of(monkeypatch, batch_size=60, optimizer=LBFGS(max_iter=5))
    assert set(places) == {(5, 1, 0), (5, 2, 0)} and len(places) > 4


def test_training_figures_compare_with_the_larger_share_or_the_mixed_number():
    classes, numbers, partners = torch.tensor([0, 1, 2]), torch.tensor([[1.0], [2.0], [5.0]]), torch.tensor([2, 0, 1])
    assert Mix(numbers, partners, 0.7).truth(classes).tolist() == [0, 1, 2]
    assert Mix(numbers, partners, 0.3).truth(classes).tolist() == [2, 0, 1]
    assert Mix(numbers, partners, 0.75).truth(numbers).flatten().tolist() == [2.0, 1.75, 4.25]


@pytest.mark.parametrize("loss", [kind() for kind in LOSSES.values() if "multiclass" in kind.tasks], ids=lambda loss: loss.kind)  # fmt: skip
def test_every_loss_trains_on_mixed_rows_and_validation_is_of_rows_as_they_are(loss):
    notes = Notes()
    trainer = trainer_of(stacked(Linear(), loss=loss, metrics=(Accuracy(),), epochs=2, regularization=(Mixup(),)), notes=notes)  # fmt: skip
    trainer.run()
    rows, made = trainer.examples.validation_rows, MadeExamples()
    right = trainer.outputs(rows).argmax(1) == made.truth[rows]
    best = notes.epochs[trainer.best.epoch - 1]
    assert best["validation"]["Accuracy"] == pytest.approx(right.float().mean().item())
    assert all(torch.isfinite(torch.tensor(notes.losses)))
