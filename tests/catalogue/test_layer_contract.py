"""The contract of every layer: what its declaration says is what torch does."""

import importlib.util
import warnings

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from builder.catalogue.layers import LAYERS, AnyLayer
from builder.errors import ShapeError
from builder.export.source.model import model_class, own_classes
from builder.nn.graph import GraphModel, plan
from builder.spec.model import INPUT, ModelSpec, Node
from tests.catalogue.drawing import components

KINDS = pytest.mark.parametrize("kind", LAYERS.values(), ids=LAYERS)
SHAPES = ((12,), (5, 12), (8, 9, 12), (4, 16, 16))
ANY_LAYER = TypeAdapter(AnyLayer)
SETTINGS = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def model_of(layer, shape) -> tuple[ModelSpec, tuple]:
    """The layer alone, fed by the input as often as it needs; a size that follows the data is 3."""
    if layer.follows_data and getattr(layer, layer.follows_data) is None:
        layer = layer.model_copy(update={layer.follows_data: 3})
    node = Node(id="node", layer=layer, inputs=(INPUT,) * layer.inputs_min)
    return ModelSpec(nodes=(node,)), (shape,) * layer.inputs_min


def accepted(layer, shape) -> ModelSpec:
    """Throws the draw away if the layer refuses the shape."""
    model, inputs = model_of(layer, shape)
    try:
        output = model.nodes[0].layer.output_shape(*inputs)
        activation = getattr(layer, "activation", None)
        if activation is not None:
            activation.output_shape(output)
    except ShapeError:
        assume(False)
    return model


@KINDS
@SETTINGS
@given(data=st.data())
def test_output_shape_and_parameter_count_are_torchs(kind, data):
    layer, shape = data.draw(components(kind)), data.draw(st.sampled_from(SHAPES))
    model = accepted(layer, shape)
    module = GraphModel(plan(model, shape)).eval()
    output = module(torch.randn(2, *shape))
    declared, inputs = model.nodes[0].layer, (shape,) * layer.inputs_min
    assert tuple(output.shape) == (2, *declared.output_shape(*inputs))
    activation = getattr(declared, "activation", None)
    of_activation = activation.parameter_count(output.shape[1:]) if activation else 0
    counted = sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)
    assert declared.parameter_count(*inputs) + of_activation == counted


@KINDS
@SETTINGS
@given(data=st.data())
def test_a_refused_shape_is_one_that_torch_cannot_take_or_onnx_cannot_say(kind, data):
    layer, shape = data.draw(components(kind)), data.draw(st.sampled_from(SHAPES))
    model, inputs = model_of(layer, shape)
    try:
        model.nodes[0].layer.output_shape(*inputs)
    except ShapeError as refusal:
        sentence = str(refusal)
        assert sentence.startswith("needs ") and "; got " in sentence and sentence.endswith(".")


@KINDS
@SETTINGS
@given(data=st.data())
def test_json_round_trip_is_lossless(kind, data):
    layer = data.draw(components(kind))
    assert ANY_LAYER.validate_json(layer.model_dump_json(), strict=True) == layer


@KINDS
@SETTINGS
@given(data=st.data())
def test_generated_source_is_the_module(kind, data, tmp_path_factory):
    layer, shape = data.draw(components(kind)), data.draw(st.sampled_from(SHAPES))
    steps = plan(accepted(layer, shape), shape)
    path = tmp_path_factory.mktemp("source") / "generated.py"
    path.write_text(f"import torch\nfrom torch import Tensor, nn\n\n{own_classes(steps)}\n\n{model_class(steps)}")
    spec = importlib.util.spec_from_file_location("generated", path)
    generated = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generated)
    torch.manual_seed(0)
    ours = GraphModel(steps)
    torch.manual_seed(0)
    theirs = generated.Model()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    x = torch.randn(3, *shape)
    torch.manual_seed(1)
    expected = ours(x)
    torch.manual_seed(1)
    assert torch.equal(expected, theirs(x))


@KINDS
def test_onnxruntime_gives_the_same_at_another_batch_size(kind):
    layer = kind(out_features=7) if "out_features" in kind.model_fields else kind()
    shape = next(shape for shape in ((4, 16, 16), (12,)) if _takes(layer, shape))
    model, _ = model_of(layer, shape)
    module = GraphModel(plan(model, shape)).eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own deprecations
        program = torch.onnx.export(
            module, (torch.randn(2, *shape),), dynamo=True, dynamic_shapes=({0: "batch"},), input_names=["x"],
            opset_version=20, verbose=False,
        )  # fmt: skip
    session = onnxruntime.InferenceSession(program.model_proto.SerializeToString())
    x = torch.randn(5, *shape)
    np.testing.assert_allclose(session.run(None, {"x": x.numpy()})[0], module(x).detach().numpy(), atol=1e-5)


def _takes(layer, shape) -> bool:
    model, inputs = model_of(layer, shape)
    try:
        model.nodes[0].layer.output_shape(*inputs)
    except ShapeError:
        return False
    return True
