"""Computes what a file says in constants, shapes above all, within a budget that no file can break."""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from builder.errors import DataError
from builder.imports.draft import UNKNOWN
from builder.imports.imported import MISFITS, Unsupported
from builder.imports.onnx_file.graph import Op

BUDGET = 50_000_000
"""Values that the constants of one file may be computed into; those that a file holds are not counted."""
Array = np.ndarray
Fold = Callable[[dict[str, Any], list[Array | None]], Array]
_TYPES = {1: np.float32, 6: np.int32, 7: np.int64, 9: np.bool_, 10: np.float32, 11: np.float64}


class Budget:
    """Refuses before anything large is made."""

    def __init__(self, left: int = BUDGET) -> None:
        self.left = left

    def spend(self, size: int) -> None:
        """Raises: DataError if the file asks for too much."""
        self.left -= size
        if size < 0 or self.left < 0:
            raise DataError(
                f"The file computes constants of more than {BUDGET:,} values. Export the model with its constants folded."
            )


def fold(op: Op, inputs: list[Array | None], budget: Budget) -> Array | None:
    """The operation's result; None if it is none of those that are computed."""
    if op.type not in FOLDS:
        return None
    try:
        budget.spend(_size(op, inputs))
        return np.asarray(FOLDS[op.type](op.attributes, inputs))
    except MISFITS:
        raise Unsupported("Its constant inputs do not fit it.") from None


def is_unknown(array: Array) -> Array:
    """Where a size stands that is known only at run time."""
    return array <= UNKNOWN if array.dtype.kind == "i" else np.zeros(array.shape, bool)


def _size(op: Op, inputs: list[Array | None]) -> int:
    """Values of the result, without making it."""
    if op.type in ("ConstantOfShape", "Expand"):
        return prod(max(int(side), 1) for side in inputs[-1])
    if op.type == "Range":
        return max(0, int((inputs[1].item() - inputs[0].item()) / inputs[2].item()) + 1)
    if op.type == "Gather":
        return inputs[1].size * max(1, inputs[0].size // max(1, inputs[0].shape[op.attributes.get("axis", 0)]))
    if op.type in _VIEWS:
        return 0
    if op.type in _BROADCASTING:
        return prod(np.broadcast_shapes(*(each.shape for each in inputs)))
    return sum(each.size for each in inputs if each is not None)


def _ints(array: Array) -> tuple[int, ...]:
    return tuple(int(value) for value in array.reshape(-1))


def _axes(attributes: dict[str, Any], inputs: list[Array | None], place: int) -> tuple[int, ...] | None:
    """An attribute in old files, an input in newer ones."""
    if len(inputs) > place and inputs[place] is not None:
        return _ints(inputs[place])
    return attributes.get("axes")


def _constant(attributes: dict[str, Any], inputs: list[Array | None]) -> Array:
    if "value" in attributes:
        return attributes["value"]
    name = next(name for name in ("value_int", "value_ints", "value_float", "value_floats") if name in attributes)
    return np.array(attributes[name], np.int64 if "int" in name else np.float32)


def _filled(attributes: dict[str, Any], inputs: list[Array | None]) -> Array:
    value = attributes.get("value", np.zeros(1, np.float32)).reshape(-1)[0]
    return np.full(_known(inputs[0]), value)


def _known(shape: Array) -> tuple[int, ...]:
    """A batch that is not known yet counts as one row: what is filled for it is the same in every row."""
    return tuple(np.where(is_unknown(shape), 1, shape))


def _slice(attributes: dict[str, Any], inputs: list[Array | None]) -> Array:
    if len(inputs) > 1:
        starts, ends = _ints(inputs[1]), _ints(inputs[2])
        axes = _ints(inputs[3]) if len(inputs) > 3 and inputs[3] is not None else tuple(range(len(starts)))
        steps = _ints(inputs[4]) if len(inputs) > 4 else (1,) * len(starts)
    else:
        starts, ends = attributes["starts"], attributes["ends"]
        axes, steps = attributes.get("axes", tuple(range(len(starts)))), (1,) * len(starts)
    cut = [slice(None)] * inputs[0].ndim
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        size = inputs[0].shape[axis]
        cut[axis] = slice(start, None if step < 0 and end < -size else end, step)
    return inputs[0][tuple(cut)]


def _unsqueeze(attributes: dict[str, Any], inputs: list[Array | None]) -> Array:
    return np.expand_dims(inputs[0], _axes(attributes, inputs, 1))


def _squeeze(attributes: dict[str, Any], inputs: list[Array | None]) -> Array:
    return np.squeeze(inputs[0], _axes(attributes, inputs, 1))


def _divide(left: Array, right: Array) -> Array:
    if left.dtype.kind == "f":
        return left / right
    if not np.all(right):
        raise ValueError
    return np.trunc(left / right).astype(left.dtype)


def _arithmetic(operation: Callable[[Array, Array], Array]) -> Fold:
    def computed(attributes: dict[str, Any], inputs: list[Array | None]) -> Array:
        if any(is_unknown(each).any() for each in inputs):
            raise Unsupported("It computes with a size that is known only at run time.")
        with np.errstate(all="ignore"):
            return operation(*inputs)

    return computed


_VIEWS = ("Constant", "Identity", "Reshape", "Slice", "Squeeze", "Transpose", "Unsqueeze")
"""They make no new values."""
_BROADCASTING = {
    "Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": _divide, "Equal": np.equal, "Where": np.where,
}  # fmt: skip
FOLDS: dict[str, Fold] = {
    "Constant": _constant,
    "ConstantOfShape": _filled,
    "Expand": lambda _, x: np.broadcast_to(x[0], np.broadcast_shapes(x[0].shape, _known(x[1]))),
    "Identity": lambda _, x: x[0],
    "Cast": lambda a, x: x[0].astype(_TYPES[a["to"]]),
    "Concat": lambda a, x: np.concatenate(x, a["axis"]),
    "Gather": lambda a, x: np.take(x[0], x[1], a.get("axis", 0)),
    "Range": lambda _, x: np.arange(x[0].item(), x[1].item(), x[2].item(), x[0].dtype),
    "Reshape": lambda _, x: x[0].reshape([x[0].shape[i] if n == 0 else n for i, n in enumerate(_ints(x[1]))]),
    "Slice": _slice,
    "Squeeze": _squeeze,
    "Transpose": lambda a, x: np.transpose(x[0], a.get("perm")),
    "Unsqueeze": _unsqueeze,
    **{name: _arithmetic(operation) for name, operation in _BROADCASTING.items()},
}
"""Numpy's words for the operations that exporters leave in front of shapes and weights."""
