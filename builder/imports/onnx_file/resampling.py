"""Margins and changes of resolution, of ONNX."""

import numpy as np

from builder.imports.draft import Value, make
from builder.imports.imported import Unsupported
from builder.imports.onnx_file.conversion import Conversion, converts
from builder.imports.onnx_file.graph import Op
from builder.imports.settings import padded, short

MARGINS = {"constant": "ConstantPad", "reflect": "ReflectionPad", "edge": "ReplicationPad", "wrap": "CircularPad"}


@converts("Pad")
def pad(op: Op, conversion: Conversion) -> Value:
    value = conversion.settled(op.inputs[0])
    given, axes = conversion.numbers(op, "pads", 1), conversion.numbers(op, "", 3)
    places = range(len(value.axes)) if axes is None else [axis % len(value.axes) for axis in axes]
    starts, ends = np.zeros((2, len(value.axes)), int)
    for at, place in enumerate(places):
        starts[place], ends[place] = given[at], given[at + len(places)]
    if any(starts[:2]) or any(ends[:2]):
        raise Unsupported("It pads the batch or the channels.")
    if min(*starts, *ends) < 0:
        raise Unsupported("It cuts instead of padding.")
    kind, fields = _margin(op, conversion)
    return padded(conversion.draft, value, (*starts[2:], *ends[2:]), kind, **fields)


def _margin(op: Op, conversion: Conversion) -> tuple[str, dict[str, float]]:
    kind = MARGINS[op.attributes.get("mode", "constant")]
    filling = conversion.optional(op, 2)
    number = short(op.attributes.get("value", 0.0) if filling is None else filling.item())
    if kind != "ConstantPad":
        return kind, {}
    return (kind, {"value": number}) if number else ("ZeroPad", {})


@converts("DepthToSpace")
def depth_to_space(op: Op, conversion: Conversion) -> Value:
    if op.attributes.get("mode", "DCR") != "CRD":
        raise Unsupported("It takes the channels in another order (DCR) than PixelShuffle (CRD).")
    layer = make("PixelShuffle", upscale_factor=op.attributes["blocksize"])
    return conversion.draft.add(layer, conversion.settled(op.inputs[0]))


@converts("Resize", "Upsample")
def resize(op: Op, conversion: Conversion) -> Value:
    """By whole or broken factors, or to a size; nearest or linear, as torch.nn.Upsample does it."""
    value, rank = conversion.settled(op.inputs[0]), len(op.inputs)
    mode = {"nearest": "nearest", "linear": ("linear", "bilinear", "trilinear")[len(value.shape) - 2]}.get(op.attributes.get("mode", "nearest"))  # fmt: skip
    scales = conversion.optional(op, 2 if rank > 2 else 1)
    sizes = conversion.optional(op, 3)
    if mode is None or op.attributes.get("antialias"):
        raise Unsupported("It resamples in a way that Upsample does not: only nearest and linear are there.")
    factor = _factor(value, scales, sizes)
    return conversion.draft.add(make("Upsample", mode=mode, scale_factor=factor, **_corners(op, mode)), value)


def _factor(value: Value, scales: np.ndarray | None, sizes: np.ndarray | None) -> float:
    """Raises: Unsupported unless every axis grows alike."""
    if scales is not None and scales.size:
        factors = {short(float(factor)) for factor in scales[2:]}
    elif None in value.shape:
        raise Unsupported("It resizes from a size that is known only at run time.")
    else:
        factors = {int(wanted) / size for wanted, size in zip(sizes[2:], value.shape[1:], strict=True)}
    if len(factors) > 1:
        raise Unsupported("It resizes each axis by another factor.")
    return factors.pop()


def _corners(op: Op, mode: str) -> dict:
    """Where the pixels of the result lie in the image: torch knows two ways for linear and one for nearest."""
    way = op.attributes.get("coordinate_transformation_mode", "half_pixel" if op.type == "Resize" else "asymmetric")
    if mode == "nearest":
        if (way, op.attributes.get("nearest_mode", "floor")) != ("asymmetric", "floor"):
            raise Unsupported("It takes the nearest pixel in another way than Upsample.")
        return {}
    if way not in ("half_pixel", "pytorch_half_pixel", "align_corners"):
        raise Unsupported(f"It places pixels as '{way}', which Upsample does not.")
    return {"align_corners": way == "align_corners"}
