"""Window pooling whose padding may be larger at one end, as ONNX and Keras know it."""

from collections.abc import Iterator, Sequence
from typing import Any

from builder.imports.draft import Draft, Value, make
from builder.imports.imported import Unsupported
from builder.imports.settings import as_tuple, is_even, per_axis


def pooled(
    draft: Draft, value: Value, kind: str, kernel: Sequence[int], strides: Sequence[int], pads: Sequence[int],
    fields: dict[str, Any],
) -> Value:  # fmt: skip
    """The value behind a Max- or AvgPool layer; `kind` is Max or Ave; `pads` are starts, then ends, of each axis."""
    count = len(kernel)
    name = f"{'Max' if kind == 'Max' else 'Avg'}Pool{count}d"
    fields = {"kernel_size": per_axis(kernel), "stride": per_axis(strides)} | fields
    if is_even(pads):
        return draft.add(make(name, padding=per_axis(pads[:count]), **fields), value)
    if fields.get("count_include_pad") or None in value.shape:
        raise Unsupported("It pads one end more than the other, and counts what it pads or does not know its size.")
    # padded like the start at both ends; windows that hang over the end stand for what is padded there in addition
    layer = make(name, padding=per_axis(pads[:count]), **(fields | {"ceil_mode": True}))
    given = draft.add(layer, value)
    if given.shape[1:] != tuple(_positions(value.shape[1:], kernel, strides, pads, fields)):
        raise Unsupported("It pads one end more than the other, which pooling here does not.")
    return given


def _positions(
    sizes: Sequence[int], kernel: Sequence[int], strides: Sequence[int], pads: Sequence[int], fields: dict[str, Any]
) -> Iterator[int]:
    """Number of windows along each axis."""
    spread = as_tuple(fields.get("dilation", 1), len(kernel))
    for axis, size in enumerate(sizes):
        span = spread[axis] * (kernel[axis] - 1) + 1
        yield (size + pads[axis] + pads[axis + len(kernel)] - span) // strides[axis] + 1
