"""Operations of ONNX that keep a part of an axis, or sum one axis up."""

from collections.abc import Sequence
from dataclasses import replace

from builder.imports.draft import UNIT, Draft, Value, make
from builder.imports.imported import Unsupported
from builder.imports.onnx_file.conversion import Conversion, converts
from builder.imports.onnx_file.graph import Op

END = (1 << 31) - 1
"""Files write ends at least this large for "to the end"."""
KINDS = {"Avg": "Mean", "Max": "Max", "Sum": "Sum"}


@converts("Slice")
def cut(op: Op, conversion: Conversion) -> Value:
    """Along one axis after the other."""
    value = conversion.value(op.inputs[0])
    starts, ends = conversion.numbers(op, "starts", 1), conversion.numbers(op, "ends", 2)
    axes = conversion.numbers(op, "axes", 3) or tuple(range(len(starts)))
    steps = conversion.numbers(op, "steps", 4) or (1,) * len(starts)
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        is_all = (start, step) == (0, 1) and end >= END
        value = value if is_all else _cut(conversion.draft, value, axis, start, None if end >= END else end, step)
    return value


@converts("ReduceSum")
def total(op: Op, conversion: Conversion) -> Value:
    value, axes = conversion.value(op.inputs[0]), conversion.numbers(op, "axes", 1)
    places = [axis % len(value.axes) for axis in axes or range(len(value.axes))]
    return over_axis(conversion.draft, value, "Sum", places, keeps=bool(op.attributes.get("keepdims", 1)))


def one_place(op: Op, conversion: Conversion) -> Value:
    """A Gather of one fixed place: the axis is gone afterwards."""
    value, place = conversion.value(op.inputs[0]), conversion.constant(op.inputs[1])
    if place.ndim:
        raise Unsupported("It picks several places of an axis.")
    axis, at = op.attributes.get("axis", 0) % len(value.axes), int(place)
    code = value.axes[axis]
    if code == UNIT:
        return replace(value, axes=(*value.axes[:axis], *value.axes[axis + 1 :]))
    if code <= 0:
        raise Unsupported("It picks an example of the batch, or a direction of a recurrent layer.")
    size = value.shape[code - 1]
    if at not in (-1, (size or 0) - 1):
        value = _cut(conversion.draft, value, axis, at, at + 1, 1)
    elif code == 1 and conversion.is_alone(op.inputs[0]) and conversion.draft.keep_last(value):
        return _without(replace(value, shape=value.shape[1:]), axis)
    return _summed(conversion.draft, value, "Last", axis, keeps=False)


def over_axis(draft: Draft, value: Value, kind: str, places: Sequence[int], *, keeps: bool) -> Value:
    """The mean, maximum or sum over one axis of the data."""
    real = [place for place in places if value.axes[place] != UNIT]
    if len(real) != 1 or value.axes[real[0]] <= 0:
        raise Unsupported("It sums several axes up at once, or the batch.")
    if not keeps:
        units = set(places) - set(real)
        axis = real[0] - sum(place < real[0] for place in units)
        value = replace(value, axes=tuple(code for at, code in enumerate(value.axes) if at not in units))
        return _summed(draft, value, KINDS[kind], axis, keeps=False)
    return _summed(draft, value, KINDS[kind], real[0], keeps=True)


def _cut(draft: Draft, value: Value, axis: int, start: int, stop: int | None, step: int) -> Value:
    code = value.axes[axis]
    if code <= 0 or step < 1:
        raise Unsupported("It cuts the batch, or backwards.")
    given = draft.add(make("Slice", dim=code, start=start, stop=stop, step=step), draft.own(value))
    return replace(given, axes=value.axes)


def _summed(draft: Draft, value: Value, kind: str, axis: int, *, keeps: bool) -> Value:
    given = draft.add(make(kind, dim=value.axes[axis], keepdim=keeps), draft.own(value))
    given = replace(given, axes=value.axes)
    return given if keeps else _without(given, axis)


def _without(value: Value, axis: int) -> Value:
    """The view without this axis, which the layer has taken away."""
    gone = value.axes[axis]
    return replace(value, axes=tuple(code - (code > gone) for at, code in enumerate(value.axes) if at != axis))
