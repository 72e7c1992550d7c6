"""The report's figures are scikit-learn's, and its baselines are the Dummy models'."""

import json
import math

import numpy as np
import pytest
import torch
from sklearn import metrics as sk
from sklearn.dummy import DummyClassifier, DummyRegressor

from builder.evaluation.baseline import fit_baseline
from builder.evaluation.curves import CURVE_POINTS
from builder.evaluation.report import REGRESSION_POINTS, Answers, evaluate, metric_values
from builder.spec.facts import DataFacts
from tests.projects import facts_of

RANDOM = np.random.default_rng(0)
MACRO = {"average": "macro", "zero_division": 0}
TRAIN = {
    "binary": RANDOM.choice(2, 90, p=[0.7, 0.3]), "multiclass": RANDOM.choice(3, 90, p=[0.2, 0.5, 0.3]),
    "regression": RANDOM.normal(150, 40, 90),
}  # fmt: skip


def classified(count: int, task: str, truth: np.ndarray | None = None) -> Answers:
    classes = len(facts_of(task=task).classes)
    truth = RANDOM.integers(0, classes, count) if truth is None else truth
    scores = RANDOM.normal(size=(count, classes)) + np.eye(classes)[truth]
    shares = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    return Answers(torch.from_numpy(shares.astype(np.float32)), torch.from_numpy(truth))


def report_of(answers: Answers, task: str, facts: DataFacts | None = None) -> dict:
    truth = torch.from_numpy(TRAIN[task])
    facts = facts or facts_of(task=task)
    report = evaluate(facts, answers, fit_baseline(facts, truth.float().unsqueeze(1) if task == "regression" else truth))  # fmt: skip
    return json.loads(json.dumps(report, allow_nan=False))


def exact(answers: Answers) -> tuple[np.ndarray, np.ndarray]:
    """Truth, and shares that sum to one to the last digit."""
    given = answers.given.numpy().astype(np.float64)
    return answers.truth.numpy(), given / given.sum(1, keepdims=True)


def test_two_classes():
    answers = classified(80, "binary")
    report, (truth, given) = report_of(answers, "binary"), exact(answers)
    score, predicted = given[:, 1], given.argmax(1)
    assert metric_values(report) == pytest.approx({
        "Accuracy": sk.accuracy_score(truth, predicted), "Precision": sk.precision_score(truth, predicted), "Recall": sk.recall_score(truth, predicted),
        "F1": sk.f1_score(truth, predicted), "ROCAUC": sk.roc_auc_score(truth, score), "PRAUC": sk.average_precision_score(truth, score),
    }, rel=1e-5)  # fmt: skip
    (roc,), (pr,) = report["roc"], report["pr"]
    assert (roc["name"], pr["name"]) == ("yes", "yes") and roc["auc"] == pytest.approx(sk.roc_auc_score(truth, score))
    assert sk.auc(roc["fpr"], roc["tpr"]) == pytest.approx(roc["auc"])
    assert pr["ap"] == pytest.approx(sk.average_precision_score(truth, score))


def test_several_classes():
    answers = classified(80, "multiclass")
    report, (truth, given) = report_of(answers, "multiclass"), exact(answers)
    predicted = given.argmax(1)
    assert metric_values(report) == pytest.approx({
        "Accuracy": sk.accuracy_score(truth, predicted), "Precision": sk.precision_score(truth, predicted, **MACRO),
        "Recall": sk.recall_score(truth, predicted, **MACRO), "F1": sk.f1_score(truth, predicted, **MACRO),
        "ROCAUC": sk.roc_auc_score(truth, given, multi_class="ovr"), "PRAUC": sk.average_precision_score(np.eye(3)[truth], given),
    }, rel=1e-5)  # fmt: skip
    assert report["confusion"] == sk.confusion_matrix(truth, predicted).tolist()
    theirs = sk.classification_report(truth, predicted, target_names=["a", "b", "c"], output_dict=True)
    for row in report["per_class"]:
        figures = theirs[row["name"]]
        assert [row["precision"], row["recall"], row["f1"], row["support"]] == pytest.approx(list(figures.values()))
    assert [curve["name"] for curve in report["roc"]] == ["a", "b", "c"] and report["classes"] == ["a", "b", "c"]
    assert [curve["auc"] for curve in report["roc"]] == pytest.approx([sk.roc_auc_score(truth == at, given[:, at]) for at in range(3)])  # fmt: skip


def test_numbers():
    truth = RANDOM.normal(150, 40, 60)
    given = truth + RANDOM.normal(0, 10, 60)
    report = report_of(Answers(torch.tensor(given).float()[:, None], torch.tensor(truth).float()[:, None]), "regression")  # fmt: skip
    squared = sk.mean_squared_error(truth, given)
    assert metric_values(report) == pytest.approx({
        "MeanSquaredError": squared, "RMSE": math.sqrt(squared), "MAE": sk.mean_absolute_error(truth, given), "R2": sk.r2_score(truth, given),
    }, rel=1e-4)  # fmt: skip
    units = {metric["kind"]: metric["unit"] for metric in report["metrics"]}
    assert units == {"MeanSquaredError": "species²", "RMSE": "species", "MAE": "species", "R2": ""}
    assert report["regression"]["true"] == pytest.approx(truth.tolist(), rel=1e-6)
    assert report["regression"]["predicted"] == pytest.approx(given.tolist(), rel=1e-6) and report["rows"] == 60


def test_a_target_far_from_zero_has_exact_figures():
    truth = torch.from_numpy(RANDOM.normal(1e5, 10, 60)).float()[:, None]
    given = truth + torch.from_numpy(RANDOM.normal(0, 5, 60)).float()[:, None]
    values = metric_values(report_of(Answers(given, truth), "regression"))
    assert values["R2"] == pytest.approx(sk.r2_score(truth.double(), given.double()), abs=1e-5)
    assert values["MAE"] == pytest.approx(sk.mean_absolute_error(truth.double(), given.double()), rel=1e-6)


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_the_baseline_of_classes_is_the_most_frequent_dummy(task):
    answers = classified(80, task)
    report, truth = report_of(answers, task), answers.truth.numpy()
    dummy = DummyClassifier(strategy="prior").fit(np.zeros((90, 1)), TRAIN[task])
    predicted, average = dummy.predict(np.zeros((80, 1))), {"average": "binary" if task == "binary" else "macro"}
    baseline = {metric["kind"]: metric["baseline"] for metric in report["metrics"]}
    assert baseline["Accuracy"] == pytest.approx(sk.accuracy_score(truth, predicted))
    assert baseline["F1"] == pytest.approx(sk.f1_score(truth, predicted, zero_division=0, **average))
    assert baseline["ROCAUC"] == pytest.approx(0.5)
    assert report["baseline"] == f"always '{facts_of(task=task).classes[np.bincount(TRAIN[task]).argmax()]}'"


def test_the_baseline_of_numbers_is_the_mean_dummy():
    truth = RANDOM.normal(150, 40, 60)
    answers = Answers(torch.zeros(60, 1), torch.tensor(truth).float()[:, None])
    report = report_of(answers, "regression")
    dummy = DummyRegressor().fit(np.zeros((90, 1)), TRAIN["regression"]).predict(np.zeros((60, 1)))
    baseline = {metric["kind"]: metric["baseline"] for metric in report["metrics"]}
    assert baseline["MAE"] == pytest.approx(sk.mean_absolute_error(truth, dummy), rel=1e-5)
    assert baseline["R2"] == pytest.approx(sk.r2_score(truth, dummy), abs=1e-4)
    assert report["baseline"] == f"always the mean, {dummy[0]:.4g}"


def test_a_class_without_test_rows_is_no_fault():
    truth = RANDOM.integers(0, 2, 40)  # nothing of class c
    report = report_of(classified(40, "multiclass", truth), "multiclass")
    assert [curve["name"] for curve in report["roc"]] == ["a", "b"]
    assert report["per_class"][2]["support"] == 0 and len(report["confusion"]) == 3


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_test_rows_of_one_class_alone_are_no_fault(task):
    report = report_of(classified(10, task, np.zeros(10, int)), task)
    assert report["roc"] == [] and 0 <= metric_values(report)["Accuracy"] <= 1


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_single_test_row_is_no_fault(task):
    if task == "regression":
        report = report_of(Answers(torch.ones(1, 1), torch.zeros(1, 1)), task)
        assert metric_values(report)["R2"] is None and metric_values(report)["MAE"] == 1
    else:
        assert report_of(classified(1, task), task)["rows"] == 1


def test_long_curves_are_thinned_and_keep_their_ends():
    truth = RANDOM.integers(0, 2, 5000)
    (roc,), (pr,) = (report_of(classified(5000, "binary", truth), "binary")[name] for name in ("roc", "pr"))
    assert len(roc["fpr"]) == len(roc["tpr"]) <= CURVE_POINTS and len(pr["recall"]) <= CURVE_POINTS
    assert (roc["fpr"][0], roc["tpr"][0], roc["fpr"][-1], roc["tpr"][-1]) == (0, 0, 1, 1)
    assert sk.auc(roc["fpr"], roc["tpr"]) == pytest.approx(roc["auc"], abs=2e-3)


def test_many_points_of_a_regression_are_thinned():
    values = torch.arange(9000.0)[:, None]
    points = report_of(Answers(values, values), "regression")["regression"]
    assert len(points["true"]) == REGRESSION_POINTS and points["true"] == points["predicted"]
