"""What a model has to beat: the answer that never looks at the features."""

from dataclasses import dataclass

import torch
from torch import Tensor

from builder.spec.facts import DataFacts


@dataclass(frozen=True)
class Baseline:
    """`answers(n)` are n equal answers, in the form the metrics take."""

    description: str
    answer: Tensor

    def answers(self, count: int) -> Tensor:
        return self.answer.expand(count, *self.answer.shape[1:])


def fit_baseline(facts: DataFacts, train_truth: Tensor) -> Baseline:
    """Class shares of the training rows (so the majority class wins), or their mean. Source: scikit-learn's Dummy models."""
    if facts.task == "regression":
        mean = train_truth.double().mean().float().reshape(1, 1)
        return Baseline(f"always the mean, {mean.item():.4g}", mean)
    shares = torch.bincount(train_truth, minlength=len(facts.classes)).float()
    shares = shares / shares.sum()
    return Baseline(f"always '{facts.classes[int(shares.argmax())]}'", shares.reshape(1, -1))


def mean_baseline(mean: Tensor) -> Baseline:
    """The mean of the training inputs, (1, *input shape), given back for every row: PCA without a component."""
    return Baseline("always the mean of the training rows", mean)
