"""The metrics of answers that are numbers."""

from typing import Any, Literal

from builder.catalogue.metrics.base import Metric
from builder.catalogue.task import NUMBERS, REGRESSION, Task


class MeanSquaredError(Metric):
    kind: Literal["MeanSquaredError"] = "MeanSquaredError"
    label = "MSE"
    help = "Mean squared miss, in the target's unit squared."
    source = "torchmetrics.MeanSquaredError"
    tasks = NUMBERS
    sums = "squares"
    higher_is_better = False
    own_unit = "target²"
    is_usual = is_cheap = True


class RMSE(Metric):
    kind: Literal["RMSE"] = "RMSE"
    label = "RMSE"
    help = "Root of the mean squared miss, in the target's unit."
    source = "torchmetrics.MeanSquaredError"
    tasks = NUMBERS
    sums = "squares"
    higher_is_better = False
    own_unit = "target"
    is_usual = is_cheap = True

    def _options(self, task: Task) -> dict[str, Any]:
        return {"squared": False}


class MAE(Metric):
    kind: Literal["MAE"] = "MAE"
    label = "MAE"
    help = "Mean absolute miss, in the target's unit."
    source = "torchmetrics.MeanAbsoluteError"
    tasks = NUMBERS
    higher_is_better = False
    own_unit = "target"
    is_usual = is_cheap = True


class MAPE(Metric):
    kind: Literal["MAPE"] = "MAPE"
    label = "MAPE"
    help = "Mean absolute miss as a share of the true value, 0.1 for ten percent; huge where true values are near zero."
    source = "torchmetrics.MeanAbsolutePercentageError"
    tasks = REGRESSION
    higher_is_better = False
    is_cheap = True


class WeightedMAPE(Metric):
    kind: Literal["WeightedMAPE"] = "WeightedMAPE"
    label = "Weighted MAPE"
    help = "All misses together as a share of all true values together, which values near zero do not upset."
    source = "torchmetrics.WeightedMeanAbsolutePercentageError"
    tasks = REGRESSION
    higher_is_better = False


class R2(Metric):
    kind: Literal["R2"] = "R2"
    label = "R²"
    help = "Share of the target's variance that is explained; 0 is no better than the mean, 1 is perfect."
    source = "torchmetrics.R2Score"
    tasks = NUMBERS
    rows_min = 2
    is_usual = True

    def _options(self, task: Task) -> dict[str, Any]:
        """Over many values the variances add up; the mean is each value's own. Source: PCA's explained variance."""
        return {"multioutput": "variance_weighted"} if task == "reconstruction" else {}


class ExplainedVariance(Metric):
    kind: Literal["ExplainedVariance"] = "ExplainedVariance"
    label = "Explained variance"
    help = "As R², but a miss that is the same for every row is forgiven."
    source = "torchmetrics.ExplainedVariance"
    tasks = REGRESSION
    rows_min = 2


class PearsonCorrelation(Metric):
    kind: Literal["PearsonCorrelation"] = "PearsonCorrelation"
    label = "Pearson correlation"
    help = "How nearly predicted and true values lie on a rising line: 1 at best, 0 for no relation."
    source = "torchmetrics.PearsonCorrCoef"
    tasks = REGRESSION
    rows_min = 2


class SpearmanCorrelation(Metric):
    kind: Literal["SpearmanCorrelation"] = "SpearmanCorrelation"
    label = "Spearman correlation"
    help = "How nearly predictions put the rows into their true order: 1 at best, 0 for no relation."
    source = "torchmetrics.SpearmanCorrCoef"
    tasks = REGRESSION
    rows_min = 2
