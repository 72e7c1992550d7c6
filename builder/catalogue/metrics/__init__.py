"""The metrics: how good the model's answers are, in terms people use."""

from functools import reduce
from operator import or_
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from builder.catalogue.component import accept_name, registry
from builder.catalogue.metrics.base import Metric
from builder.catalogue.metrics.classes import (
    F1,
    PRAUC,
    ROCAUC,
    Accuracy,
    BalancedAccuracy,
    CohenKappa,
    FBeta,
    MatthewsCorrelation,
    Precision,
    Recall,
    Specificity,
    TopKAccuracy,
)
from builder.catalogue.metrics.numbers import (
    MAE,
    MAPE,
    R2,
    RMSE,
    ExplainedVariance,
    MeanSquaredError,
    PearsonCorrelation,
    SpearmanCorrelation,
    WeightedMAPE,
)
from builder.catalogue.task import Task

METRICS = registry(
    Accuracy, BalancedAccuracy, TopKAccuracy, Precision, Recall, Specificity, F1, FBeta, MatthewsCorrelation, CohenKappa,
    ROCAUC, PRAUC, MeanSquaredError, RMSE, MAE, MAPE, WeightedMAPE, R2, ExplainedVariance, PearsonCorrelation,
    SpearmanCorrelation,
)  # fmt: skip
AnyMetric = Annotated[
    reduce(or_, METRICS.values()), Field(discriminator="kind"), BeforeValidator(accept_name)
]  # fmt: skip

FigureName = Literal["loss", *METRICS]
"""What a validation gives: the loss, or a metric by its kind."""


def metrics_for(task: Task) -> tuple[Metric, ...]:
    """The usual metrics of the task, in the order in which they are shown."""
    return tuple(kind() for kind in METRICS.values() if task in kind.tasks and kind.is_usual)


__all__ = [
    "F1", "MAE", "MAPE", "METRICS", "PRAUC", "R2", "RMSE", "ROCAUC", "Accuracy", "AnyMetric", "BalancedAccuracy", "CohenKappa",
    "ExplainedVariance", "FBeta", "FigureName", "MatthewsCorrelation", "MeanSquaredError", "Metric", "PearsonCorrelation", "Precision",
    "Recall", "SpearmanCorrelation", "Specificity", "TopKAccuracy", "WeightedMAPE", "metrics_for",
]  # fmt: skip
