"""Normalizations of ONNX."""

import numpy as np

from builder.imports.draft import Value, make
from builder.imports.imported import Unsupported
from builder.imports.normalization import batch_normalized, layer_normalized
from builder.imports.onnx_file.conversion import Conversion, converts
from builder.imports.onnx_file.graph import Op
from builder.imports.onnx_file.patterns import GROUP_NORM
from builder.imports.settings import short


@converts("BatchNormalization")
def batch_norm(op: Op, conversion: Conversion) -> Value:
    if op.attributes.get("training_mode"):
        raise Unsupported("It was saved in training mode. Export the model in evaluation mode.")
    names = ("weight", "bias", "running_mean", "running_var")
    weights = {name: conversion.constant(given) for name, given in zip(names, op.inputs[1:], strict=True)}
    momentum = 1 - op.attributes.get("momentum", 0.9)
    return batch_normalized(conversion.draft, conversion.settled(op.inputs[0]), weights, _eps(op), momentum)


@converts("InstanceNormalization")
def instance_norm(op: Op, conversion: Conversion) -> Value:
    value = conversion.settled(op.inputs[0])
    weights = {"weight": conversion.constant(op.inputs[1]), "bias": conversion.constant(op.inputs[2])}
    layer = make(f"InstanceNorm{len(value.shape) - 1}d", affine=True, eps=_eps(op))
    return conversion.draft.add(layer, value, weights=weights)


@converts("GroupNormalization")
def group_norm(op: Op, conversion: Conversion) -> Value:
    value, groups = conversion.settled(op.inputs[0]), op.attributes["num_groups"]
    weight, bias = conversion.constant(op.inputs[1]), conversion.constant(op.inputs[2])
    each = value.shape[0] // len(weight)  # before opset 21 there was one weight for each group
    return _group_norm(conversion, value, groups, np.repeat(weight, each), np.repeat(bias, each), _eps(op))


@converts(GROUP_NORM)
def spelled_group_norm(op: Op, conversion: Conversion) -> Value:
    """x is laid out as (batch, groups, -1), normalised, laid back, scaled and shifted."""
    name, split, ones, zeros, *_, weight, bias = op.inputs
    value, layout = conversion.settled(name), conversion.constant(split)
    if not (np.all(conversion.constant(ones) == 1) and np.all(conversion.constant(zeros) == 0) and len(layout) == 3):
        raise Unsupported("It is scaled twice.")
    weights = [conversion.constant(each).reshape(-1) for each in (weight, bias)]
    return _group_norm(conversion, value, int(layout[1]), *weights, _eps(op))


def _group_norm(conversion: Conversion, value: Value, groups: int, weight: np.ndarray, bias: np.ndarray, eps: float) -> Value:  # fmt: skip
    layer = make("GroupNorm", num_groups=groups, eps=eps)
    return conversion.draft.add(layer, value, weights={"weight": weight, "bias": bias})


@converts("LayerNormalization", "RMSNormalization")
def layer_norm(op: Op, conversion: Conversion) -> Value:
    value = conversion.settled(op.inputs[0])
    weight, bias = conversion.constant(op.inputs[1]), conversion.optional(op, 2)
    kind = "LayerNorm" if op.type == "LayerNormalization" else "RMSNorm"
    count = -op.attributes.get("axis", -1) % len(value.axes)
    return layer_normalized(conversion.draft, value, kind, count, weight, bias, _eps(op))


def _eps(op: Op) -> float:
    return short(op.attributes.get("epsilon", 1e-5))
