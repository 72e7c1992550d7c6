"""The metrics against scikit-learn, where torchmetrics needs help."""

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score, roc_auc_score

from builder.catalogue.metrics import PRAUC, ROCAUC
from builder.evaluation.metrics import MetricBoard


def test_a_class_without_rows_is_left_out_of_the_mean_and_not_counted_as_zero():
    random = np.random.default_rng(0)
    truth = random.integers(0, 3, 60)  # of four classes
    scores = random.random((60, 4)) + 0.6 * np.eye(4)[truth]
    shares = scores / scores.sum(axis=1, keepdims=True)
    board = MetricBoard((ROCAUC(), PRAUC()), "multiclass", 4)
    given = board.compute(torch.from_numpy(shares), torch.from_numpy(truth))
    roc = [roc_auc_score(truth == index, shares[:, index]) for index in range(3)]
    pr = [average_precision_score(truth == index, shares[:, index]) for index in range(3)]
    assert given["ROCAUC"] == pytest.approx(np.mean(roc))
    assert given["PRAUC"] == pytest.approx(np.mean(pr))
