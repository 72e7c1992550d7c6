"""The mean recall of two classes. This text is printed into generated scripts, so it depends on torchmetrics alone."""

import torchmetrics
from torch import Tensor


class BinaryBalancedAccuracy(torchmetrics.classification.BinaryStatScores):
    """Of probabilities of the positive class (N,) and class numbers (N,); NaN if one of the classes has no rows."""

    def compute(self) -> Tensor:
        tp, fp, tn, fn, _ = super().compute()
        return (tp / (tp + fn) + tn / (tn + fp)) / 2
