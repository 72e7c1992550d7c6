"""The losses for classes. They take logits, never probabilities."""

from collections.abc import Sequence
from typing import Literal

from builder.catalogue.component import TorchCall, choice, real
from builder.catalogue.losses.base import Loss
from builder.catalogue.task import CLASSIFICATION, RECONSTRUCTION, TargetFacts

ClassWeights = Literal["none", "balanced"]
_NORMALIZING = ("Softmax", "LogSoftmax", "Sigmoid")


def _label_smoothing(default: float) -> float:
    return real(
        default, "Label smoothing", "Share of the certainty that is spread over all classes; keeps the model from overconfidence.", ge=0, lt=1
    )  # fmt: skip


def balanced_weights(class_counts: Sequence[int]) -> list[float]:
    """Rows ÷ (classes × rows of the class), so that every class weighs the same. Source: scikit-learn's `balanced`."""
    rows, classes = sum(class_counts), len(class_counts)
    return [rows / (classes * max(count, 1)) for count in class_counts]


def _tensor(values: list[float]) -> TorchCall:
    return TorchCall("torch.tensor", {"data": values})


class ClassLoss(Loss):
    """Compares a logit for each class with the class that is right; each class may have a weight.

    Input shape: (batch, classes) logits; targets (batch,) class numbers
    """

    class_weights: ClassWeights = choice(
        "none", "Class weights", "Balanced: a row counts the more, the rarer its class is among the training rows."
    )
    tasks = CLASSIFICATION
    compares = "a logit for each class with the class that is right"

    def torch_call(self, facts: TargetFacts) -> TorchCall:
        kwargs = self._settings()
        if self.class_weights == "balanced":
            kwargs["weight"] = _tensor(balanced_weights(facts.class_counts))
        return TorchCall(self.source, kwargs)

    def _settings(self) -> dict:
        return self.model_dump(exclude={"kind", "class_weights"})


class CrossEntropy(ClassLoss):
    kind: Literal["CrossEntropy"] = "CrossEntropy"
    label = "Cross-entropy"
    help = "For two or more classes, and the one to begin with: one logit per class, softmax included."
    source = "torch.nn.CrossEntropyLoss"
    unsuited_activations = _NORMALIZING
    label_smoothing: float = _label_smoothing(0.0)


class BCEWithLogits(Loss):
    """Compares one logit with yes or no.

    Input shape: (batch, 1) logits; targets (batch, 1), 0 or 1
    """

    kind: Literal["BCEWithLogits"] = "BCEWithLogits"
    label = "Binary cross-entropy"
    help = "For two classes, and the one to begin with: one logit, sigmoid included."
    source = "torch.nn.BCEWithLogitsLoss"
    tasks = ("binary",)
    compares = "one logit with yes or no, so it takes two classes"
    takes_column = True
    answer = "builder.nn.answers.SigmoidAnswer"
    unsuited_activations = ("Sigmoid", "Softmax", "LogSoftmax")
    pos_weight: ClassWeights = choice(
        "none", "Weight of the positive class", "Balanced: rows of the positive class count as much as all others together."
    )  # fmt: skip

    def outputs(self, target_size: int) -> int:
        return 1

    def torch_call(self, facts: TargetFacts) -> TorchCall:
        if self.pos_weight == "none":
            return TorchCall(self.source, {})
        negative, positive = facts.class_counts
        return TorchCall(self.source, {"pos_weight": _tensor([negative / max(positive, 1)])})


class NLL(ClassLoss):
    """As cross-entropy behind its log-softmax.

    Input shape: (batch, classes) logarithms of probabilities; targets (batch,) class numbers
    """

    kind: Literal["NLL"] = "NLL"
    label = "Negative log-likelihood"
    help = "Like cross-entropy, for a model whose last activation is log-softmax."
    source = "torch.nn.NLLLoss"
    unsuited_activations = ("Softmax", "Sigmoid")
    wanted_activation = "LogSoftmax"


class Focal(ClassLoss):
    kind: Literal["Focal"] = "Focal"
    label = "Focal"
    help = "For classes of which one is rare or most rows are easy: what is already right hardly counts."
    source = "Lin et al. 2017, arXiv:1708.02002"
    unsuited_activations = _NORMALIZING
    gamma: float = real(2.0, "Gamma", "How much less an easy row counts; 0 is cross-entropy.", ge=0, le=10)

    def torch_call(self, facts: TargetFacts) -> TorchCall:
        return super().torch_call(facts)._replace(name="builder.nn.losses.FocalLoss")


class KLDivergence(Loss):
    """Compares predicted shares with smoothed ones.

    Input shape: (batch, classes) logits; targets (batch,) class numbers
    """

    kind: Literal["KLDivergence"] = "KLDivergence"
    label = "KL divergence"
    help = (
        "For classes with smoothed labels: learns as cross-entropy does, but a model that says just those shares has 0."
    )
    source = "torch.nn.functional.kl_div"
    tasks = CLASSIFICATION
    compares = "the shares of the classes with those of the label"
    unsuited_activations = _NORMALIZING
    label_smoothing: float = _label_smoothing(0.1)

    def torch_call(self, facts: TargetFacts) -> TorchCall:
        return super().torch_call(facts)._replace(name="builder.nn.losses.KLDivergenceLoss")


class Hinge(ClassLoss):
    kind: Literal["Hinge"] = "Hinge"
    label = "Hinge"
    help = "For classes, as a support vector machine learns them: rows beyond the margin count nothing; its probabilities are no more than scores."
    source = "torch.nn.MultiMarginLoss"
    compares = "the score of the class that is right with those of the others"
    margin: float = real(1.0, "Margin", "By how much the right class has to lead.", gt=0, le=100)
    squared: bool = choice(False, "Squared", "Squares each miss of the margin, so that large ones weigh most.")

    def _settings(self) -> dict:
        return {"p": 2 if self.squared else 1, "margin": self.margin}


class Cosine(Loss):
    """One less the cosine of the angle between outputs and targets; class numbers stand for one-hot rows.

    Input shape: (batch, classes) or the shape that is given back; targets (batch,) class numbers, or that shape
    """

    kind: Literal["Cosine"] = "Cosine"
    label = "Cosine"
    help = "For classes with few rows each, or for giving back rows of which only the direction matters; sizes and probabilities are not learned."
    source = "Barz and Denzler 2020, arXiv:1901.09054"
    tasks = CLASSIFICATION + RECONSTRUCTION
    compares = "the direction of several values with another"

    @classmethod
    def misfit(cls, facts: TargetFacts) -> str | None:
        return super().misfit(facts) if facts.target_size > 1 else f"it compares {cls.compares}"

    def torch_call(self, facts: TargetFacts) -> TorchCall:
        return TorchCall("builder.nn.losses.CosineLoss", {})
