"""The contract of every layer: what its declaration says is what torch and onnxruntime do."""

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from torch.utils.flop_counter import FlopCounterMode

from builder.catalogue.component import Shape
from builder.catalogue.layer import Layer
from builder.catalogue.layers import LAYERS, AnyLayer
from builder.errors import ShapeError
from builder.export.source.model import model_class, own_classes
from builder.nn.graph import GraphModel, plan
from builder.spec.model import INPUT, ModelSpec, Node
from tests.catalogue.alone import OPEN, SHAPES, Alone, Inputs, accepted, offers, sized, values
from tests.catalogue.drawing import components
from tests.catalogue.parity import check_parity
from tests.imported import imported

KINDS = pytest.mark.parametrize("kind", LAYERS.values(), ids=LAYERS)
ANY_LAYER = TypeAdapter(AnyLayer)
SETTINGS = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
HEADER = "import math\n\nimport torch\nfrom torch import Tensor, nn\nfrom torch.nn import functional as F\n"


@st.composite
def layers(draw: st.DrawFn, kind: type[Layer], shapes: tuple[Shape, ...] = SHAPES) -> tuple[Layer, Inputs]:
    """A layer with inputs that it accepts; a draw that refuses every shape is thrown away."""
    layer = sized(draw(components(kind)))
    fitting = accepted(layer, shapes)
    assume(fitting)
    return layer, draw(st.sampled_from(fitting))


@KINDS
@SETTINGS
@given(data=st.data())
def test_output_shape_and_parameter_count_are_torchs(kind, data):
    layer, inputs = data.draw(layers(kind))
    module = Alone(layer, inputs).eval()
    output = module(*values(layer, inputs, 2))
    assert tuple(output.shape) == (2, *layer.output_shape(*inputs))
    activation = getattr(layer, "activation", None)
    of_activation = activation.parameter_count(layer.output_shape(*inputs)) if activation else 0
    counted = sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)
    assert layer.parameter_count(*inputs) + of_activation == counted


@KINDS
@settings(SETTINGS, max_examples=6)  # torch takes each layer apart to count, and most settings change no figure
@given(data=st.data())
def test_multiply_adds_are_those_that_torch_counts(kind, data):
    layer, inputs = data.draw(layers(kind))
    with torch.device("meta"):
        module, xs = Alone(layer, inputs).eval(), [torch.zeros(1, *shape) for shape in inputs]
    with FlopCounterMode(display=False) as counter:
        module(*xs)
    counted = counter.get_total_flops() // 2  # a multiplication and an addition each
    assert not counted or layer.multiply_adds(*inputs) == counted


@KINDS
@SETTINGS
@given(data=st.data())
def test_a_refusal_says_what_is_needed_what_came_and_the_way_out(kind, data):
    layer = sized(data.draw(components(kind)))
    inputs = data.draw(st.sampled_from([*offers(layer), *offers(layer, OPEN)]))
    try:
        layer.output_shape(*inputs)
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
    layer, inputs = data.draw(layers(kind))
    assume(len(set(inputs)) == 1)
    node = Node(id="node", layer=layer, inputs=(INPUT,) * len(inputs))
    steps = plan(ModelSpec(nodes=(node,)), inputs[0])
    generated = imported(f"{HEADER}\n\n{own_classes(steps)}\n\n{model_class(steps)}", tmp_path_factory.mktemp("source"))
    torch.default_generator.manual_seed(0)
    ours = GraphModel(steps)
    torch.default_generator.manual_seed(0)
    theirs = generated.Model()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    x = values(layer, inputs, 3)[0]
    torch.default_generator.manual_seed(1)
    expected = ours(x)
    torch.default_generator.manual_seed(1)
    assert torch.equal(expected, theirs(x))


def _by_inputs(shapes: tuple[Shape, ...]) -> dict[Inputs, tuple[Layer, ...]]:
    """Every layer with its default settings under the inputs that it is exported with."""
    groups: dict[Inputs, tuple[Layer, ...]] = {}
    for layer in (sized(kind()) for kind in LAYERS.values()):
        for inputs in accepted(layer, shapes)[:1]:
            groups[inputs] = (*groups.get(inputs, ()), layer)
    return groups


def _cases(groups: dict[Inputs, tuple[Layer, ...]]) -> list:
    return [pytest.param(layer, inputs, id=layer.kind) for inputs, layers in groups.items() for layer in layers]


BY_INPUTS, BY_OPEN_INPUTS = _by_inputs(SHAPES), _by_inputs(OPEN)


@pytest.mark.parametrize(("layer", "inputs"), _cases(BY_INPUTS))
def test_onnxruntime_gives_the_same_at_another_batch_size(layer, inputs):
    check_parity(layer, inputs, BY_INPUTS[inputs])


@pytest.mark.parametrize(("layer", "inputs"), _cases(BY_OPEN_INPUTS))
def test_onnxruntime_gives_the_same_at_another_length(layer, inputs):
    check_parity(layer, inputs, BY_OPEN_INPUTS[inputs])
