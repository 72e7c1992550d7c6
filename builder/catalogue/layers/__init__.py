"""Every layer that can be picked, by family."""

from functools import reduce
from operator import or_
from typing import Annotated

from pydantic import BeforeValidator, Field

from builder.catalogue.activations import ACTIVATIONS, GLU
from builder.catalogue.component import accept_name, registry
from builder.catalogue.layers.adaptive_pooling import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveAvgPool3d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AdaptiveMaxPool3d,
    GlobalAvgPool,
    GlobalMaxPool,
)
from builder.catalogue.layers.attention import CrossAttention, MultiheadAttention
from builder.catalogue.layers.channel_attention import SqueezeExcitation
from builder.catalogue.layers.convolution import (
    Conv1d,
    Conv2d,
    Conv3d,
    DepthwiseConv1d,
    DepthwiseConv2d,
    SeparableConv1d,
    SeparableConv2d,
)
from builder.catalogue.layers.embedding import (
    Embedding,
    LearnedPositionalEncoding,
    PaddingMask,
    PositionalEncoding,
    RotaryPositionalEncoding,
)
from builder.catalogue.layers.linear import Bilinear, Linear
from builder.catalogue.layers.merging import Add, Average, Concat, Dot, Maximum, Multiply, Subtract
from builder.catalogue.layers.normalization import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    GroupNorm,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
    LayerNorm,
    LocalResponseNorm,
    RMSNorm,
)
from builder.catalogue.layers.padding import (
    CircularPad1d,
    CircularPad2d,
    CircularPad3d,
    ConstantPad1d,
    ConstantPad2d,
    ConstantPad3d,
    ReflectionPad1d,
    ReflectionPad2d,
    ReflectionPad3d,
    ReplicationPad1d,
    ReplicationPad2d,
    ReplicationPad3d,
    ZeroPad1d,
    ZeroPad2d,
    ZeroPad3d,
)
from builder.catalogue.layers.pooling import (
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    LPPool1d,
    LPPool2d,
    LPPool3d,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
)
from builder.catalogue.layers.recurrent import GRU, LSTM, RNN
from builder.catalogue.layers.reduction import Last, Max, Mean, Sum
from builder.catalogue.layers.regularization import (
    AlphaDropout,
    Dropout,
    Dropout1d,
    Dropout2d,
    Dropout3d,
    DropPath,
    FeatureAlphaDropout,
)
from builder.catalogue.layers.resampling import PixelShuffle, PixelUnshuffle, Upsample
from builder.catalogue.layers.reshaping import Flatten, Identity, Permute, Reshape, Slice
from builder.catalogue.layers.transformer import TransformerDecoderLayer, TransformerEncoderLayer
from builder.catalogue.layers.transposed import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d

LAYERS = registry(
    Linear, Bilinear,
    Conv1d, Conv2d, Conv3d, DepthwiseConv1d, DepthwiseConv2d, SeparableConv1d, SeparableConv2d,
    ConvTranspose1d, ConvTranspose2d, ConvTranspose3d,
    MaxPool1d, MaxPool2d, MaxPool3d, AvgPool1d, AvgPool2d, AvgPool3d, LPPool1d, LPPool2d, LPPool3d,
    AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d, AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d,
    GlobalAvgPool, GlobalMaxPool,
    Flatten, Reshape, Permute, Slice, Identity,
    Mean, Sum, Max, Last,
    Embedding, PositionalEncoding, LearnedPositionalEncoding, RotaryPositionalEncoding, PaddingMask,
    RNN, LSTM, GRU,
    MultiheadAttention, CrossAttention, TransformerEncoderLayer, TransformerDecoderLayer,
    Dropout, Dropout1d, Dropout2d, Dropout3d, AlphaDropout, FeatureAlphaDropout, DropPath,
    BatchNorm1d, BatchNorm2d, BatchNorm3d, LayerNorm, GroupNorm, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d,
    RMSNorm, LocalResponseNorm,
    SqueezeExcitation,
    Upsample, PixelShuffle, PixelUnshuffle,
    ZeroPad1d, ZeroPad2d, ZeroPad3d, ConstantPad1d, ConstantPad2d, ConstantPad3d,
    ReflectionPad1d, ReflectionPad2d, ReflectionPad3d, ReplicationPad1d, ReplicationPad2d, ReplicationPad3d,
    CircularPad1d, CircularPad2d, CircularPad3d,
    Add, Concat, Multiply, Subtract, Average, Maximum, Dot,
    *ACTIVATIONS.values(), GLU,
)  # fmt: skip

AnyLayer = Annotated[reduce(or_, LAYERS.values()), Field(discriminator="kind"), BeforeValidator(accept_name)]
