"""Puts everything a screen shows of a model's quality into one JSON document."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from builder.catalogue.metrics import Metric, metrics_for
from builder.evaluation.baseline import Baseline
from builder.evaluation.curves import class_curves, class_tables
from builder.evaluation.metrics import MetricBoard
from builder.evaluation.reconstruction import reconstruction_figures
from builder.spec.facts import DataFacts

REGRESSION_POINTS = 2000


@dataclass(frozen=True)
class Answers:
    """Answers of a model with the truth: probabilities (N, classes) with class numbers (N,), or values (N, 1) with (N, 1),
    or reconstructions with the inputs, both as the model counts."""

    given: Tensor
    truth: Tensor


def evaluate(facts: DataFacts, answers: Answers, baseline: Baseline, chosen: tuple[Metric, ...] = ()) -> dict[str, Any]:
    """The usual metrics and those that were chosen beside their baseline, and the tables and curves of the task."""
    metrics = metrics_for(facts.task)
    metrics += tuple(metric for metric in chosen if metric not in metrics)
    report = {
        "task": facts.task, "target": facts.target, "rows": len(answers.truth), "classes": list(facts.classes),
        "baseline": baseline.description, "metrics": _metrics(metrics, facts, answers, baseline),
        "confusion": [], "per_class": [], "roc": [], "pr": [], "regression": None, "reconstruction": None,
    }  # fmt: skip
    if facts.task == "regression":
        return report | {"regression": _regression(answers)}
    if facts.task == "reconstruction":
        figures = reconstruction_figures(facts, answers.given, answers.truth, baseline.answer)
        return report | {"reconstruction": figures}
    truth, probabilities = answers.truth.numpy(), answers.given.numpy()
    tables = class_tables(truth, probabilities.argmax(axis=1), facts.classes)
    return report | tables | class_curves(truth, probabilities, facts.classes)


def metric_values(report: dict[str, Any]) -> dict[str, float | None]:
    return {metric["kind"]: metric["value"] for metric in report["metrics"]}


def _metrics(
    metrics: tuple[Metric, ...], facts: DataFacts, answers: Answers, baseline: Baseline
) -> list[dict[str, Any]]:
    board = MetricBoard(metrics, facts.task, len(facts.classes))
    values = board.compute(answers.given, answers.truth)
    compared = board.compute(baseline.answers(len(answers.truth)), answers.truth)
    return [
        {
            "kind": metric.kind, "label": metric.label, "help": metric.help,
            "value": _number(values[metric.kind]), "baseline": _number(compared[metric.kind]),
            "unit": metric.own_unit.replace("target", facts.target), "higher_is_better": metric.higher_is_better,
        }
        for metric in metrics
    ]  # fmt: skip


def _regression(answers: Answers) -> dict[str, list[float]]:
    """True and predicted values of evenly picked rows."""
    keep = np.unique(
        np.linspace(0, len(answers.truth) - 1, min(len(answers.truth), REGRESSION_POINTS)).round().astype(int)
    )
    return {
        "true": answers.truth.squeeze(1).numpy()[keep].tolist(),
        "predicted": answers.given.squeeze(1).numpy()[keep].tolist(),
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
