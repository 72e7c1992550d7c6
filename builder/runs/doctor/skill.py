"""Reads from a project's figures how much better its answers are than always giving the same one."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from builder.catalogue.losses import Loss
from builder.spec.facts import DataFacts


class Skill(NamedTuple):
    """`value` of the figure called `figure`, which is `idle` for always giving the same answer."""

    share: float
    """Of the idle error that is gone: 1 for no error, 0 for no better."""
    figure: str
    value: float
    idle: float


UNKNOWN = Skill(math.nan, "loss", math.nan, math.nan)


def skill_of(figures: Mapping[str, float], loss: Loss, facts: DataFacts) -> Skill:
    """By the first figure that says so, else by the loss; unknown where that says nothing either."""
    shares = _shares(facts.class_counts)
    for kind, (name, idle) in (_OF_CLASSES if shares else _OF_NUMBERS).items():
        value, at = figures.get(kind, math.nan), idle(shares)
        if not math.isnan(value) and at < 1:
            return Skill((value - at) / (1 - at), name, value, at)
    value, at = figures.get("loss", math.nan), _idle_loss(loss, shares)
    return Skill(1 - value / at, "loss", value, at) if at > 0 else UNKNOWN


def _shares(counts: Sequence[int]) -> tuple[float, ...]:
    return tuple(count / max(1, sum(counts)) for count in counts)


def _usual_f1(shares: Sequence[float]) -> float:
    """Of the second of two classes, or the mean over all, if the most frequent is always named."""
    usual = 2 * max(shares) / (1 + max(shares))
    if len(shares) > 2:
        return usual / len(shares)
    return usual if shares[-1] > shares[0] else 0.0


_OF_CLASSES: dict[str, tuple[str, Callable[[Sequence[float]], float]]] = {
    "Accuracy": ("accuracy", max),
    "F1": ("F1", _usual_f1),
    "BalancedAccuracy": ("balanced accuracy", lambda shares: 1 / len(shares)),
    "MatthewsCorrelation": ("Matthews correlation", lambda shares: 0.0),
    "CohenKappa": ("Cohen's kappa", lambda shares: 0.0),
}
_OF_NUMBERS: dict[str, tuple[str, Callable[[Sequence[float]], float]]] = {
    "R2": ("R²", lambda shares: 0.0),
    "ExplainedVariance": ("explained variance", lambda shares: 0.0),
}


def _idle_loss(loss: Loss, shares: Sequence[float]) -> float:
    """Of answers that know the classes' shares, or the mean of a target that is scaled to deviation 1; else NaN."""
    settings = loss.model_dump(exclude={"kind"})
    if loss.kind in ("CrossEntropy", "NLL", "BCEWithLogits") and not {*settings.values()} - {"none", 0.0}:
        return -sum(share * math.log(share) for share in shares if share)
    return 1.0 if loss.kind == "MSE" else math.nan
