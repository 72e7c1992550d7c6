"""Operations of ONNX that join branches."""

from builder.imports.draft import Value, make
from builder.imports.imported import Unsupported
from builder.imports.merging import merged
from builder.imports.onnx_file.conversion import Conversion, converts
from builder.imports.onnx_file.graph import Op
from builder.imports.onnx_file.linear import add_bias

KINDS = {"Add": "Add", "Sum": "Add", "Mul": "Multiply", "Sub": "Subtract", "Max": "Maximum", "Mean": "Average"}


@converts(*KINDS)
def merge(op: Op, conversion: Conversion) -> Value:
    constants = [name for name in op.inputs if name in conversion.constants]
    if len(constants) == 1 and op.type == "Add":
        other = next(name for name in op.inputs if name not in conversion.constants)
        return add_bias(other, conversion.constant(constants[0]), conversion)
    return merged(conversion.draft, make(KINDS[op.type]), [conversion.value(name) for name in op.inputs])


@converts("Concat")
def concat(op: Op, conversion: Conversion) -> Value:
    values = [conversion.value(name) for name in op.inputs]
    if len({value.axes for value in values}) > 1:
        values = [conversion.draft.settled(value) for value in values]
    axis = values[0].axes[op.attributes["axis"]]
    if axis <= 0:
        raise Unsupported("It joins batches.")
    if len(values) == 1:
        return values[0]
    return merged(conversion.draft, make("Concat", dim=axis), values)
