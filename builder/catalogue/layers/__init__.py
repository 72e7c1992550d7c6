"""Every layer that can be picked, by family."""

from functools import reduce
from operator import or_
from typing import Annotated

from pydantic import BeforeValidator, Field

from builder.catalogue.activations import ACTIVATIONS
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
from builder.catalogue.layers.linear import Flatten, Linear
from builder.catalogue.layers.merging import Add, Concat
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
from builder.catalogue.layers.transposed import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d

LAYERS = registry(
    Linear,
    Conv1d, Conv2d, Conv3d, DepthwiseConv1d, DepthwiseConv2d, SeparableConv1d, SeparableConv2d,
    ConvTranspose1d, ConvTranspose2d, ConvTranspose3d,
    MaxPool1d, MaxPool2d, MaxPool3d, AvgPool1d, AvgPool2d, AvgPool3d, LPPool1d, LPPool2d, LPPool3d,
    AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d, AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d,
    GlobalAvgPool, GlobalMaxPool,
    Flatten,
    Dropout, Dropout1d, Dropout2d, Dropout3d, AlphaDropout, FeatureAlphaDropout, DropPath,
    BatchNorm1d, BatchNorm2d, BatchNorm3d, LayerNorm, GroupNorm, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d,
    RMSNorm, LocalResponseNorm,
    SqueezeExcitation,
    Upsample, PixelShuffle, PixelUnshuffle,
    ZeroPad1d, ZeroPad2d, ZeroPad3d, ConstantPad1d, ConstantPad2d, ConstantPad3d,
    ReflectionPad1d, ReflectionPad2d, ReflectionPad3d, ReplicationPad1d, ReplicationPad2d, ReplicationPad3d,
    CircularPad1d, CircularPad2d, CircularPad3d,
    Add, Concat,
    *ACTIVATIONS.values(),
)  # fmt: skip

AnyLayer = Annotated[reduce(or_, LAYERS.values()), Field(discriminator="kind"), BeforeValidator(accept_name)]
