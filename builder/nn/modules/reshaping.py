"""Modules that rearrange or cut values. This text is printed into generated scripts, so it depends on torch alone."""

from torch import Tensor, nn


class Reshape(nn.Module):
    """Lays the values of each example out in another shape; one size may be -1."""

    def __init__(self, shape: tuple[int, ...]):
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(x.shape[0], *self.shape)


class Permute(nn.Module):
    """Puts the axes of each example in another order; 1 is the first axis after the batch."""

    def __init__(self, dims: tuple[int, ...]):
        super().__init__()
        self.dims = dims

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(0, *self.dims)


class Slice(nn.Module):
    """Every `step`-th value along `dim`, from `start` up to but not including `stop`."""

    def __init__(self, dim: int, start: int, stop: int | None, step: int):
        super().__init__()
        self.index = (*[slice(None)] * dim, slice(start, stop, step))

    def forward(self, x: Tensor) -> Tensor:
        return x[self.index]
