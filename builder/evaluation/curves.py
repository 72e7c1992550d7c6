"""Confusion, per-class figures, ROC and precision–recall curves, for screens and reports."""

from typing import Any

import numpy as np
from sklearn.metrics import (
    auc,
    average_precision_score,
    confusion_matrix,
    precision_recall_curve,
    precision_recall_fscore_support,
    roc_curve,
)

CURVE_POINTS = 300


def class_tables(truth: np.ndarray, predicted: np.ndarray, classes: tuple[str, ...]) -> dict[str, Any]:
    """`confusion` counts with a row for each true and a column for each predicted class; `per_class` figures."""
    labels = np.arange(len(classes))
    precision, recall, f1, support = precision_recall_fscore_support(
        truth, predicted, labels=labels, zero_division=0
    )  # fmt: skip
    rows = zip(classes, precision.tolist(), recall.tolist(), f1.tolist(), support.tolist(), strict=True)
    return {
        "confusion": confusion_matrix(truth, predicted, labels=labels).tolist(),
        "per_class": [dict(zip(("name", "precision", "recall", "f1", "support"), row, strict=True)) for row in rows],
    }


def class_curves(truth: np.ndarray, probabilities: np.ndarray, classes: tuple[str, ...]) -> dict[str, Any]:
    """One curve for each class against the rest; for two classes, for the positive one alone."""
    roc, pr = [], []
    for index in [1] if len(classes) == 2 else range(len(classes)):
        is_class = truth == index
        if is_class.all() or not is_class.any():
            continue  # a curve needs rows of both kinds
        roc.append(_roc(is_class, probabilities[:, index], classes[index]))
        pr.append(_precision_recall(is_class, probabilities[:, index], classes[index]))
    return {"roc": roc, "pr": pr}


def _roc(is_class: np.ndarray, scores: np.ndarray, name: str) -> dict[str, Any]:
    fpr, tpr, _ = roc_curve(is_class, scores)
    keep = _spread(len(fpr))
    return {"name": name, "auc": float(auc(fpr, tpr)), "fpr": fpr[keep].tolist(), "tpr": tpr[keep].tolist()}


def _precision_recall(is_class: np.ndarray, scores: np.ndarray, name: str) -> dict[str, Any]:
    precision, recall, _ = precision_recall_curve(is_class, scores)
    keep, area = _spread(len(recall)), float(average_precision_score(is_class, scores))
    return {"name": name, "ap": area, "recall": recall[keep].tolist(), "precision": precision[keep].tolist()}


def _spread(count: int) -> np.ndarray:
    """At most CURVE_POINTS places, first and last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, CURVE_POINTS)).round().astype(int))
