"""The arithmetic of sliding windows that convolutions and pooling share."""

from builder.catalogue.component import Shape
from builder.catalogue.layers.padding import ZERO_PADS
from builder.catalogue.layers.spatial import LARGEST, SPACES, Spatial

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
        least = tuple(max(1, d * (k - 1) + 1 - 2 * p) for k, p, d in zip(kernel, padding, dilation, strict=True))
        space = SPACES[layer.rank]
        raise layer.refuse(
            (shape,), f"{space.thing} of at least {' × '.join(map(str, least))} {space.unit}",
            way_out="Make the kernel smaller, pad more, or pool less before it", remedy=_padded_to(least, shape),
        )  # fmt: skip
    return sizes


def _padded_to(least: Axes, shape: Shape) -> tuple[Spatial, ...]:
    """Zeros around each axis that is too short."""
    missing = [max(0, want - (want if have is None else have)) for want, have in zip(least, shape[1:], strict=True)]
    margins = [margin for count in reversed(missing) for margin in (count // 2, count - count // 2)]
    return () if max(margins) > LARGEST else (ZERO_PADS[len(least)](padding=tuple(margins)),)
