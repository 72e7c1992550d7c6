"""The metrics: how good the model's answers are, in terms people use."""

from functools import reduce
from operator import or_
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from builder.catalogue.component import Component, TorchCall, accept_name, registry
from builder.catalogue.task import CLASSIFICATION, NUMBERS, Task


class Metric(Component):
    """A torchmetrics metric: of probabilities, of values in the target's own unit, or of inputs as the model takes them."""

    tasks: ClassVar[tuple[Task, ...]]
    higher_is_better: ClassVar[bool] = True
    own_unit: ClassVar[str] = ""
    """Of numbers: `target`, `target²`, or empty for a plain number."""
    average: ClassVar[str] = "macro"
    """Over several classes: `macro` and `micro` are torchmetrics'; `none` gives one figure for each class, and the mean
    is taken over those that have rows (torchmetrics would count the others as 0)."""
    rows_min: ClassVar[int] = 1
    """Fewest rows for which it is defined."""

    def torch_call(self, task: Task, class_count: int) -> TorchCall:
        return TorchCall(self.source, self._of_task(task, class_count) | self._options(task))

    def _of_task(self, task: Task, class_count: int) -> dict[str, Any]:
        if task in NUMBERS:
            return {}
        if task == "binary":
            return {"task": "binary"}
        return {"task": "multiclass", "num_classes": class_count, "average": self.average}

    def _options(self, task: Task) -> dict[str, Any]:
        return {}


class Accuracy(Metric):
    kind: Literal["Accuracy"] = "Accuracy"
    label = "Accuracy"
    help = "Share of answers that are right."
    source = "torchmetrics.Accuracy"
    tasks = CLASSIFICATION
    average = "micro"


class Precision(Metric):
    kind: Literal["Precision"] = "Precision"
    label = "Precision"
    help = "Of the rows called a class, the share that are; the mean over classes if there are several."
    source = "torchmetrics.Precision"
    tasks = CLASSIFICATION


class Recall(Metric):
    kind: Literal["Recall"] = "Recall"
    label = "Recall"
    help = "Of the rows of a class, the share that was found; the mean over classes if there are several."
    source = "torchmetrics.Recall"
    tasks = CLASSIFICATION


class F1(Metric):
    kind: Literal["F1"] = "F1"
    label = "F1"
    help = "Harmonic mean of precision and recall; the mean over classes if there are several."
    source = "torchmetrics.F1Score"
    tasks = CLASSIFICATION


class ROCAUC(Metric):
    kind: Literal["ROCAUC"] = "ROCAUC"
    label = "ROC-AUC"
    help = "Chance that a row of the class scores above one that is not; 0.5 is guessing."
    source = "torchmetrics.AUROC"
    tasks = CLASSIFICATION
    average = "none"


class PRAUC(Metric):
    kind: Literal["PRAUC"] = "PRAUC"
    label = "PR-AUC"
    help = "Average precision over all thresholds; tells more than ROC-AUC when a class is rare."
    source = "torchmetrics.AveragePrecision"
    tasks = CLASSIFICATION
    average = "none"


class MeanSquaredError(Metric):
    kind: Literal["MeanSquaredError"] = "MeanSquaredError"
    label = "MSE"
    help = "Mean squared miss, in the target's unit squared."
    source = "torchmetrics.MeanSquaredError"
    tasks = NUMBERS
    higher_is_better = False
    own_unit = "target²"


class RMSE(Metric):
    kind: Literal["RMSE"] = "RMSE"
    label = "RMSE"
    help = "Root of the mean squared miss, in the target's unit."
    source = "torchmetrics.MeanSquaredError"
    tasks = NUMBERS
    higher_is_better = False
    own_unit = "target"

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


class R2(Metric):
    kind: Literal["R2"] = "R2"
    label = "R²"
    help = "Share of the target's variance that is explained; 0 is no better than the mean, 1 is perfect."
    source = "torchmetrics.R2Score"
    tasks = NUMBERS
    rows_min = 2

    def _options(self, task: Task) -> dict[str, Any]:
        """Over many values the variances add up; the mean is each value's own. Source: PCA's explained variance."""
        return {"multioutput": "variance_weighted"} if task == "reconstruction" else {}


METRICS = registry(Accuracy, Precision, Recall, F1, ROCAUC, PRAUC, MeanSquaredError, RMSE, MAE, R2)
AnyMetric = Annotated[
    reduce(or_, METRICS.values()), Field(discriminator="kind"), BeforeValidator(accept_name)
]  # fmt: skip

FigureName = Literal["loss", *METRICS]
"""What a validation gives: the loss, or a metric by its kind."""


def metrics_for(task: Task) -> tuple[Metric, ...]:
    """Every metric that fits the task, in the order in which they are shown."""
    return tuple(kind() for kind in METRICS.values() if task in kind.tasks)
