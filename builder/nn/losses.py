"""The losses that torch does not have as modules, or not for logits.

This text is printed into generated scripts, so its classes depend on torch alone.
Legend: N rows of the batch.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class FocalLoss(nn.Module):
    """-(1 - p)^gamma · log p of the right class, its mean weighted by class (Lin et al. 2017).

    Input shape: logits (N, classes), class numbers (N,). Output shape: ().
    """

    def __init__(self, gamma: float, weight: Tensor | None = None):
        super().__init__()
        self.gamma = gamma
        self.register_buffer("weight", weight)

    def forward(self, logits: Tensor, classes: Tensor) -> Tensor:
        log_p = torch.log_softmax(logits, dim=1).gather(1, classes.unsqueeze(1)).squeeze(1)
        # a root has no slope at 0, which a gamma below 1 would turn into NaN for rows that are certain
        losses = -log_p * (1 - log_p.exp()).clamp_min(1e-6) ** self.gamma
        weights = torch.ones_like(losses) if self.weight is None else self.weight[classes]
        return (weights * losses).sum() / weights.sum()


class KLDivergenceLoss(nn.Module):
    """How far the predicted shares are from the smoothed label.

    Input shape: logits (N, classes), class numbers (N,). Output shape: ().
    """

    def __init__(self, label_smoothing: float):
        super().__init__()
        self.label_smoothing = label_smoothing

    def forward(self, logits: Tensor, classes: Tensor) -> Tensor:
        one_hot = F.one_hot(classes, logits.shape[1]).to(logits.dtype)
        shares = one_hot * (1 - self.label_smoothing) + self.label_smoothing / logits.shape[1]
        return F.kl_div(torch.log_softmax(logits, dim=1), shares, reduction="batchmean")


class GaussianLikelihoodLoss(nn.Module):
    """Negative log-likelihood of the targets under a mean and a variance for each row, without its constant.

    Input shape: mean and variance before softplus (N, 2), targets (N, 1). Output shape: ().
    """

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        mean, variance = outputs[:, :1], F.softplus(outputs[:, 1:])
        return F.gaussian_nll_loss(mean, targets, variance, eps=1e-6)


class CosineLoss(nn.Module):
    """1 - cos of the angle between outputs and targets; class numbers stand for one-hot rows.

    Input shape: (N, …) and the same, or class numbers (N,). Output shape: ().
    """

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        if not targets.is_floating_point():
            targets = F.one_hot(targets, outputs.shape[1]).to(outputs.dtype)
        return (1 - F.cosine_similarity(outputs.flatten(1), targets.flatten(1), dim=1)).mean()
