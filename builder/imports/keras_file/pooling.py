"""Keras' pooling, margins and enlargements."""

from builder.imports.draft import Value, make
from builder.imports.imported import Unsupported
from builder.imports.keras_file.conversion import Conversion, converts
from builder.imports.keras_file.graph import KerasLayer
from builder.imports.pooling import pooled
from builder.imports.settings import as_tuple, ends_of, padded, same_padding


@converts(*(f"{kind}Pooling{rank}D" for kind in ("Max", "Average") for rank in (1, 2, 3)))
def pool(layer: KerasLayer, conversion: Conversion) -> Value:
    value, rank = conversion.channels_first(layer), int(layer.kind[-2])
    kernel = as_tuple(layer.config["pool_size"], rank)
    strides = as_tuple(layer.config.get("strides") or kernel, rank)
    is_same = layer.config.get("padding", "valid") == "same"
    totals = same_padding(value.shape[1:], kernel, strides, (1,) * rank) if is_same else (0,) * rank
    fields = {"count_include_pad": False} if layer.kind.startswith("Average") and any(totals) else {}
    own = conversion.draft.own(value)
    return conversion.seen(pooled(conversion.draft, own, layer.kind[:3], kernel, strides, ends_of(totals), fields), layer)  # fmt: skip


@converts(*(f"Global{kind}Pooling{rank}D" for kind in ("Max", "Average") for rank in (1, 2, 3)))
def global_pool(layer: KerasLayer, conversion: Conversion) -> Value:
    value, kind = conversion.channels_first(layer), "Avg" if "Average" in layer.kind else "Max"
    if not layer.config.get("keepdims"):
        return conversion.draft.add(make(f"Global{kind}Pool"), conversion.draft.own(value))
    made = make(f"Adaptive{kind}Pool{layer.kind[-2]}d", output_size=1)
    return conversion.seen(conversion.draft.add(made, conversion.draft.own(value)), layer)


@converts("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D")
def zero_padding(layer: KerasLayer, conversion: Conversion) -> Value:
    value, rank = conversion.channels_first(layer), int(layer.kind[-2])
    given = layer.config["padding"]
    pairs = [given] if rank == 1 and not isinstance(given, int) else as_tuple(given, rank)
    pairs = [as_tuple(pair, 2) for pair in pairs]
    pads = (*(pair[0] for pair in pairs), *(pair[1] for pair in pairs))
    return conversion.seen(padded(conversion.draft, conversion.draft.own(value), pads), layer)


@converts("UpSampling1D", "UpSampling2D", "UpSampling3D")
def upsampling(layer: KerasLayer, conversion: Conversion) -> Value:
    value, rank = conversion.channels_first(layer), int(layer.kind[-2])
    factors = set(as_tuple(layer.config["size"], rank))
    mode = layer.config.get("interpolation", "nearest")
    if len(factors) > 1 or mode not in ("nearest", "bilinear"):
        raise Unsupported("It enlarges each axis by another factor, or in another way than nearest or bilinear.")
    made = make("Upsample", scale_factor=factors.pop(), mode=mode)
    return conversion.seen(conversion.draft.add(made, conversion.draft.own(value)), layer)
