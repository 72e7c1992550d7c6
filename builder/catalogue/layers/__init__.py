"""Every layer that can be picked, by family."""

from functools import reduce
from operator import or_
from typing import Annotated

from pydantic import BeforeValidator, Field

from builder.catalogue.activations import ACTIVATIONS
from builder.catalogue.component import accept_name, registry
from builder.catalogue.layers.convolution import Conv2d
from builder.catalogue.layers.linear import Dropout, Flatten, Linear
from builder.catalogue.layers.merging import Add, Concat
from builder.catalogue.layers.normalization import BatchNorm1d, BatchNorm2d, LayerNorm
from builder.catalogue.layers.pooling import AdaptiveAvgPool2d, AvgPool2d, MaxPool2d

LAYERS = registry(
    Linear, Conv2d, MaxPool2d, AvgPool2d, AdaptiveAvgPool2d, Flatten, Dropout,
    BatchNorm1d, BatchNorm2d, LayerNorm, Add, Concat, *ACTIVATIONS.values(),
)  # fmt: skip

AnyLayer = Annotated[reduce(or_, LAYERS.values()), Field(discriminator="kind"), BeforeValidator(accept_name)]
