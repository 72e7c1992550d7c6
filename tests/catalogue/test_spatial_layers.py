"""Edge cases of the layers over one, two and three spatial axes; the contract holds for the rest."""

import pytest
import torch
from pydantic import ValidationError
from torch.utils.flop_counter import FlopCounterMode

from builder.catalogue.layer import Refusal
from builder.catalogue.layers import (
    LAYERS,
    AdaptiveAvgPool1d,
    AdaptiveAvgPool3d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AdaptiveMaxPool3d,
    AvgPool2d,
    AvgPool3d,
    BatchNorm1d,
    BatchNorm2d,
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose2d,
    DepthwiseConv2d,
    Dropout2d,
    GlobalAvgPool,
    GlobalMaxPool,
    GroupNorm,
    InstanceNorm2d,
    LocalResponseNorm,
    LPPool1d,
    LPPool2d,
    MaxPool1d,
    MaxPool2d,
    PixelShuffle,
    PixelUnshuffle,
    ReflectionPad1d,
    ReflectionPad2d,
    SeparableConv2d,
    SqueezeExcitation,
    Upsample,
    ZeroPad2d,
)
from builder.catalogue.layers.spatial import Spatial
from builder.nn.graph import build
from tests.catalogue.alone import Alone
from tests.catalogue.parity import check_parity

REFUSED = {
    "an image in a layer for sequences": (Conv1d(), (3, 8, 8), "needs a sequence (C, L); got (3, 8, 8). Use Conv2d instead."),
    "a sequence in a layer for volumes": (MaxPool1d(), (3, 4, 8, 8), "needs a sequence (C, L); got (3, 4, 8, 8). Use MaxPool3d instead."),
    "a rank that the layer has not": (DepthwiseConv2d(), (3, 4, 8, 8), "needs an image (C, H, W); got (3, 4, 8, 8). Use it on an image alone."),
    "a flat row in a layer for images": (BatchNorm2d(), (12,), "needs an image (C, H, W); got (12,). Remove the BatchNorm2d."),
    "a flat row in a convolution": (Conv2d(), (12,), "needs an image (C, H, W); got (12,). Use Linear instead."),
    "groups that do not split the channels": (Conv2d(groups=4), (6, 8, 8), "needs channels in multiples of 4 (groups); got (6, 8, 8). Set groups to 2."),
    "groups in a transposed convolution": (ConvTranspose2d(groups=4), (6, 8, 8), "needs channels in multiples of 4 (groups); got (6, 8, 8). Set groups to 2."),
    "nothing left by the padding": (ConvTranspose2d(padding=3), (6, 2, 2), "needs an image of which the padding leaves something; got (6, 2, 2). Make the padding smaller or the kernel larger."),
    "a kernel larger than a volume": (Conv3d(kernel_size=5, padding=0), (1, 8, 4, 8), "needs a volume of at least 5 × 5 × 5 voxels; got (1, 8, 4, 8). Make the kernel smaller, pad more, or pool less before it."),
    "padding that torch's AvgPool3d does not count": (AvgPool3d(kernel_size=4, padding=2), (1, 3, 8, 8), "needs a volume of at least 4 × 4 × 4 voxels; got (1, 3, 8, 8). Make the kernel smaller, pad more, or pool less before it."),
    "a mirror longer than the sequence": (ReflectionPad1d(padding=(0, 5)), (2, 5), "needs a sequence of more than 5 along each padded axis; got (2, 5). Pad less, or pad with zeros."),
    "a convolution's mirror": (Conv2d(kernel_size=9, padding_mode="reflect"), (2, 4, 4), "needs an image of more than 4 along each padded axis; got (2, 4, 4). Pad less, or pad with zeros."),
    "several values of an open length": (AdaptiveMaxPool1d(output_size=3), (4, None), "needs a sequence of known size for more than one value; got (4, any). Set the output size to 1."),
    "a mode of another rank": (Upsample(mode="linear"), (3, 8, 8), "needs a sequence for mode 'linear'; got (3, 8, 8). Set the mode to 'bilinear'."),
    "a factor that leaves nothing": (Upsample(scale_factor=0.1), (3, 8, 8), "needs sizes of which something is left; got (3, 8, 8). Make the factor larger."),
    "one value in each channel": (InstanceNorm2d(), (3, 1, 1), "needs more than one value in each channel; got (3, 1, 1). Use BatchNorm or LayerNorm instead."),
    "groups of one value": (GroupNorm(num_groups=12), (12,), "needs more than one value in each group; got (12,). Set the groups to a smaller number."),
    "groups that do not divide": (GroupNorm(num_groups=8), (12, 4, 4), "needs channels in multiples of 8 (groups); got (12, 4, 4). Set the groups to 4."),
    "nothing to pool": (GlobalAvgPool(), (12,), "needs channels with something to pool, as (C, H, W); got (12,). Remove the GlobalAvgPool."),
}  # fmt: skip

REMEDIED = {
    "a flat row in a layer for sequences": (Conv1d(), (12,), (1, 12)),
    "features last": (Conv1d(), (None, 12), (12, None)),
    "channels that do not shuffle": (PixelShuffle(upscale_factor=2), (6, 5, 5), (8, 5, 5)),
    "an image that does not unshuffle": (PixelUnshuffle(downscale_factor=4), (3, 8, 9), (3, 8, 12)),
}

UNDECLARABLE = {
    "out_channels (6) must be a multiple of groups (4)": (Conv2d, {"out_channels": 6, "groups": 4}),
    "padding 'same' needs stride 1; give the padding as a number": (Conv2d, {"stride": [1, 2]}),
    "must be a whole number from 1 to 512, or two of them": (Conv2d, {"kernel_size": 0}),
    "must be a whole number from 0 to 512, or two of them, or 'same'": (Conv2d, {"padding": "valid"}),
    "must be a whole number from 1 to 512, or three of them": (Conv3d, {"dilation": [1, 2]}),
    "must be a whole number from 0 to 512, or four of them": (ZeroPad2d, {"padding": [1, 2]}),
    "padding (2) must be at most half of kernel_size (3)": (MaxPool2d, {"kernel_size": 3, "padding": 2}),
    "output_padding (2) must be smaller than stride or dilation": (ConvTranspose2d, {"output_padding": 2}),
    "norm_type (3) must be 1 or even: an odd root of a negative sum is no number": (LPPool2d, {"norm_type": 3}),
}

TRAPS = {
    (4, None): (
        Conv1d(kernel_size=4, dilation=2, padding_mode="reflect"), Conv1d(kernel_size=4, padding_mode="circular"),
        MaxPool1d(kernel_size=3, padding=1, dilation=2, ceil_mode=True), LPPool1d(kernel_size=3, norm_type=4, ceil_mode=True),
        AdaptiveAvgPool1d(), GlobalAvgPool(), GlobalMaxPool(), GroupNorm(num_groups=2), LocalResponseNorm(size=4),
        SqueezeExcitation(reduction=2), Upsample(mode="linear", align_corners=True), Upsample(scale_factor=1.5),
    ),
    (4, 8, 9): (
        AvgPool2d(kernel_size=3, padding=1, count_include_pad=False, ceil_mode=True), AdaptiveMaxPool2d(output_size=(5, 3)),
        Upsample(scale_factor=1.5, mode="bicubic"), Conv2d(kernel_size=(4, 3), padding_mode="replicate", groups=2),
        ConvTranspose2d(kernel_size=3, stride=(2, 3), padding=1, output_padding=(1, 2), groups=2),
    ),
    (2, 12): (AdaptiveAvgPool1d(output_size=5), AdaptiveMaxPool1d(output_size=5)),
    (2, 4, 6, 7): (AdaptiveAvgPool3d(output_size=(2, 3, 4)), AdaptiveAvgPool3d(output_size=(2, 3, 7))),
}  # fmt: skip
"""Settings at which the exporter or onnxruntime is known to trip, by the shape that they meet."""


@pytest.mark.parametrize(("layer", "shape", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused_with_a_way_out(layer, shape, sentence):
    with pytest.raises(Refusal) as refusal:
        layer.output_shape(shape)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(("layer", "shape", "mended"), REMEDIED.values(), ids=REMEDIED)
def test_the_layers_that_a_refusal_offers_mend_it(layer, shape, mended):
    with pytest.raises(Refusal) as refusal:
        layer.output_shape(shape)
    (remedy,) = refusal.value.remedy
    assert remedy.output_shape(shape) == mended
    assert layer.output_shape(mended)


@pytest.mark.parametrize(("sentence", "kind", "fields"), [(text, *given) for text, given in UNDECLARABLE.items()])
def test_a_field_out_of_its_range_is_told_in_one_sentence(sentence, kind, fields):
    with pytest.raises(ValidationError) as refusal:
        kind(**fields)
    (fault,) = refusal.value.errors()
    assert fault["msg"] == f"Value error, {sentence}"


@pytest.mark.parametrize(("layer", "shape"), [(layer, shape) for shape, layers in TRAPS.items() for layer in layers])
def test_onnxruntime_agrees_where_the_exporter_is_known_to_trip(layer, shape):
    check_parity(layer, (shape,), TRAPS[shape])


@pytest.mark.parametrize("kind", [kind for kind in LAYERS.values() if issubclass(kind, Spatial)])
def test_texts_speak_of_the_layers_own_axes(kind):
    texts = [kind.label, kind.help, kind.source, kind.formula, kind.__doc__]
    texts += [text for field in kind.model_fields.values() for text in (field.title, field.description) if text]
    assert not any("{" in text for text in texts)
    assert kind.__name__ in kind.label


def test_the_same_text_is_filled_in_for_each_rank():
    formulas = [kind.formula[:5] for kind in (Conv1d, Conv2d, Conv3d)]
    assert formulas == ["L_out", "H_out", "D_out"]
    units = [kind.model_fields["kernel_size"].json_schema_extra["unit"] for kind in (Conv1d, Conv2d, Conv3d)]
    assert units == ["steps", "pixels", "voxels"]
    assert "Input shape:  (C_in, D, H, W)" in Conv3d.__doc__ and "Source:       torch.nn.Conv3d" in Conv3d.__doc__
    assert (Conv1d.axes, Conv2d.axes[1:]) == (("channels", "length"), ("height", "width"))


def test_batch_norm_1d_takes_a_flat_row_and_a_sequence():
    assert BatchNorm1d().output_shape((12,)) == (12,)
    assert BatchNorm1d().output_shape((4, None)) == (4, None)


def test_a_depthwise_separable_convolution_costs_what_mobilenet_says():
    # Howard et al. 2017, table 1: 3 × 3 depthwise and 1 × 1 convolution of 512 channels on 14 × 14
    separable, shape = SeparableConv2d(out_channels=512, bias=False), (512, 14, 14)
    assert separable.multiply_adds(shape) == 3 * 3 * 512 * 14 * 14 + 512 * 512 * 14 * 14
    assert separable.parameter_count(shape) == 3 * 3 * 512 + 512 * 512
    assert DepthwiseConv2d(bias=False).multiply_adds(shape) == 3 * 3 * 512 * 14 * 14


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (Conv1d(groups=4, kernel_size=5, dilation=2), (8, 30)),
        (Conv3d(kernel_size=(1, 2, 3), stride=(1, 2, 2), padding=1), (2, 5, 6, 7)),
        (DepthwiseConv2d(depth_multiplier=3, padding_mode="circular"), (6, 9, 9)),
        (ConvTranspose2d(kernel_size=(3, 2), groups=2, dilation=2), (6, 9, 9)),
        (SqueezeExcitation(reduction=4), (64, 9, 9)),
    ],
    ids=lambda given: getattr(given, "kind", ""),
)
def test_multiply_adds_are_those_that_torch_counts(layer, shape):
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        Alone(layer, (shape,)).eval()(torch.zeros(1, *shape))
    assert layer.multiply_adds(shape) == counter.get_total_flops() // 2


def test_a_dropped_channel_is_zero_as_a_whole():
    torch.manual_seed(0)
    x = build(Dropout2d(p=0.5).torch_call((6, 4, 4)))(torch.ones(8, 6, 4, 4))
    assert set(x.mean((2, 3)).unique().tolist()) == {0.0, 2.0}


@pytest.mark.parametrize("layer", [ReflectionPad2d(padding=(1, 2, 3, 0)), ZeroPad2d(padding=(4, 0, 0, 1))])
def test_margins_are_left_right_top_bottom_as_in_torch(layer):
    left, right, top, bottom = layer.padding
    assert layer.output_shape((2, 5, 6)) == (2, 5 + top + bottom, 6 + left + right)


@pytest.mark.parametrize("layer", [AdaptiveMaxPool3d(output_size=3), AdaptiveMaxPool1d(output_size=7)])
def test_torchs_own_pooling_is_used_wherever_it_can_be_exported(layer):
    divided, odd = [(2, *[size] * layer.rank) for size in (21, 10)]
    assert layer.torch_call(divided).name == f"torch.nn.{layer.kind}"
    assert layer.torch_call(odd).name == "builder.nn.modules.pooling.AdaptivePool"
