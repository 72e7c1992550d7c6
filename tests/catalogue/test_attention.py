"""Attention and positions: torch's figures, nothing seen ahead, padding left out."""

import math

import pytest
import torch
from torch import nn

from builder.catalogue.layers import (
    CrossAttention,
    LearnedPositionalEncoding,
    Linear,
    MultiheadAttention,
    PositionalEncoding,
    RotaryPositionalEncoding,
    TransformerDecoderLayer,
    TransformerEncoderLayer,
)
from builder.errors import ShapeError
from builder.nn.graph import build
from tests.catalogue.parity import check_parity

SHAPE = (6, 8)
PARTS = {
    "self_attention.inner.": "self_attn.", "cross_attention.inner.": "multihead_attn.", "self_attention.norm": "norm1",
    "feed_forward.inner.": "", "feed_forward.norm": "norm2",
}  # fmt: skip


def torchs_names(module: nn.Module) -> dict[str, torch.Tensor]:
    """The state under the names of torch's own block."""
    state = {}
    for name, value in module.state_dict().items():
        for ours, theirs in PARTS.items():
            name = name.replace(ours, theirs)
        state[name] = value
    return state


def test_self_attention_is_torchs_with_the_same_weights():
    ours = build(MultiheadAttention(num_heads=2).torch_call(SHAPE)).eval()
    theirs = nn.MultiheadAttention(8, 2, batch_first=True).eval()
    theirs.load_state_dict(ours.state_dict())
    x, mask = torch.randn(3, *SHAPE), torch.tensor([[1.0] * 6, [1.0] * 4 + [0.0] * 2, [1.0] + [0.0] * 5])
    torch.testing.assert_close(ours(x), theirs(x, x, x)[0])
    real = mask > 0
    torch.testing.assert_close(ours(x, mask)[real], theirs(x, x, x, key_padding_mask=~real)[0][real])


def test_cross_attention_is_torchs_with_the_same_weights():
    ours = build(CrossAttention(num_heads=2).torch_call(SHAPE, (5, 3))).eval()
    theirs = nn.MultiheadAttention(8, 2, kdim=3, vdim=3, batch_first=True).eval()
    parts = (ours.query, ours.key, ours.value)
    weights = dict(zip(("q_proj_weight", "k_proj_weight", "v_proj_weight"), (p.weight for p in parts), strict=True))
    weights["in_proj_bias"] = torch.cat([part.bias for part in parts])
    theirs.load_state_dict(weights | {f"out_proj.{name}": value for name, value in ours.out_proj.state_dict().items()})
    x, memory = torch.randn(2, *SHAPE), torch.randn(2, 5, 3)
    torch.testing.assert_close(ours(x, memory), theirs(x, memory, memory)[0])


@pytest.mark.parametrize("norm_first", [True, False])
def test_the_encoder_block_is_torchs_with_the_same_weights(norm_first):
    layer = TransformerEncoderLayer(nhead=2, dim_feedforward=16, norm_first=norm_first, feedforward_activation="gelu")
    ours = build(layer.torch_call(SHAPE)).eval()
    theirs = nn.TransformerEncoderLayer(8, 2, 16, activation="gelu", batch_first=True, norm_first=norm_first).eval()
    theirs.load_state_dict(torchs_names(ours))
    x = torch.randn(2, *SHAPE)
    torch.testing.assert_close(ours(x), theirs(x))


def test_a_causal_block_has_as_many_parameters_and_its_mask_agrees_with_torchs():
    layer = TransformerEncoderLayer(nhead=2, dim_feedforward=16, causal=True)
    ours = build(layer.torch_call(SHAPE)).eval()
    theirs = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, norm_first=True).eval()
    theirs.load_state_dict(torchs_names(ours))
    x, mask = torch.randn(2, *SHAPE), nn.Transformer.generate_square_subsequent_mask(6)
    torch.testing.assert_close(ours(x), theirs(x, src_mask=mask, is_causal=True))
    assert layer.parameter_count(SHAPE) == sum(parameter.numel() for parameter in theirs.parameters())


@pytest.mark.parametrize(
    "layer",
    [
        MultiheadAttention(num_heads=2, causal=True),
        MultiheadAttention(num_heads=2, causal=True, rotary=True),
        TransformerEncoderLayer(nhead=2, causal=True),
        TransformerDecoderLayer(nhead=2),
    ],
)
def test_a_later_step_leaves_earlier_outputs_as_they_are(layer):
    module, x = build(layer.torch_call(SHAPE)).eval(), torch.randn(1, *SHAPE)
    changed = x.clone()
    changed[0, 4] += 1
    before, after = module(x), module(changed)
    assert torch.equal(before[0, :4], after[0, :4])
    assert not torch.equal(before[0, 4:], after[0, 4:])


@pytest.mark.parametrize("layer", [MultiheadAttention(num_heads=2), TransformerEncoderLayer(nhead=2)])
def test_padding_changes_nothing_and_a_row_of_padding_alone_gives_numbers(layer):
    module, x = build(layer.torch_call(SHAPE, SHAPE[:1])).eval(), torch.randn(2, *SHAPE)
    mask = torch.tensor([[1.0, 1.0, 1.0, 1.0, 0.0, 0.0], [0.0] * 6])
    changed = x.clone()
    changed[0, 4:] = 9
    torch.testing.assert_close(module(x, mask)[0, :4], module(changed, mask)[0, :4])
    torch.testing.assert_close(module(x, mask)[0, :4], module(x[:1, :4], mask[:1, :4])[0])
    assert torch.isfinite(module(x, mask)).all()


def test_a_memory_of_padding_alone_gives_numbers():
    module = build(TransformerDecoderLayer(nhead=2).torch_call(SHAPE, (5, 3), (5,))).eval()
    assert torch.isfinite(module(torch.randn(2, *SHAPE), torch.randn(2, 5, 3), torch.zeros(2, 5))).all()


def test_sinusoidal_positions_are_the_papers():
    added = build(PositionalEncoding().torch_call((7, 6)))(torch.zeros(1, 7, 6))[0]
    for step in range(7):
        for place in range(6):
            angle = step / 10000 ** (2 * (place // 2) / 6)
            assert added[step, place].item() == pytest.approx((math.sin, math.cos)[place % 2](angle), abs=1e-6)


def test_rotary_positions_turn_pairs_as_complex_numbers():
    x = torch.randn(1, 7, 6)
    turned = build(RotaryPositionalEncoding().torch_call((7, 6)))(x)[0]
    angles = torch.tensor([[step / 10000 ** (2 * pair / 6) for pair in range(3)] for step in range(7)])
    expected = torch.view_as_complex(x[0].reshape(7, 3, 2)) * torch.exp(1j * angles)
    torch.testing.assert_close(turned, torch.view_as_real(expected).reshape(7, 6))


def test_learned_positions_add_a_row_for_each_step_and_repeat_the_last():
    module = build(LearnedPositionalEncoding(max_length=3).torch_call((None, 4)))
    added = module(torch.zeros(1, 5, 4))[0]
    assert torch.equal(added, module.weight[[0, 1, 2, 2, 2]])


def test_features_that_do_not_divide_among_the_heads_are_mended_by_a_linear():
    with pytest.raises(ShapeError, match="needs features in multiples of 4 \\(4 heads\\); got") as refusal:
        MultiheadAttention(num_heads=4).output_shape((5, 10))
    assert refusal.value.remedy == (Linear(out_features=12),)


@pytest.mark.parametrize(
    ("layer", "inputs"),
    [
        (MultiheadAttention(num_heads=2, causal=True, rotary=True), ((None, 8), (None,))),
        (CrossAttention(num_heads=2), ((None, 8), (5, 3), (5,))),
        (TransformerDecoderLayer(nhead=2, norm_first=False), ((None, 8), (None, 8))),
    ],
    ids=lambda case: getattr(case, "kind", None),
)
def test_onnxruntime_agrees_with_masks_and_memories_at_another_length(layer, inputs):
    check_parity(layer, inputs)
