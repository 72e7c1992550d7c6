"""Exports layers to ONNX and compares onnxruntime with torch at other batch sizes and lengths."""

import functools
import warnings

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from builder.catalogue.layer import Layer
from builder.export.core import OPSET, warm_up_exporter
from tests.catalogue.alone import Alone, Inputs, values

TOLERANCE = 1e-5
SIZES = ((5, 9), (1, 14))
"""(batch, length) that were not there at export."""


class Together(nn.Module):
    """Layers side by side on the same inputs: an export costs a second, however many layers it holds."""

    def __init__(self, layers: tuple[Layer, ...], inputs: Inputs):
        super().__init__()
        self.modules_alone = nn.ModuleList(Alone(layer, inputs) for layer in layers)

    def forward(self, *xs: Tensor) -> tuple[Tensor, ...]:
        return tuple(module(*xs) for module in self.modules_alone)


def check_parity(layer: Layer, inputs: Inputs, among: tuple[Layer, ...] = ()) -> None:
    """Raises: AssertionError where onnxruntime, torch and the declared shape do not agree.

    `among` are layers that take the same inputs and are exported in one graph; if one of them spoils that graph,
    this layer is exported by itself.
    """
    group = among if among and _exports(among, inputs) else (layer,)
    together, session = _export(group, inputs)
    place, seen = group.index(layer), []
    for batch, length in SIZES:
        xs = values(layer, inputs, batch, length)
        with torch.no_grad():
            expected = together.modules_alone[place](*xs).numpy()
        np.testing.assert_allclose(_run(session, place, xs), expected, atol=TOLERANCE, rtol=TOLERANCE)
        seen.append(expected.shape[1:])
    assert [None if a != b else a for a, b in zip(*seen, strict=True)] == list(layer.output_shape(*inputs))


def _run(session: onnxruntime.InferenceSession, place: int, xs: tuple[Tensor, ...]) -> np.ndarray:
    options = onnxruntime.RunOptions()
    options.only_execute_path_to_fetches = True
    feed = {value.name: x.numpy() for value, x in zip(session.get_inputs(), xs, strict=True)}
    return session.run([session.get_outputs()[place].name], feed, options)[0]


@functools.cache
def _exports(layers: tuple[Layer, ...], inputs: Inputs) -> bool:
    try:
        _export(layers, inputs)
    except torch.onnx.OnnxExporterError:
        return False
    return True


@functools.cache
def _export(layers: tuple[Layer, ...], inputs: Inputs) -> tuple[Together, onnxruntime.InferenceSession]:
    """With an open batch axis, and open lengths where the shapes leave them open."""
    _warm()
    torch.manual_seed(0)
    module = Together(layers, inputs).eval()
    sizes = tuple(
        {0: "batch", **{axis: "length" for axis, size in enumerate(shape, 1) if size is None}} for shape in inputs
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own deprecations
        program = torch.onnx.export(
            module, values(layers[0], inputs, 2), dynamo=True, dynamic_shapes=(sizes,), opset_version=OPSET,
            input_names=[f"x{number}" for number in range(len(inputs))], verbose=False,
            output_names=[f"y{number}" for number in range(len(layers))],
        )  # fmt: skip
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return module, onnxruntime.InferenceSession(program.model_proto.SerializeToString(), options)


@functools.cache
def _warm() -> None:
    """Keeps the exporter's table of operators between exports: most of a small export's time."""
    warm_up_exporter()
