"""Changes training images at random, the same way for the same seed, epoch and place; the live preview shows the same."""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from builder.catalogue.augmentations import (
    Augmentation,
    Brightness,
    HorizontalFlip,
    Noise,
    RandomCrop,
    Rotate,
    VerticalFlip,
)  # fmt: skip


def sample_rng(seed: int, epoch: int, index: int) -> np.random.Generator:
    """Chance for one image in one epoch, whatever was drawn before it."""
    return np.random.default_rng((seed, epoch, index))


def augment(image_HWC: np.ndarray, augmentations: Sequence[Augmentation], rng: np.random.Generator) -> np.ndarray:
    """Uint8 or float32 (H, W, C) from 0 to 255; float32 of the same shape and range comes back."""
    image = np.asarray(image_HWC, np.float32)
    for augmentation in augmentations:
        image = CHANGES[type(augmentation)](image, augmentation, rng)
    return np.ascontiguousarray(image)


def _flip_left_right(image: np.ndarray, flip: HorizontalFlip, rng: np.random.Generator) -> np.ndarray:
    return image[:, ::-1] if rng.random() < flip.p else image


def _flip_up_down(image: np.ndarray, flip: VerticalFlip, rng: np.random.Generator) -> np.ndarray:
    return image[::-1] if rng.random() < flip.p else image


def _rotate(image: np.ndarray, rotate: Rotate, rng: np.random.Generator) -> np.ndarray:
    """The corners that come free take the colour that is usual along the border."""
    angle = rng.uniform(-rotate.degrees, rotate.degrees)
    border = np.sort(np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]]), axis=0)
    middle = len(border) // 2
    fills = (border[middle - 1] + border[middle]) / 2  # np.median takes six times as long for as few
    return _channels(
        image, lambda plane, at: plane.rotate(angle, Image.Resampling.BILINEAR, fillcolor=float(fills[at]))
    )


def _crop(image: np.ndarray, crop: RandomCrop, rng: np.random.Generator) -> np.ndarray:
    height, width = image.shape[:2]
    tall, wide = rng.uniform(crop.smallest, 1, 2) * (height, width)
    top, left = rng.random(2) * (height - tall, width - wide)
    box = (left, top, min(left + wide, width), min(top + tall, height))
    return _channels(image, lambda plane, at: plane.resize((width, height), Image.Resampling.BILINEAR, box))


def _brighten(image: np.ndarray, brightness: Brightness, rng: np.random.Generator) -> np.ndarray:
    return np.clip(image * np.float32(1 + rng.uniform(-brightness.strength, brightness.strength)), 0, 255)


def _add_noise(image: np.ndarray, noise: Noise, rng: np.random.Generator) -> np.ndarray:
    return np.clip(image + rng.standard_normal(image.shape, np.float32) * np.float32(noise.std), 0, 255)


def _channels(image: np.ndarray, change: Callable[[Image.Image, int], Image.Image]) -> np.ndarray:
    """Applies `change` to each channel as a float picture, so that nothing is rounded."""
    planes = [change(Image.fromarray(np.ascontiguousarray(image[:, :, at])), at) for at in range(image.shape[2])]
    return np.stack([np.asarray(plane, np.float32) for plane in planes], axis=2)


CHANGES: dict[type[Augmentation], Callable] = {
    HorizontalFlip: _flip_left_right, VerticalFlip: _flip_up_down, Rotate: _rotate, RandomCrop: _crop,
    Brightness: _brighten, Noise: _add_noise,
}  # fmt: skip
