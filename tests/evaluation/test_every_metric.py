"""Every metric of classes and of numbers is scikit-learn's, also beside the others."""

import numpy as np
import pytest
import torch
from scipy import stats
from sklearn import metrics as sk

from builder.catalogue.metrics import METRICS, CohenKappa, FBeta, Metric, TopKAccuracy
from builder.evaluation.metrics import MetricBoard

MACRO = {"average": "macro", "zero_division": 0}


def specificity(truth: np.ndarray, given: np.ndarray, classes: int) -> np.ndarray:
    return np.array([sk.recall_score(truth != one, given != one) for one in range(classes)])


def of_classes(truth: np.ndarray, shares: np.ndarray) -> dict[str, float]:
    given, classes = shares.argmax(1), shares.shape[1]
    each = specificity(truth, given, classes)
    figures = {
        "Accuracy": sk.accuracy_score(truth, given), "BalancedAccuracy": sk.balanced_accuracy_score(truth, given),
        "MatthewsCorrelation": sk.matthews_corrcoef(truth, given), "CohenKappa": sk.cohen_kappa_score(truth, given),
    }  # fmt: skip
    if classes == 2:
        return figures | {
            "Precision": sk.precision_score(truth, given), "Recall": sk.recall_score(truth, given), "F1": sk.f1_score(truth, given),
            "FBeta": sk.fbeta_score(truth, given, beta=2), "Specificity": each[1],
            "ROCAUC": sk.roc_auc_score(truth, shares[:, 1]), "PRAUC": sk.average_precision_score(truth, shares[:, 1]),
        }  # fmt: skip
    return figures | {
        "Precision": sk.precision_score(truth, given, **MACRO), "Recall": sk.recall_score(truth, given, **MACRO),
        "F1": sk.f1_score(truth, given, **MACRO), "FBeta": sk.fbeta_score(truth, given, beta=2, **MACRO),
        "Specificity": each.mean(), "TopKAccuracy": sk.top_k_accuracy_score(truth, shares, k=2),
        "ROCAUC": sk.roc_auc_score(truth, shares, multi_class="ovr"), "PRAUC": sk.average_precision_score(truth, shares),
    }  # fmt: skip


def of_numbers(truth: np.ndarray, given: np.ndarray) -> dict[str, float]:
    return {
        "MeanSquaredError": sk.mean_squared_error(truth, given), "RMSE": sk.root_mean_squared_error(truth, given),
        "MAE": sk.mean_absolute_error(truth, given), "MAPE": sk.mean_absolute_percentage_error(truth, given),
        "WeightedMAPE": np.abs(truth - given).sum() / np.abs(truth).sum(), "R2": sk.r2_score(truth, given),
        "ExplainedVariance": sk.explained_variance_score(truth, given),
        "PearsonCorrelation": stats.pearsonr(truth, given)[0], "SpearmanCorrelation": stats.spearmanr(truth, given)[0],
    }  # fmt: skip


def all_for(task: str) -> tuple[Metric, ...]:
    return tuple(kind() for kind in METRICS.values() if task in kind.tasks)


def shares_for(truth: np.ndarray, classes: int) -> np.ndarray:
    scores = np.random.default_rng(1).normal(size=(len(truth), classes)) + np.eye(classes)[truth]
    return np.exp(scores) / np.exp(scores).sum(1, keepdims=True)


@pytest.mark.parametrize(("task", "classes"), [("binary", 2), ("multiclass", 4)])
def test_of_classes(task, classes):
    truth = np.random.default_rng(0).choice(classes, 200, p=np.arange(1, classes + 1) / sum(range(1, classes + 1)))
    shares = shares_for(truth, classes)
    given = MetricBoard(all_for(task), task, classes).compute(torch.from_numpy(shares), torch.from_numpy(truth))
    assert given == pytest.approx(of_classes(truth, shares), rel=1e-5)


def test_of_numbers():
    random = np.random.default_rng(0)
    truth = random.normal(20, 5, 100)
    given = truth * 0.8 + random.normal(1, 3, 100)
    columns = (torch.from_numpy(values.astype(np.float32)).unsqueeze(1) for values in (given, truth))
    computed = MetricBoard(all_for("regression"), "regression", 0).compute(*columns)
    assert computed == pytest.approx(of_numbers(truth, given), rel=1e-5)


@pytest.mark.parametrize("beta", [0.5, 1.0, 3.0])
def test_the_weight_of_recall(beta):
    truth = np.array([0, 0, 1, 1, 1, 0])
    shares = np.eye(2)[[0, 1, 1, 0, 1, 1]] * 0.8 + 0.1
    given = MetricBoard((FBeta(beta=beta),), "binary", 2).compute(torch.from_numpy(shares), torch.from_numpy(truth))
    assert given["FBeta"] == pytest.approx(sk.fbeta_score(truth, shares.argmax(1), beta=beta))


@pytest.mark.parametrize("weights", ["linear", "quadratic"])
def test_a_miss_that_is_far_off_weighs_more(weights):
    truth = np.array([0, 1, 2, 3, 0, 1, 2, 3])
    answers = np.array([0, 1, 2, 0, 1, 1, 3, 3])
    board = MetricBoard((CohenKappa(weights=weights),), "multiclass", 4)
    given = board.compute(torch.from_numpy(np.eye(4)[answers]), torch.from_numpy(truth))
    assert given["CohenKappa"] == pytest.approx(sk.cohen_kappa_score(truth, answers, weights=weights))


def test_metrics_that_agree_on_the_first_rows_are_still_told_apart_on_others():
    board = MetricBoard((METRICS["Accuracy"](), TopKAccuracy(k=2)), "multiclass", 3)
    right = torch.tensor([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1]])
    assert board.compute(right, torch.tensor([0, 1])) == {"Accuracy": 1.0, "TopKAccuracy": 1.0}
    second = torch.tensor([[0.5, 0.4, 0.1], [0.1, 0.5, 0.4]])
    assert board.compute(second, torch.tensor([1, 2])) == {"Accuracy": 0.0, "TopKAccuracy": 1.0}


def test_two_classes_of_which_one_has_no_rows_have_no_balanced_accuracy():
    board = MetricBoard((METRICS["BalancedAccuracy"](),), "binary", 2)
    assert np.isnan(board.compute(torch.tensor([[0.2, 0.8]]), torch.tensor([1]))["BalancedAccuracy"])
