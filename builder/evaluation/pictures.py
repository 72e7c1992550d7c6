"""Draws what a node gives for one example as a small grey picture: feature maps, a strip over time, or units by rows."""

import math
from base64 import b64encode
from io import BytesIO

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

LARGEST_BYTES = 4000
"""Of a picture as a data URL: a model of a hundred nodes then stays below half a megabyte."""
TILES = 16
_SIZES = (64, 48, 32, 24, 16, 8)
"""Longest side in pixels of a feature map or a strip; the first that is small enough is taken."""
_GAP = 1


def picture_of(values: Tensor, axes: tuple[str, ...]) -> tuple[str | None, str]:
    """A PNG as data URL, None where there is nothing to see, and what it shows. `values` are (N, *shape)."""
    values = values.nan_to_num(0.0, 0.0, 0.0)
    first = values[0]
    if first.dim() == 1:
        return (tiles(values[None, : _SIZES[0]]) if len(first) > 1 else None), "rows"
    if first.dim() == 2:  # time runs to the right
        return tiles((first if axes[0] == "channels" else first.T)[None]), "steps"
    if first.dim() == 3:
        return tiles(first[:TILES]), "channels"
    return (tiles(first[:TILES, first.shape[1] // 2]) if first.dim() == 4 else None), "slices"


def tiles(maps_MHW: Tensor) -> str | None:
    """Maps beside and below each other, shrunk until they take little; None if nothing is small enough."""
    if not maps_MHW.numel():
        return None
    drawn = (_encoded(_tiled(maps_MHW[:TILES], size)) for size in _SIZES)
    return next((address for address in drawn if len(address) <= LARGEST_BYTES), None)


def _tiled(maps_MHW: Tensor, size: int) -> Tensor:
    """All maps on one plane, each with its own range of grey, as bytes."""
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
