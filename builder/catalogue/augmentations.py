"""Random changes to training images, so that the model sees each one a little differently every epoch."""

from functools import reduce
from operator import or_
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from builder.catalogue.component import Component, accept_name, real, registry


class Augmentation(Component):
    """Applied by `builder.data.images.augment`, in the listed order, to training images alone."""

    source = "Shorten and Khoshgoftaar 2019"


class HorizontalFlip(Augmentation):
    kind: Literal["HorizontalFlip"] = "HorizontalFlip"
    label = "Flip left–right"
    help = "Mirrors the image; not for writing or anything where left and right differ."
    p: float = real(0.5, "Probability", "Share of images that are mirrored.", ge=0, le=1)


class VerticalFlip(Augmentation):
    kind: Literal["VerticalFlip"] = "VerticalFlip"
    label = "Flip up–down"
    help = "Turns the image upside down; fits images from above or through a microscope."
    p: float = real(0.5, "Probability", "Share of images that are turned.", ge=0, le=1)


class Rotate(Augmentation):
    kind: Literal["Rotate"] = "Rotate"
    label = "Rotate"
    help = "Turns the image by a random angle to either side."
    degrees: float = real(15.0, "Largest angle", "Degrees to either side.", ge=0, le=180)


class RandomCrop(Augmentation):
    kind: Literal["RandomCrop"] = "RandomCrop"
    label = "Crop"
    help = "Cuts out a random part of the image and enlarges it to full size."
    smallest: float = real(0.8, "Smallest side", "Least share of each side that stays, 0.1 to 1.", ge=0.1, le=1)


class Brightness(Augmentation):
    kind: Literal["Brightness"] = "Brightness"
    label = "Brightness"
    help = "Makes the image brighter or darker."
    strength: float = real(0.2, "Strength", "Largest share by which brightness rises or falls.", ge=0, le=1)


class Noise(Augmentation):
    kind: Literal["Noise"] = "Noise"
    label = "Noise"
    help = "Adds fine random grain."
    std: float = real(8.0, "Strength", "Standard deviation in grey levels, of 255.", ge=0, le=128)


AUGMENTATIONS = registry(HorizontalFlip, VerticalFlip, Rotate, RandomCrop, Brightness, Noise)
AnyAugmentation = Annotated[
    reduce(or_, AUGMENTATIONS.values()), Field(discriminator="kind"), BeforeValidator(accept_name)
]  # fmt: skip
