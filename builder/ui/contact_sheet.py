"""Puts many small images into one picture, so that a gallery is one request and not a hundred."""

from collections.abc import Sequence
from io import BytesIO

import numpy as np

_GAP = 6


def contact_sheet(images_HWC: Sequence[np.ndarray], side: int, per_row: int) -> np.ndarray:
    """uint8 images of any size as (rows, columns) of squares of `side` pixels, transparent between them.

    Output shape: (H, W, 4), uint8.
    """
    rows = -(-len(images_HWC) // per_row)
    columns = min(per_row, len(images_HWC))
    step = side + _GAP
    sheet = np.zeros((rows * step - _GAP, columns * step - _GAP, 4), np.uint8)
    for place, image in enumerate(images_HWC):
        top, left = place // per_row * step, place % per_row * step
        sheet[top : top + side, left : left + side] = _square(image, side)
    return sheet


def as_png(image_HWC: np.ndarray) -> bytes:
    from PIL import Image

    file = BytesIO()
    Image.fromarray(image_HWC).save(file, "PNG")
    return file.getvalue()


def _square(image_HWC: np.ndarray, side: int) -> np.ndarray:
    """Fitted into a transparent square; small images keep their pixels visible."""
    from PIL import Image  # not before a gallery is drawn

    channels = image_HWC[:, :, 0] if image_HWC.shape[2] == 1 else image_HWC
    picture = Image.fromarray(channels).convert("RGBA")
    scale = side / max(picture.size)
    size = tuple(max(1, round(length * scale)) for length in picture.size)
    picture = picture.resize(size, Image.Resampling.NEAREST if scale >= 1 else Image.Resampling.BOX)
    square = Image.new("RGBA", (side, side))
    square.paste(picture, ((side - size[0]) // 2, (side - size[1]) // 2))
    return np.asarray(square)
