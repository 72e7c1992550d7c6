"""Each loss is the one that its source defines, with the class weights that the training rows give."""

import math

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch.nn import functional as F

from builder.catalogue.losses import (
    L1,
    LOSSES,
    MSE,
    NLL,
    BCEWithLogits,
    Cosine,
    CrossEntropy,
    Focal,
    GaussianNLL,
    Hinge,
    Huber,
    KLDivergence,
    PoissonNLL,
    SmoothL1,
    balanced_weights,
    losses_for,
)
from builder.catalogue.printing import constructor
from builder.export.source.model import class_sources
from builder.nn.graph import build
from tests.imported import imported
from tests.projects import TARGETS, facts_of

COUNTS = {"binary": (30, 10), "multiclass": (50, 30, 20)}
HEADER = "import math\n\nimport torch\nimport torch.nn.functional as F\nfrom torch import Tensor, nn\n"
FITTING = [(kind, task) for kind in LOSSES.values() for task in TARGETS if kind.misfit(facts_of(task=task)) is None]
NAMES = [f"{kind.__name__}, {task}" for kind, task in FITTING]


def facts(task: str):
    return facts_of(task=task).model_copy(update={"class_counts": COUNTS.get(task, ())})


def settings_of(kind) -> list:
    """The defaults, and every switch and choice the other way."""
    fields = kind.model_fields
    changed = {
        "class_weights": "balanced",
        "pos_weight": "balanced",
        "label_smoothing": 0.2,
        "squared": True,
        "gamma": 0.5,
    }
    return [kind(), kind(**{name: value for name, value in changed.items() if name in fields})]


def batch(loss, task: str) -> tuple[torch.Tensor, torch.Tensor]:
    size = facts(task).target_size
    outputs = torch.randn(6, loss.outputs(size))
    if task == "reconstruction":
        return outputs, torch.randn(6, size)
    if task == "regression":
        return outputs, torch.rand(6, 1)
    classes = torch.arange(6) % size
    return outputs, classes[:, None].float() if loss.takes_column else classes


def value(loss, outputs, targets, counts=()) -> float:
    return build(loss.torch_call(facts_of(rows=3).model_copy(update={"class_counts": counts})))(outputs, targets).item()


@pytest.mark.parametrize(("kind", "task"), FITTING, ids=NAMES)
def test_a_loss_takes_as_many_outputs_as_it_says_and_gives_them_all_a_gradient(kind, task):
    for loss in settings_of(kind):
        outputs, targets = batch(loss, task)
        found = build(loss.torch_call(facts(task)))(outputs.requires_grad_(), targets)
        found.backward()
        assert found.shape == () and torch.isfinite(outputs.grad).all() and outputs.grad.abs().sum() > 0


@pytest.mark.parametrize(("kind", "task"), FITTING, ids=NAMES)
def test_the_generated_source_is_the_loss(kind, task, tmp_path):
    for loss in settings_of(kind):
        call, (outputs, targets) = loss.torch_call(facts(task)), batch(loss, task)
        script = imported(f"{HEADER}\n\n{class_sources([call])}\n\n\nLOSS = {constructor(call)}\n", tmp_path)
        assert script.LOSS(outputs, targets).item() == build(call)(outputs, targets).item()


def test_balanced_weights_are_scikit_learns():
    labels = np.repeat([0, 1, 2], [50, 30, 20])
    expected = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    assert balanced_weights((50, 30, 20)) == pytest.approx(expected.tolist())


LOGITS = torch.tensor([[2.0, -1.0, 0.5], [0.0, 1.0, -2.0], [1.0, 1.5, 3.0]])
CLASSES = torch.tensor([0, 2, 2])
SHARES = LOGITS.softmax(1).numpy()
P = SHARES[np.arange(3), CLASSES]
W = np.array(balanced_weights((50, 30, 20)))[CLASSES]


def test_class_weights_make_the_mean_a_weighted_one():
    expected = (W * -np.log(P)).sum() / W.sum()
    counts = (50, 30, 20)
    assert value(CrossEntropy(class_weights="balanced"), LOGITS, CLASSES, counts) == pytest.approx(expected, rel=1e-5)
    assert value(NLL(class_weights="balanced"), LOGITS.log_softmax(1), CLASSES, counts) == pytest.approx(expected, rel=1e-5)  # fmt: skip
    focal = (W * -((1 - P) ** 2) * np.log(P)).sum() / W.sum()
    assert value(Focal(class_weights="balanced"), LOGITS, CLASSES, counts) == pytest.approx(focal, rel=1e-5)


def test_label_smoothing_spreads_a_share_over_all_classes():
    smoothed = np.eye(3)[CLASSES] * 0.8 + 0.2 / 3
    cross_entropy = -(smoothed * np.log(SHARES)).sum(1).mean()
    assert value(CrossEntropy(label_smoothing=0.2), LOGITS, CLASSES) == pytest.approx(cross_entropy, rel=1e-5)
    own_entropy = -(smoothed * np.log(smoothed)).sum(1).mean()
    assert value(KLDivergence(label_smoothing=0.2), LOGITS, CLASSES) == pytest.approx(cross_entropy - own_entropy, rel=1e-5)  # fmt: skip
    perfect = torch.tensor(smoothed).log().float()
    assert value(KLDivergence(label_smoothing=0.2), perfect, CLASSES) == pytest.approx(0, abs=1e-6)


def test_focal_without_gamma_is_cross_entropy_and_a_certain_row_has_a_finite_gradient():
    assert value(Focal(gamma=0), LOGITS, CLASSES) == pytest.approx(F.cross_entropy(LOGITS, CLASSES).item())
    certain = torch.tensor([[200.0, -200.0]], requires_grad=True)
    build(Focal(gamma=0.5).torch_call(facts("binary")))(certain, torch.tensor([0])).backward()
    assert torch.isfinite(certain.grad).all()


def test_the_positive_class_weighs_as_much_as_the_negative_one():
    logits, targets = torch.tensor([[0.5], [-1.0]]), torch.tensor([[1.0], [0.0]])
    p = torch.sigmoid(logits).flatten().tolist()
    expected = (3 * -math.log(p[0]) - math.log(1 - p[1])) / 2
    assert value(BCEWithLogits(pos_weight="balanced"), logits, targets, (30, 10)) == pytest.approx(expected, rel=1e-5)


def test_the_hinge_counts_what_the_right_class_lacks_of_its_lead():
    misses = np.array([0, 0.5, 4, 5, 0, 0.5])  # 2 - right + other, for each row's two other classes
    assert value(Hinge(margin=2), LOGITS, CLASSES) == pytest.approx(misses.sum() / 9)
    assert value(Hinge(margin=2, squared=True), LOGITS, CLASSES) == pytest.approx((misses**2).sum() / 9)


def test_the_cosine_is_that_of_the_angle():
    assert value(Cosine(), torch.tensor([[3.0, 4.0]]), torch.tensor([[6.0, 8.0]])) == pytest.approx(0, abs=1e-6)
    assert value(Cosine(), torch.tensor([[3.0, 4.0]]), torch.tensor([1])) == pytest.approx(1 - 0.8)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (MSE(), (9 + 0.04) / 2), (L1(), (3 + 0.2) / 2), (Huber(delta=0.5), (0.5 * (3 - 0.25) + 0.02) / 2),
        (SmoothL1(beta=0.5), ((3 - 0.25) + 0.04) / 2),
        (PoissonNLL(), (math.exp(4) - 4 * 1 + math.exp(0.7) - 0.7 * 0.5) / 2),
    ],
    ids=lambda part: getattr(part, "kind", ""),
)  # fmt: skip
def test_losses_for_numbers_are_as_computed_by_hand(loss, expected):
    assert value(loss, torch.tensor([[4.0], [0.7]]), torch.tensor([[1.0], [0.5]])) == pytest.approx(expected, rel=1e-5)


def test_the_gaussian_likelihood_is_that_of_torchs_distribution():
    outputs, targets = torch.tensor([[1.0, 0.3], [-2.0, -1.5]]), torch.tensor([[0.2], [1.0]])
    deviation = F.softplus(outputs[:, 1]).sqrt()
    likelihood = torch.distributions.Normal(outputs[:, 0], deviation).log_prob(targets[:, 0])
    expected = -(likelihood + 0.5 * math.log(2 * math.pi)).mean().item()
    assert value(GaussianNLL(), outputs, targets) == pytest.approx(expected, rel=1e-5)


def test_the_losses_that_fit_follow_from_the_target():
    fitting = {task: list(losses_for(facts_of(task=task))) for task in TARGETS}
    assert fitting == {
        "binary": ["CrossEntropy", "BCEWithLogits", "NLL", "Focal", "KLDivergence", "Hinge", "Cosine"],
        "multiclass": ["CrossEntropy", "NLL", "Focal", "KLDivergence", "Hinge", "Cosine"],
        "regression": ["MSE", "L1", "SmoothL1", "Huber", "PoissonNLL", "GaussianNLL"],
        "reconstruction": ["MSE", "L1", "SmoothL1", "Huber", "Cosine"],
    }


def test_counts_below_zero_and_a_single_value_without_direction_are_refused_with_the_reason():
    below = facts_of(task="regression").model_copy(update={"target_lowest": -3.0})
    assert PoissonNLL.misfit(below) == "it needs counts of 0 or more; the lowest is -3"
    assert Cosine.misfit(facts_of((1,), "reconstruction")) == "it compares the direction of several values with another"
