"""Activation functions that torch cannot export. This text is printed into generated scripts: torch alone."""

from torch import Tensor, nn
from torch.nn import functional as F


class RReLU(nn.RReLU):
    """torch's RReLU; outside training written as the leaky ReLU that it then is, which ONNX knows."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) if self.training else F.leaky_relu(x, (self.lower + self.upper) / 2)
