"""Stochastic depth. This text is printed into generated scripts."""

from torch import Tensor, nn


class DropPath(nn.Module):
    """Zeroes whole examples at random while training, and scales the rest by 1/(1-p). Source: Huang et al. 2016."""

    def __init__(self, p: float):
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        kept = x.new_empty((x.shape[0],) + (1,) * (x.dim() - 1)).bernoulli_(1 - self.p)
        return x * kept / (1 - self.p)
