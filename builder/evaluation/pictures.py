"""Draws what a node gives for one example as a small grey picture: feature maps, a strip over time, or units by rows."""

import math
from base64 import b64encode
from io import BytesIO

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from builder.catalogue.layer import Layer

LARGEST_BYTES = 4000
"""Of a picture as a data URL: a model of a hundred nodes then stays below half a megabyte."""
TILES = 16
_SIZES = (64, 48, 32, 24, 16, 8)
"""Longest side in pixels of a feature map or a strip; the first that is small enough is taken."""
_GAP = 1


def picture_of(values: Tensor, layer: Layer) -> str | None:
    """A PNG as data URL; None where there is nothing to see. `values` are (N, *shape)."""
    plane = _plane(values.nan_to_num(0.0, 0.0, 0.0), layer)
    if plane is None or not plane.numel():
        return None
    for size in _SIZES:
        address = _encoded(_tiled(plane, size))
        if len(address) <= LARGEST_BYTES:
            return address
    return None


def _plane(values: Tensor, layer: Layer) -> Tensor | None:
    """Maps (M, H, W) of the first example; of plain features one map, examples downwards and units to the right."""
    first, names = values[0], getattr(layer, "axes", None)
    if first.dim() == 1:
        return values[: max(_SIZES)].unsqueeze(0) if len(first) > 1 else None
    if first.dim() == 2:  # time runs to the right
        return (first if names and names[0] == "channels" else first.T).unsqueeze(0)
    if first.dim() == 3:
        return first[:TILES]
    return first[:TILES, first.shape[1] // 2] if first.dim() == 4 else None  # the middle slice of a volume


def _tiled(maps_MHW: Tensor, size: int) -> Tensor:
    """All maps beside and below each other, each with its own grey range, as bytes."""
    maps = [_grey(_shrunk(each, size)) for each in maps_MHW]
    columns = math.ceil(math.sqrt(len(maps)))
    blank = torch.full_like(maps[0], 255)
    maps += [blank] * (-len(maps) % columns)
    padded = [F.pad(each, (0, _GAP, 0, _GAP), value=255) for each in maps] if len(maps) > 1 else maps
    rows = [torch.cat(padded[at : at + columns], dim=1) for at in range(0, len(padded), columns)]
    return torch.cat(rows)


def _shrunk(map_HW: Tensor, size: int) -> Tensor:
    """At most `size` pixels high and wide."""
    sides = [min(side, size) for side in map_HW.shape]
    return F.adaptive_avg_pool2d(map_HW[None], sides)[0]


def _grey(map_HW: Tensor) -> Tensor:
    low, high = map_HW.min(), map_HW.max()
    return ((map_HW - low) / (high - low).clamp(min=1e-12) * 255).byte()


def _encoded(image_HW: Tensor) -> str:
    stored = BytesIO()
    Image.fromarray(image_HW.contiguous().numpy(), "L").save(stored, "PNG", optimize=True)
    return "data:image/png;base64," + b64encode(stored.getvalue()).decode()
