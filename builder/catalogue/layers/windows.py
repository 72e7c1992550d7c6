"""The arithmetic of sliding windows that convolutions and pooling share."""

from builder.catalogue.component import Shape
from builder.catalogue.layers.spatial import SPACES, Spatial

Axes = tuple[int, ...]
"""One number for each spatial axis."""


def window(
    size: int | None, kernel: int, stride: int, padding: int, dilation: int = 1, ceil: bool = False
) -> int | None:
    """Number of window positions along one axis. Source: the shape formula of torch.nn.Conv2d and MaxPool2d."""
    if size is None:
        return None
    span = size + 2 * padding - dilation * (kernel - 1) - 1
    steps = -(-span // stride) if ceil else span // stride
    if ceil and steps * stride >= size + padding:  # the last window has to start inside the input or its left padding
        steps -= 1
    return steps + 1


def slide(
    layer: Spatial, shape: Shape, kernel: Axes, stride: Axes, padding: Axes, dilation: Axes, ceil: bool = False
) -> Shape:
    """The output's spatial sizes. Raises: Refusal if no window fits."""
    axes = zip(shape[1:], kernel, stride, padding, dilation, strict=True)
    sizes = tuple(window(*axis, ceil) for axis in axes)
    if any(size is not None and size < 1 for size in sizes):
        least = [max(1, d * (k - 1) + 1 - 2 * p) for k, p, d in zip(kernel, padding, dilation, strict=True)]
        space = SPACES[layer.rank]
        raise layer.refuse(
            (shape,), f"{space.thing} of at least {' × '.join(map(str, least))} {space.unit}",
            way_out="Make the kernel smaller, pad more, or pool less before it",
        )  # fmt: skip
    return sizes
