"""Keras' recurrent layers: kernels are (in, gates) there and (gates, in) here, with the gates in another order."""

from collections.abc import Sequence

import numpy as np

from builder.imports.draft import Value
from builder.imports.imported import Unsupported
from builder.imports.keras_file.conversion import Conversion, converts
from builder.imports.keras_file.graph import KerasLayer
from builder.imports.recurrence import recurrent, reordered

KINDS = {"SimpleRNN": "RNN", "LSTM": "LSTM", "GRU": "GRU"}
ORDERS = {"SimpleRNN": (0,), "LSTM": (0, 1, 2, 3), "GRU": (1, 0, 2)}
"""Where Keras keeps torch's gates: it stacks i f c o as torch does, and z r h where torch has r z n."""
WEIGHTS = 3


@converts(*KINDS)
def recur(layer: KerasLayer, conversion: Conversion) -> Value:
    if layer.config.get("go_backwards"):
        raise Unsupported("It reads backwards alone; a layer here reads forwards, or both ways.")
    return _recur(layer, conversion, layer.kind, layer.config, [layer.weights])


@converts("Bidirectional")
def both_ways(layer: KerasLayer, conversion: Conversion) -> Value:
    inner, back = layer.config["layer"], layer.config.get("backward_layer")
    config = inner["config"]
    plain = ("units", "activation", "recurrent_activation", "use_bias", "reset_after")
    differs = back and any(back["config"].get(name) != config.get(name) for name in plain)
    if inner["class_name"] not in KINDS or layer.config.get("merge_mode") != "concat" or differs or config.get("go_backwards"):  # fmt: skip
        raise Unsupported("It wraps another layer than RNN, LSTM or GRU, or joins the directions in another way than concat.")  # fmt: skip
    half = len(layer.weights) // 2
    return _recur(layer, conversion, inner["class_name"], config, [layer.weights[:half], layer.weights[half:]])


def _recur(
    layer: KerasLayer, conversion: Conversion, kind: str, config: dict, arrays: Sequence[Sequence[np.ndarray]]
) -> Value:
    _require_plain(kind, config)
    fields = {"nonlinearity": config["activation"]} if kind == "SimpleRNN" else {}
    directions = [_weights(kind, each) for each in arrays]
    value, last = conversion.draft.settled(conversion.value(layer)), not config.get("return_sequences")
    return recurrent(conversion.draft, value, KINDS[kind], directions, last=last, **fields)


def _require_plain(kind: str, config: dict) -> None:
    """Raises: Unsupported for what torch's layers do not do."""
    activations = ("tanh", "relu") if kind == "SimpleRNN" else ("tanh",)
    if config.get("activation", "tanh") not in activations or config.get("recurrent_activation", "sigmoid") != "sigmoid":  # fmt: skip
        raise Unsupported("Its activations are not the usual ones.")
    if kind == "GRU" and not config.get("reset_after", False):
        raise Unsupported("It resets before the product (reset_after=False); PyTorch's GRU resets after it.")
    if config.get("stateful") or config.get("return_state"):
        raise Unsupported("It hands its state on.")


def _weights(kind: str, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    """(weight_ih, weight_hh, bias_ih, bias_hh) of one direction; Keras has one bias, GRU two, or none."""
    kernel, recurrence = (array.T for array in arrays[:2])
    bias = arrays[2] if len(arrays) == WEIGHTS else np.zeros(len(kernel), np.float32)
    pair = list(bias) if bias.ndim > 1 else [bias, np.zeros_like(bias)]
    return [reordered(part, ORDERS[kind]) for part in (kernel, recurrence, *pair)]
