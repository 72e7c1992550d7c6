"""Attention over channels. This text is printed into generated scripts."""

from torch import Tensor, nn


class SqueezeExcitation(nn.Module):
    """Scales each channel by a gate that two small layers draw from the means of all. Source: Hu et al. 2018.

    Input shape:  (batch, channels, …)
    Output shape: the same
    """

    def __init__(self, channels: int, squeezed: int):
        super().__init__()
        self.squeeze = nn.Linear(channels, squeezed)
        self.excite = nn.Linear(squeezed, channels)

    def forward(self, x: Tensor) -> Tensor:
        means = x.flatten(2).mean(2)
        gates = self.excite(self.squeeze(means).relu()).sigmoid()
        return x * gates.reshape(gates.shape + (1,) * (x.dim() - 2))
