"""Augmentation depends on seed, epoch and place alone, and does what it says."""

import numpy as np
import pytest

from builder.catalogue.augmentations import (
    AUGMENTATIONS,
    Brightness,
    HorizontalFlip,
    Noise,
    RandomCrop,
    Rotate,
    VerticalFlip,
)
from builder.data.images.augment import augment, sample_rng

IMAGE = np.random.default_rng(0).integers(0, 256, (12, 10, 3), np.uint8)
EVERY = tuple(kind() for kind in AUGMENTATIONS.values())


@pytest.mark.parametrize("kind", AUGMENTATIONS)
def test_each_keeps_shape_and_range_and_repeats_itself(kind):
    for channels in (1, 3):
        image = IMAGE[:, :, :channels]
        changed = augment(image, (AUGMENTATIONS[kind](),), sample_rng(1, 2, 3))
        assert changed.dtype == np.float32 and changed.shape == image.shape
        assert changed.min() >= 0 and changed.max() <= 255
        np.testing.assert_array_equal(
            changed, augment(image.astype(np.float32), (AUGMENTATIONS[kind](),), sample_rng(1, 2, 3))
        )


def test_another_seed_epoch_or_place_changes_the_picture():
    pictures = {
        augment(IMAGE, EVERY, sample_rng(*at)).tobytes()
        for at in [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0)]
    }
    assert len(pictures) == 4


def test_nothing_chosen_changes_nothing():
    np.testing.assert_array_equal(augment(IMAGE, (), sample_rng(0, 0, 0)), IMAGE.astype(np.float32))


@pytest.mark.parametrize("flip, turned", [(HorizontalFlip, IMAGE[:, ::-1]), (VerticalFlip, IMAGE[::-1])])
def test_flips_mirror_always_or_never(flip, turned):
    np.testing.assert_array_equal(augment(IMAGE, (flip(p=1.0),), sample_rng(0, 0, 0)), turned)
    np.testing.assert_array_equal(augment(IMAGE, (flip(p=0.0),), sample_rng(0, 0, 0)), IMAGE)


def test_flips_happen_in_the_stated_share():
    flips = [
        bool((augment(IMAGE, (HorizontalFlip(p=0.3),), sample_rng(0, 0, at)) != IMAGE).any()) for at in range(1000)
    ]
    assert 0.25 < np.mean(flips) < 0.35


def test_no_strength_is_no_change():
    for still in (Rotate(degrees=0), RandomCrop(smallest=1), Brightness(strength=0), Noise(std=0)):
        np.testing.assert_allclose(augment(IMAGE, (still,), sample_rng(0, 0, 0)), IMAGE, atol=1e-3)


def test_brightness_scales_every_pixel_alike_within_its_strength():
    grey = np.full((4, 4, 1), 100, np.uint8)
    factors = [augment(grey, (Brightness(strength=0.2),), sample_rng(0, 0, at))[0, 0, 0] / 100 for at in range(500)]
    assert 0.8 <= min(factors) < 0.82 and 1.18 < max(factors) <= 1.2


def test_noise_has_the_stated_deviation():
    grey = np.full((200, 200, 1), 128, np.uint8)
    assert augment(grey, (Noise(std=8),), sample_rng(0, 0, 0)).std() == pytest.approx(8, rel=0.03)


def test_rotation_fills_its_corners_with_the_colour_of_the_border():
    image = np.full((20, 20, 1), 200, np.uint8)
    image[8:12, 8:12] = 0
    np.testing.assert_allclose(
        augment(image, (Rotate(degrees=45),), sample_rng(0, 0, 0))[[0, 0, -1, -1], [0, -1, 0, -1]], 200, atol=0.01
    )


def test_a_crop_of_a_ramp_is_a_flatter_ramp():
    ramp = np.tile(np.linspace(0, 250, 100), (100, 1))[:, :, None]
    for at in range(20):
        cropped = augment(ramp, (RandomCrop(smallest=0.5),), sample_rng(0, 0, at))
        spread = cropped[50, 95, 0] - cropped[50, 5, 0]
        assert 0.45 * 225 < spread < 1.02 * 225


def test_corners_that_come_free_take_the_median_colour_of_the_border():
    turned = next(at for at in range(50) if 35 < abs(sample_rng(0, 0, at).uniform(-90, 90)) < 55)
    changed = augment(IMAGE, (Rotate(degrees=90),), sample_rng(0, 0, turned))
    border = np.concatenate([IMAGE[0], IMAGE[-1], IMAGE[:, 0], IMAGE[:, -1]])
    assert changed[0, 0].tolist() == np.median(border, axis=0).tolist()
