"""Exports one layer to ONNX and compares onnxruntime with torch at other batch sizes and lengths."""

import functools
import warnings

import numpy as np
import onnxruntime
import torch

from builder.catalogue.layer import Layer
from builder.export.core import OPSET, warm_up_exporter
from tests.catalogue.alone import Alone, Inputs, values

TOLERANCE = 1e-5
SIZES = ((5, 9), (1, 14))
"""(batch, length) that were not there at export."""


def check_parity(layer: Layer, inputs: Inputs) -> None:
    """Raises: AssertionError where onnxruntime, torch and the declared shape do not agree."""
    torch.manual_seed(0)
    module = Alone(layer, inputs).eval()
    session = export(module, layer, inputs)
    declared, seen = layer.output_shape(*inputs), []
    for batch, length in SIZES:
        xs = values(layer, inputs, batch, length)
        with torch.no_grad():
            expected = module(*xs).numpy()
        feed = {value.name: x.numpy() for value, x in zip(session.get_inputs(), xs, strict=True)}
        np.testing.assert_allclose(session.run(None, feed)[0], expected, atol=TOLERANCE, rtol=TOLERANCE)
        seen.append(expected.shape[1:])
    assert [None if a != b else a for a, b in zip(*seen, strict=True)] == list(declared)


def export(module: Alone, layer: Layer, inputs: Inputs) -> onnxruntime.InferenceSession:
    """An onnxruntime session with an open batch axis, and open lengths where the shapes leave them open."""
    _warm()
    sizes = tuple(
        {0: "batch", **{axis: "length" for axis, size in enumerate(shape, 1) if size is None}} for shape in inputs
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own deprecations
        program = torch.onnx.export(
            module, values(layer, inputs, 2), dynamo=True, dynamic_shapes=(sizes,), opset_version=OPSET, verbose=False
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(program.model_proto.SerializeToString(), options)


@functools.cache
def _warm() -> None:
    """Keeps the exporter's table of operators between exports: most of a small export's time."""
    warm_up_exporter()
