"""The metrics of answers that are classes."""

from typing import Any, Literal

from builder.catalogue.component import TorchCall, choice, real, whole
from builder.catalogue.metrics.base import Metric
from builder.catalogue.task import CLASSIFICATION, Task


class Accuracy(Metric):
    kind: Literal["Accuracy"] = "Accuracy"
    label = "Accuracy"
    help = "Share of answers that are right."
    source = "torchmetrics.Accuracy"
    tasks = CLASSIFICATION
    average = "micro"
    is_usual = is_cheap = True


class BalancedAccuracy(Metric):
    kind: Literal["BalancedAccuracy"] = "BalancedAccuracy"
    label = "Balanced accuracy"
    help = "Of the rows of each class the share that was found, and the mean of those shares: a rare class counts as much as a common one."
    source = "torchmetrics.Recall"
    tasks = CLASSIFICATION
    sums = "counts"
    average = "none"

    def torch_call(self, task: Task, class_count: int) -> TorchCall:
        """For two classes torchmetrics knows the recall of the positive one alone."""
        if task == "binary":
            return TorchCall("builder.evaluation.balanced_accuracy.BinaryBalancedAccuracy", {})
        return super().torch_call(task, class_count)


class TopKAccuracy(Metric):
    kind: Literal["TopKAccuracy"] = "TopKAccuracy"
    label = "Top-k accuracy"
    help = "Share of rows whose class is among the k that the model holds most likely."
    source = "torchmetrics.Accuracy"
    tasks = ("multiclass",)
    average = "micro"
    is_cheap = True
    k: int = whole(2, "k", "Classes that count as an answer; fewer than there are.", ge=1, le=1000)

    def mended(self, class_count: int) -> tuple[str, Metric] | None:
        if self.k < class_count:
            return None
        reason = f"takes {self.k} classes for an answer where there are {class_count}, so every row would be right"
        return reason, self.model_copy(update={"k": class_count - 1})

    def _options(self, task: Task) -> dict[str, Any]:
        return {"top_k": self.k}


class Precision(Metric):
    kind: Literal["Precision"] = "Precision"
    label = "Precision"
    help = "Of the rows called a class, the share that are; the mean over classes if there are several."
    source = "torchmetrics.Precision"
    tasks = CLASSIFICATION
    sums = "counts"
    is_usual = True


class Recall(Metric):
    kind: Literal["Recall"] = "Recall"
    label = "Recall"
    help = "Of the rows of a class, the share that was found; the mean over classes if there are several."
    source = "torchmetrics.Recall"
    tasks = CLASSIFICATION
    sums = "counts"
    is_usual = True


class Specificity(Metric):
    kind: Literal["Specificity"] = "Specificity"
    label = "Specificity"
    help = "Of the rows that are not of a class, the share that was not taken for it; the mean over classes if there are several."
    source = "torchmetrics.Specificity"
    tasks = CLASSIFICATION
    sums = "counts"


class F1(Metric):
    kind: Literal["F1"] = "F1"
    label = "F1"
    help = "Harmonic mean of precision and recall; the mean over classes if there are several."
    source = "torchmetrics.F1Score"
    tasks = CLASSIFICATION
    sums = "counts"
    is_usual = True


class FBeta(Metric):
    kind: Literal["FBeta"] = "FBeta"
    label = "F-beta"
    help = "As F1, but recall counts beta times as much as precision; the mean over classes if there are several."
    source = "torchmetrics.FBetaScore"
    tasks = CLASSIFICATION
    sums = "counts"
    beta: float = real(
        2.0, "Beta", "Above 1 what is missed weighs more, below 1 what is called wrongly.", ge=0.01, le=100
    )


class MatthewsCorrelation(Metric):
    kind: Literal["MatthewsCorrelation"] = "MatthewsCorrelation"
    label = "Matthews correlation"
    help = "Correlation of answers and truth, 1 at best and 0 for guessing: not fooled by a class that is rare."
    source = "torchmetrics.MatthewsCorrCoef"
    tasks = CLASSIFICATION
    sums = "confusion"
    average = None


class CohenKappa(Metric):
    kind: Literal["CohenKappa"] = "CohenKappa"
    label = "Cohen's kappa"
    help = "How far the answers agree with the truth beyond chance: 1 at best, 0 for chance."
    source = "torchmetrics.CohenKappa"
    tasks = CLASSIFICATION
    sums = "confusion"
    average = None
    weights: Literal["none", "linear", "quadratic"] = choice(
        "none", "Weights", "For classes in an order: whether a miss weighs more the farther off it is, evenly or squared."
    )  # fmt: skip


class ROCAUC(Metric):
    kind: Literal["ROCAUC"] = "ROCAUC"
    label = "ROC-AUC"
    help = "Chance that a row of the class scores above one that is not; 0.5 is guessing."
    source = "torchmetrics.AUROC"
    tasks = CLASSIFICATION
    sums = "scores"
    average = "none"
    is_usual = True


class PRAUC(Metric):
    kind: Literal["PRAUC"] = "PRAUC"
    label = "PR-AUC"
    help = "Average precision over all thresholds; tells more than ROC-AUC when a class is rare."
    source = "torchmetrics.AveragePrecision"
    tasks = CLASSIFICATION
    sums = "scores"
    average = "none"
    is_usual = True
