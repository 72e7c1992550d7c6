"""RNN, LSTM and GRU of ONNX.

Legend: L steps, D directions, B batch, H hidden features; X is (L, B, F), Y is (L, D, B, H), Y_h is (D, B, H).
"""

import numpy as np

from builder.imports.draft import DIRECTION, HALF, UNIT, Value
from builder.imports.imported import Unsupported
from builder.imports.onnx_file.conversion import Conversion, converts
from builder.imports.onnx_file.graph import Op
from builder.imports.recurrence import recurrent, reordered

ORDERS = {"RNN": (0,), "LSTM": (0, 2, 3, 1), "GRU": (1, 0, 2)}
"""Where ONNX keeps torch's gates: ONNX stacks i o f g and z r n, torch i f g o and r z n."""
USUAL = {"RNN": ("Tanh",), "LSTM": ("Sigmoid", "Tanh", "Tanh"), "GRU": ("Sigmoid", "Tanh")}


@converts(*ORDERS)
def recur(op: Op, conversion: Conversion) -> tuple[Value, ...]:
    count = _directions(op)
    fields = {"nonlinearity": _nonlinearity(op, count)} if op.type == "RNN" else {}
    _require_plain(op, conversion, count)
    steps, state, *cell = (*op.outputs, "", "")[:3]
    uses_steps, uses_state = conversion.is_used(steps), conversion.is_used(state)
    if (uses_steps and uses_state) or any(conversion.is_used(name) for name in cell):
        raise Unsupported("More than one of its results is used: all steps, the last state, the cell.")
    directions = [_weights(op, conversion, at) for at in range(count)]
    value = recurrent(conversion.draft, _sequence(op, conversion), op.type, directions, last=uses_state, **fields)
    inner = (UNIT, 0, 1) if count == 1 else (DIRECTION, 0, HALF)
    last = Value(value.node, value.shape, inner)
    inner = (1, UNIT, 0, 2) if count == 1 else (1, DIRECTION, 0, HALF)
    return Value(value.node, value.shape, inner), last


def _sequence(op: Op, conversion: Conversion) -> Value:
    """The data as (L, F)."""
    value = conversion.value(op.inputs[0])
    if len(value.axes) != 3 or value.axes[1] != 0:
        raise Unsupported("It takes the batch axis for the steps. Export the model with batch_first=True.")
    return conversion.draft.settled(Value(value.node, value.shape, (0, value.axes[0], value.axes[2])))


def _directions(op: Op) -> int:
    direction = op.attributes.get("direction", "forward")
    if direction == "reverse":
        raise Unsupported("It reads backwards alone; a layer here reads forwards, or both ways.")
    return 2 if direction == "bidirectional" else 1


def _nonlinearity(op: Op, count: int) -> str:
    names = {name.lower() for name in op.attributes.get("activations", USUAL["RNN"] * count)}
    if len(names) > 1 or not names <= {"tanh", "relu"}:
        raise Unsupported(f"It uses {' and '.join(sorted(names))}; RNN here uses tanh or relu.")
    return names.pop()


def _require_plain(op: Op, conversion: Conversion, count: int) -> None:
    """Raises: Unsupported for what torch's layers do not do."""
    if op.type != "RNN" and tuple(op.attributes.get("activations", USUAL[op.type] * count)) != USUAL[op.type] * count:
        raise Unsupported("Its activations are not the usual ones.")
    if op.type == "GRU" and not op.attributes.get("linear_before_reset", 0):
        raise Unsupported("It resets before the product (linear_before_reset=0); PyTorch's GRU resets after it.")
    if any(op.attributes.get(name) for name in ("clip", "input_forget", "layout")) or any(op.inputs[7:]):
        raise Unsupported("It clips, couples gates, has peepholes, or takes the batch first.")
    if len(op.inputs) > 4 and op.inputs[4]:
        raise Unsupported("It takes the length of each example.")
    if any(name and np.any(conversion.constant(name)) for name in op.inputs[5:7]):
        raise Unsupported("It starts from a state other than zero.")


def _weights(op: Op, conversion: Conversion, at: int) -> list[np.ndarray]:
    """Those of one direction in torch's order of gates."""
    weight, recurrence = (conversion.constant(op.inputs[place])[at] for place in (1, 2))
    bias = conversion.optional(op, 3)
    bias = np.zeros(2 * len(weight), np.float32) if bias is None else bias[at]
    parts = (weight, recurrence, *np.split(bias, 2))
    return [reordered(part, ORDERS[op.type]) for part in parts]
