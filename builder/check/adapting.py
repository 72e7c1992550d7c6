"""Brings branches of different sizes to one, so that a layer can join them."""

from collections.abc import Callable

from builder.catalogue.component import Shape
from builder.catalogue.layer import Layer, Refusal, possible
from builder.catalogue.layers import LAYERS, AdaptiveAvgPool2d, Flatten

Parts = tuple[Layer, ...]
"""Layers one after the other on one wire."""


def adapters(inputs: tuple[Shape, ...], fits: Callable[[tuple[Shape, ...]], bool]) -> tuple[Parts, ...] | None:
    """For each branch the layers that make all of them fit; None if nothing here does.

    Sizes shrink to the smallest by pooling; only if that is not enough, channels become the first branch's.
    """
    fewest = min(len(shape) for shape in inputs)
    flattened = [_flattening(shape) if len(shape) > fewest else () for shape in inputs]
    try:
        level = [_after(parts, shape) for parts, shape in zip(flattened, inputs, strict=True)]
        if any(len(shape) != fewest for shape in level):
            return None
        for goals in (_same_sizes(level), _same_shape(level)):
            adapted = goals and [_adapter(shape, goal) for shape, goal in zip(level, goals, strict=True)]
            if adapted and fits(tuple(_after(parts, shape) for parts, shape in zip(adapted, level, strict=True))):
                return tuple(first + then for first, then in zip(flattened, adapted, strict=True))
    except Refusal:
        return None
    return None


def _after(parts: Parts, shape: Shape) -> Shape:
    for part in parts:
        shape = part.output_shape(shape)
    return shape


def _flattening(shape: Shape) -> Parts:
    """An image becomes the mean of each channel, which stays small."""
    return (AdaptiveAvgPool2d(output_size=1), Flatten()) if len(shape) == 3 else (Flatten(),)


def _smallest(shapes: list[Shape]) -> Shape | None:
    """Along each axis behind the first; None if a size is known only at run time and others differ from it."""
    columns = [set(sizes) for sizes in zip(*(shape[1:] for shape in shapes), strict=True)]
    if any(None in sizes and len(sizes) > 1 for sizes in columns):
        return None
    return tuple(None if None in sizes else min(sizes) for sizes in columns)


def _same_sizes(shapes: list[Shape]) -> list[Shape] | None:
    if len(shapes[0]) == 2:  # a sequence: its features are last
        return [(shape[0], shapes[0][1]) for shape in shapes]
    sizes = _smallest(shapes)
    return None if sizes is None else [(shape[0], *sizes) for shape in shapes]


def _same_shape(shapes: list[Shape]) -> list[Shape] | None:
    sizes = _smallest(shapes)
    return None if sizes is None else [(shapes[0][0], *sizes)] * len(shapes)


def _adapter(shape: Shape, goal: Shape) -> Parts:
    """Pooling if only sizes differ, a convolution that is as small as can be if the channels do, Linear for features."""
    if shape == goal:
        return ()
    if len(shape) == 1 or (len(shape) == 2 and shape[0] == goal[0]):
        return _made("Linear", {"out_features": goal[-1]})
    kernels, strides = zip(*(_window(*sizes) for sizes in zip(shape[1:], goal[1:], strict=True)), strict=True)
    rank = len(shape) - 1
    settings = {"kernel_size": _short(kernels), "stride": _short(strides), "padding": 0}
    if shape[0] == goal[0]:
        return _made(f"AvgPool{rank}d", settings)
    return _made(f"Conv{rank}d", settings | {"out_channels": goal[0]})


def _made(kind: str, settings: dict) -> Parts:
    """The layer alone, nothing if there is no such layer: too large a window, say."""
    made = possible(LAYERS[kind], **settings) if kind in LAYERS else None
    return (made,) if made else ()


def _window(size: int | None, goal: int | None) -> tuple[int, int]:
    """Kernel and stride that make `goal` out of `size`: floor((size - kernel) / stride) + 1 = goal."""
    if size == goal:
        return 1, 1
    stride = size // goal
    return size - (goal - 1) * stride, stride


def _short(sizes: tuple[int, ...]) -> int | tuple[int, ...]:
    """One number where all are the same."""
    return sizes[0] if len(set(sizes)) == 1 else sizes
