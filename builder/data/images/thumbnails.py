"""Small PNG pictures for the gallery and the preview of augmentation."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from builder.catalogue.augmentations import Augmentation
from builder.data.images.augment import augment, sample_rng

if TYPE_CHECKING:
    from builder.data.images.dataset import ImageDataset

SIDE = 112


@dataclass(frozen=True)
class Thumbnail:
    """`index` is the image's place in the dataset."""

    index: int
    label: str
    name: str
    png: bytes


def thumbnail(image_HWC: np.ndarray, side: int = SIDE) -> bytes:
    """PNG bytes, at most `side` pixels wide and high; small images are enlarged without blur."""
    pixels = np.clip(np.round(image_HWC), 0, 255).astype(np.uint8)
    picture = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    scale = side / max(picture.size)
    how = Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.NEAREST
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    content = BytesIO()
    picture.resize(size, how).save(content, "PNG")
    return content.getvalue()


def gallery(
    dataset: "ImageDataset", label: str | None = None, count: int = 24, seed: int = 0, side: int = SIDE
) -> tuple[Thumbnail, ...]:
    """Some images, drawn by `seed`; of one class, or of each class in turn."""
    rng = np.random.default_rng(seed)
    wanted = range(len(dataset.classes)) if label is None else [dataset.classes.index(label)]
    drawn = [rng.permutation(np.flatnonzero(dataset.labels == place))[:count] for place in wanted]
    in_turn = [rows[at] for at in range(count) for rows in drawn if at < len(rows)]
    return tuple(
        Thumbnail(
            int(row), dataset.classes[dataset.labels[row]], dataset.names[row], thumbnail(dataset.read(row), side)
        )
        for row in in_turn[:count]
    )


def preview_augmentation(
    image_HWC: np.ndarray, augmentations: Sequence[Augmentation], count: int = 8, seed: int = 0, side: int = SIDE
) -> tuple[bytes, ...]:
    """The image as `count` epochs of training would see it, as PNG bytes."""
    return tuple(
        thumbnail(augment(image_HWC, augmentations, sample_rng(seed, epoch, 0)), side) for epoch in range(count)
    )
