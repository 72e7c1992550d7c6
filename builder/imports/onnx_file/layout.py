"""Operations of ONNX that only lay the same values out differently."""

from dataclasses import replace
from math import prod

from builder.imports.draft import DIRECTION, HALF, UNIT, UNKNOWN, Value, make
from builder.imports.imported import Unsupported
from builder.imports.onnx_file.conversion import Conversion, converts
from builder.imports.onnx_file.graph import Op

FLOATS = (1, 10, 11, 16)
"""ONNX' numbers for the types of real numbers."""


@converts("Identity")
def identity(op: Op, conversion: Conversion) -> Value:
    return conversion.value(op.inputs[0])


@converts("Cast")
def cast(op: Op, conversion: Conversion) -> Value:
    """Between kinds of real numbers; and of the data to the whole numbers that an embedding looks up."""
    if op.attributes["to"] not in FLOATS and op.inputs[0] != conversion.graph.input:
        raise Unsupported("It rounds or compares what a layer gives.")
    return conversion.value(op.inputs[0])


@converts("Dropout")
def dropout(op: Op, conversion: Conversion) -> Value:
    value, ratio = conversion.value(op.inputs[0]), conversion.optional(op, 1)
    share = float(op.attributes.get("ratio", 0.5) if ratio is None else ratio)
    given = conversion.draft.add(make("Dropout", p=round(share, 6)), conversion.draft.own(value))
    return replace(given, axes=value.axes)


@converts("Flatten")
def flatten(op: Op, conversion: Conversion) -> Value:
    if op.attributes.get("axis", 1) != 1:
        raise Unsupported("It lays the batch out, too.")
    return flat(conversion, conversion.value(op.inputs[0]))


@converts("Transpose")
def transpose(op: Op, conversion: Conversion) -> Value:
    value = conversion.value(op.inputs[0])
    order = op.attributes.get("perm", tuple(reversed(range(len(value.axes)))))
    return replace(value, axes=tuple(value.axes[axis] for axis in order))


@converts("Unsqueeze")
def unsqueeze(op: Op, conversion: Conversion) -> Value:
    value, axes = conversion.value(op.inputs[0]), conversion.numbers(op, "axes", 1)
    rank, old = len(value.axes) + len(axes), iter(value.axes)
    new = {axis % rank for axis in axes}
    if len(new) < len(axes):
        raise Unsupported("It names an axis twice.")
    return replace(value, axes=tuple(UNIT if place in new else next(old) for place in range(rank)))


@converts("Squeeze")
def squeeze(op: Op, conversion: Conversion) -> Value:
    value, axes = conversion.value(op.inputs[0]), conversion.numbers(op, "axes", 1)
    if axes is None:
        raise Unsupported("It does not say which axes to drop.")
    gone = {axis % len(value.axes) for axis in axes}
    return reshaped(conversion, value, tuple(size for at, size in enumerate(value.sizes) if at not in gone))


@converts("Reshape")
def reshape(op: Op, conversion: Conversion) -> Value:
    value, wanted = conversion.value(op.inputs[0]), conversion.numbers(op, "", 1)
    keeps = not op.attributes.get("allowzero", 0)
    sizes = [value.sizes[at] if size == 0 and keeps else size for at, size in enumerate(wanted)]
    batch = conversion.graph.input_sizes[0]
    if batch is not None and sizes[0] == batch and value.axes[0] == 0:
        sizes[0] = UNKNOWN
    return reshaped(conversion, value, _complete(sizes, value))


def _complete(sizes: list[int], value: Value) -> tuple[int, ...]:
    """The sizes with a number for -1: what is left, or the batch."""
    if -1 not in sizes:
        return tuple(sizes)
    have, known = list(value.sizes), []
    for size in sizes:
        if size != -1 and size in have:
            have.remove(size)
        elif size != -1:
            known.append(size)
    at = sizes.index(-1)
    open_sizes = [size for size in have if size <= UNKNOWN]
    if open_sizes and prod(size for size in have if size > UNKNOWN) == prod(known) and len(open_sizes) == 1:
        return (*sizes[:at], open_sizes[0], *sizes[at + 1 :])
    if open_sizes:
        raise Unsupported("It joins an axis whose size is known only at run time with another.")
    rest, left = prod(have), prod(known)
    if left <= 0 or rest % left:
        raise Unsupported("It asks for another number of values than there are.")
    return (*sizes[:at], rest // left, *sizes[at + 1 :])


def flat(conversion: Conversion, value: Value) -> Value:
    """One flat row for each example."""
    value = conversion.draft.settled(replace(value, axes=tuple(axis for axis in value.axes if axis != UNIT)))
    return value if len(value.shape) == 1 else conversion.draft.add(make("Flatten"), value)


def reshaped(conversion: Conversion, value: Value, sizes: tuple[int, ...]) -> Value:
    """The value in other sizes: as another view of the same axes if that is all, else by a Flatten or Reshape layer."""
    axes = _same_axes(value, sizes)
    if axes is not None:
        return replace(value, axes=axes)
    if sizes[0] != UNKNOWN:
        raise Unsupported("It lays the batch out, too.")
    if len(sizes) == 2:
        return flat(conversion, value)
    value = conversion.draft.settled(replace(value, axes=tuple(axis for axis in value.axes if axis != UNIT)))
    if any(size <= UNKNOWN for size in sizes[1:]):
        raise Unsupported("It lays out an axis whose size is known only at run time.")
    return conversion.draft.add(make("Reshape", shape=sizes[1:]), value)


def _same_axes(value: Value, sizes: tuple[int, ...]) -> tuple[int, ...] | None:
    """The value's axes in this view, with axes of size 1 put in or left out; None if the sizes are no such view."""
    left = [pair for pair in zip(value.axes, value.sizes, strict=True) if pair[0] != UNIT]
    axes: list[int] = []
    for size in sizes:
        if left and left[0][1] == size:
            axes.append(left.pop(0)[0])
        elif [axis for axis, _ in left[:2]] == [DIRECTION, HALF] and size == 2 * left[1][1]:
            axes.append(len(value.shape))
            left = left[2:]
        elif size == 1:
            axes.append(UNIT)
        else:
            return None
    return None if left else tuple(axes)
