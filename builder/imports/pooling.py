"""Window pooling whose padding may be larger at one end, as ONNX and Keras know it."""

from collections.abc import Sequence
from typing import Any

from builder.imports.draft import Draft, Value, make
from builder.imports.imported import Unsupported
from builder.imports.settings import is_even, per_axis


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
    layer = make(name, **(fields | {"ceil_mode": True}))
    spread = fields.get("dilation", 1)
    spans = [(spread if isinstance(spread, int) else spread[axis]) * (kernel[axis] - 1) + 1 for axis in range(count)]
    wanted = tuple(
        (size + pads[axis + count] - spans[axis]) // strides[axis] + 1 for axis, size in enumerate(value.shape[1:])
    )
    # windows that hang over the end are what padding the end alone means
    if any(pads[:count]) or fields.get("count_include_pad") or layer.output_shape(value.shape)[1:] != wanted:
        raise Unsupported("It pads one end more than the other, which pooling here does not.")
    return draft.add(layer, value)
