"""What a peek says of a node, against figures worked out by hand."""

import base64
from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from builder.catalogue.activations import ReLU, Tanh
from builder.catalogue.layer import Layer, axis_names
from builder.catalogue.layers import Conv2d, Dropout, Flatten, Linear
from builder.check.shapes import resolve
from builder.evaluation.attention import attention_weights
from builder.evaluation.peek import describe, peek_at, units
from builder.evaluation.pictures import LARGEST_BYTES, picture_of
from builder.nn.graph import GraphModel, build_model
from builder.nn.modules.attention import SelfAttention
from builder.spec.templates import stack


def pixels(address: str) -> np.ndarray:
    head, _, body = address.partition(",")
    assert head == "data:image/png;base64" and len(address) <= LARGEST_BYTES
    return np.asarray(Image.open(BytesIO(base64.b64decode(body))))


def found_of(values: Tensor, layer: Layer | None = None) -> dict:
    return describe(values, layer or Linear(), axis_names(values.shape[1:]))


def drawn(values: Tensor, *axes: str) -> np.ndarray:
    return pixels(picture_of(values, axes or axis_names(values.shape[1:]))[0])


def hand_made() -> tuple[GraphModel, list]:
    """Two inputs; the first hidden unit adds them, the second is never active; then dropout and a difference."""
    spec = resolve(stack(Linear(out_features=2, activation=ReLU()), Dropout(p=0.9), Linear(out_features=1)), 1)
    model = build_model(spec, (2,))
    with torch.no_grad():
        model.linear_1.weight.copy_(torch.tensor([[1.0, 1.0], [-1.0, -1.0]]))
        model.linear_1.bias.zero_()
        model.linear_2.weight.copy_(torch.tensor([[2.0, -1.0]]))
        model.linear_2.bias.zero_()
    return model, spec


def test_each_node_s_figures_are_those_after_its_activation_and_without_dropout():
    model, spec = hand_made()
    found = peek_at(model.train(), spec, torch.tensor([[1.0, 2.0], [0.0, 1.0], [4.0, 4.0], [0.0, 0.0]]))
    hidden = found["linear_1"]  # 3 0 | 1 0 | 8 0 | 0 0
    assert (hidden["shape"], hidden["mean"], hidden["min"], hidden["max"]) == ([2], 1.5, 0, 8)
    assert hidden["std"] == pytest.approx(np.std([3, 0, 1, 0, 8, 0, 0, 0]), rel=1e-5)
    assert (hidden["zeros"], hidden["dead"], hidden["units"], hidden["nonfinite"]) == (5 / 8, 0.5, 2, 0)
    assert hidden["histogram"] == np.histogram([3, 0, 1, 0, 8, 0, 0, 0], bins=24)[0].tolist()
    assert hidden["marks"] == ["1 of 2 units dead"]
    assert found["dropout_1"] == hidden | {"marks": []}  # it only passes the zeros on
    assert found["linear_2"]["max"] == 16 and found["linear_2"]["marks"] == []
    assert not any(module._forward_hooks for module in model.modules())


def test_a_unit_of_an_image_is_a_channel_and_of_a_sequence_a_feature():
    x_NCHW = torch.zeros(3, 4, 5, 5)
    x_NCHW[1, 2, 0, 0] = 1.0
    assert found_of(x_NCHW, Conv2d())["dead"] == 0.75 and found_of(x_NCHW, Conv2d())["units"] == 4
    assert units(torch.zeros(2, 5, 7), ("length", "features")).shape == (7, 10)
    assert units(torch.zeros(2, 5, 7), ("channels", "length")).shape == (5, 14)


def test_values_that_are_not_finite_are_counted_and_left_out_of_the_figures():
    found = found_of(torch.tensor([[1.0, float("nan")], [3.0, float("inf")]]))
    assert (found["nonfinite"], found["mean"], found["max"]) == (2, 2.0, 3.0)
    assert found["marks"] == ["2 values are not finite"]
    lost = found_of(torch.full((2, 3), float("nan")))
    assert lost["mean"] is None and lost["min"] is None and lost["histogram"] == []


def test_large_values_are_marked_as_exploding():
    assert found_of(torch.tensor([[999.0, -1.0]]))["marks"] == []
    assert found_of(torch.tensor([[2.0, -45_000.0]]))["marks"] == ["exploding: values up to 4.5e+04"]


def test_zeros_of_the_data_itself_are_no_dead_units():
    assert found_of(torch.zeros(4, 8), Flatten())["marks"] == []
    assert found_of(torch.zeros(4, 8), Tanh())["marks"] == ["8 of 8 units dead"]


def test_one_value_for_all_has_no_histogram():
    assert found_of(torch.ones(4, 2))["histogram"] == []


def test_feature_maps_of_the_first_example_are_tiled_from_black_to_white():
    x_NCHW = torch.stack([torch.arange(4.0).view(2, 2) * scale for scale in (1, 5, -1, 2)])[None]
    image = drawn(torch.cat([x_NCHW, x_NCHW + 9]))
    assert image[:2, :2].tolist() == image[:2, 3:5].tolist() == [[0, 85], [170, 255]]
    assert image[3:5, :2].tolist() == [[255, 170], [85, 0]]
    assert image.shape == (6, 6) and (image[2] == 255).all()


def test_features_are_drawn_by_row_and_a_sequence_runs_to_the_right():
    rows = torch.tensor([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])
    assert drawn(rows).tolist() == [[0, 51, 102], [153, 204, 255]]
    assert drawn(rows[None], "length", "features").tolist() == [[0, 153], [51, 204], [102, 255]]
    assert drawn(rows[None], "channels", "length").tolist() == drawn(rows).tolist()


@pytest.mark.parametrize("shape", [(512, 64, 64), (64, 7, 7), (2000,), (1000, 300), (3, 200, 100), (8, 9, 32, 32)])
def test_noise_of_any_size_makes_a_picture_that_is_small_enough(shape):
    assert min(drawn(torch.randn(16, *shape)).shape) >= 8


@pytest.mark.parametrize("values", [torch.randn(4, 1), torch.full((2, 3, 4, 4), float("nan")), torch.zeros(2, 5)])
def test_what_has_nothing_to_show_does_no_harm(values: Tensor):
    address, _ = picture_of(values, axis_names(values.shape[1:]))
    assert address is None or pixels(address).max() in (0, 255)


def test_the_picture_of_attention_is_the_weights_of_each_head():
    layer = SelfAttention(8, num_heads=2, dropout=0.5, bias=True, causal=True, rotary=False).eval()
    x_NLF = torch.randn(3, 5, 8)
    twin = torch.nn.MultiheadAttention(8, 2, batch_first=True).eval()
    twin.load_state_dict(layer.state_dict())
    ahead = torch.ones(5, 5).triu(1).bool()
    _, expected = twin(x_NLF, x_NLF, x_NLF, attn_mask=ahead, average_attn_weights=False)
    found = []
    layer.heads.register_forward_hook(lambda module, inputs, output: found.append(attention_weights(module, inputs)))
    layer(x_NLF)
    assert torch.allclose(found[0], expected[0], atol=1e-6)
