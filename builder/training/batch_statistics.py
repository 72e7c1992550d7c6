"""Batch normalization over the rows of all processes, so that it sees the batch that one process would see."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

if TYPE_CHECKING:
    from builder.training.ranks import Ranks


class JointBatchNorm(_BatchNorm):
    """torch's SyncBatchNorm does the same on cards alone; outside of a training step it is plain batch normalization.

    Input shape:  (N, C, …), the process's own rows
    Output shape: the same
    """

    def __init__(self, plain: _BatchNorm, ranks: "Ranks"):
        super().__init__(plain.num_features, plain.eps, plain.momentum, plain.affine, plain.track_running_stats)
        self._parameters, self._buffers, self._ranks = plain._parameters, plain._buffers, ranks
        self.train(plain.training)

    def _check_input_dim(self, x: Tensor) -> None:
        """Any: the check of the project has seen to it."""

    def forward(self, x: Tensor) -> Tensor:
        share = self._ranks.under_way
        if share is None or not self.training:
            return super().forward(x)
        axes, wide = [0, *range(2, x.dim())], [1, -1] + [1] * (x.dim() - 2)
        own_count, given, x = float(share.counts) * x.numel() / self.num_features, x, x.float()
        own_mean = x.mean(axes)
        told = self._ranks.summed(torch.cat([own_mean * own_count, own_mean.new_tensor([own_count])]))
        mean, count = told[:-1] / told[-1], told[-1].item()
        # The squares of the distances, not the distance of the squares: that cancels where the mean is large.
        var = self._ranks.summed((x - mean.view(wide)).square().mean(axes) * own_count) / count
        self._follow(mean.detach(), var.detach() * count / max(count - 1, 1))
        x = (x - mean.view(wide)) * (var + self.eps).rsqrt().view(wide)
        return (x if self.weight is None else x * self.weight.view(wide) + self.bias.view(wide)).to(given.dtype)

    @torch.no_grad()
    def _follow(self, mean: Tensor, var: Tensor) -> None:
        if self.running_mean is None:
            return
        self.num_batches_tracked.add_(1)
        share = 1 / self.num_batches_tracked.item() if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean, share)
        self.running_var.lerp_(var, share)


def with_joint_statistics(model: nn.Module, ranks: "Ranks") -> nn.Module:
    """The same model, its weights and their names as they are."""
    for module in list(model.modules()):
        for name, child in module.named_children():
            if isinstance(child, _BatchNorm) and not isinstance(child, JointBatchNorm):
                setattr(module, name, JointBatchNorm(child, ranks))
    return model
