"""Keras layers that join branches."""

from builder.imports.draft import Value, make
from builder.imports.imported import Unsupported
from builder.imports.keras_file.conversion import Conversion, converts
from builder.imports.keras_file.graph import KerasLayer
from builder.imports.merging import merged

SAME = ("Add", "Subtract", "Multiply", "Average", "Maximum")


@converts(*SAME)
def merge(layer: KerasLayer, conversion: Conversion) -> Value:
    return merged(conversion.draft, make(layer.kind), [conversion.values[name] for name in layer.inputs])


@converts("Concatenate")
def concatenate(layer: KerasLayer, conversion: Conversion) -> Value:
    values = [conversion.values[name] for name in layer.inputs]
    if len({value.axes for value in values}) > 1:
        values = [conversion.draft.settled(value) for value in values]
    axis = values[0].axes[layer.config.get("axis", -1)]
    if axis == 0:
        raise Unsupported("It joins batches.")
    return merged(conversion.draft, make("Concat", dim=axis), values)
