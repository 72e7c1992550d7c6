"""Brings a file's settings into the form of a layer's fields: numbers, windows, padding."""

from collections.abc import Sequence

import numpy as np

from builder.imports.draft import Draft, Value, make
from builder.imports.imported import Unsupported


def short(value: float) -> float:
    """A number as it was before it became float32: 0.01, not 0.009999999776."""
    return float(str(np.float32(value)))


def per_axis(values: Sequence[int]) -> int | tuple[int, ...]:
    """One number if it holds for every axis."""
    return int(values[0]) if len(set(values)) == 1 else tuple(int(value) for value in values)


def same_padding(
    sizes: Sequence[int | None], kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> tuple[int, ...]:
    """Zeros that keep ceil(size / stride) positions on each axis. Source: tf.nn.convolution, padding SAME."""
    totals = []
    for size, window, step, spread in zip(sizes, kernel, stride, dilation, strict=True):
        span = spread * (window - 1) + 1
        if size is None and step > 1:
            raise Unsupported("Its padding depends on a size that is known only at run time.")
        positions = 1 if size is None else -(-size // step)
        totals.append(max(0, span - 1 if size is None else (positions - 1) * step + span - size))
    return tuple(totals)


def ends_of(totals: Sequence[int], *, more_at_start: bool = False) -> tuple[int, ...]:
    """Half of each total at the start and half at the end: starts, then ends; the odd one at the end as a rule."""
    small = tuple(total // 2 for total in totals)
    large = tuple(total - half for total, half in zip(totals, small, strict=True))
    return (*large, *small) if more_at_start else (*small, *large)


def is_even(pads: Sequence[int]) -> bool:
    """Whether both ends of every axis get the same, as a layer's own padding does; `pads` are starts, then ends."""
    half = len(pads) // 2
    return tuple(pads[:half]) == tuple(pads[half:])


def padded(draft: Draft, value: Value, pads: Sequence[int], kind: str = "ZeroPad", **fields: float) -> Value:
    """The value behind a padding layer; `pads` are starts, then ends, of the axes after the channels."""
    count = len(pads) // 2
    # torch wants the last axis first: left, right, top, bottom
    order = tuple(int(side) for axis in reversed(range(count)) for side in (pads[axis], pads[axis + count]))
    return draft.add(make(f"{kind}{count}d", padding=order, **fields), value)


def convolution_padding(draft: Draft, value: Value, pads: Sequence[int]) -> tuple[Value, int | tuple[int, ...]]:
    """The value and the padding that a convolution adds itself; uneven ends come from a layer before it."""
    if is_even(pads):
        return value, per_axis(pads[: len(pads) // 2])
    return padded(draft, value, pads), 0


def as_tuple(value: int | Sequence[int], count: int) -> tuple[int, ...]:
    """One number for each axis."""
    return (value,) * count if isinstance(value, int) else tuple(value)
