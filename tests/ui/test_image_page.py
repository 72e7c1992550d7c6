"""The Data page of images: size, colour, augmentation with its preview."""

import numpy as np
import pytest

from builder.runs.projects import ProjectStore
from builder.spec.data import ImageData
from builder.spec.sources import SampleSource
from builder.ui.image_settings import _at_model_size


@pytest.fixture
def digits(app):
    app.button(key="template_digits-mlp").click().run()
    return app.switch_page("pages/views/data.py").run()


def data_of(app) -> ImageData:
    return ProjectStore().load(app.query_params["project"]).present.data


def test_every_class_has_a_row_in_the_gallery(digits):
    assert not digits.exception
    assert len([element for element in digits.markdown if " images" in element.value]) == 10


def test_the_size_is_changed_and_bounded(digits):
    digits.segmented_control(key="view").set_value("format").run()
    digits.number_input(key="image_height").set_value(16).run()
    assert data_of(digits).height == 16
    assert digits.metric[2].value == "1 × 16 × 28"


def test_a_random_change_is_added_adjusted_and_removed(digits):
    digits.segmented_control(key="view").set_value("augment").run()
    digits.selectbox(key="augmentation_kind").select("Rotate").run()
    digits.button(key="add_augmentation").click().run()
    digits.number_input(key="augmentation_0_degrees").set_value(30.0).run()
    assert not digits.exception
    assert [(item.kind, item.degrees) for item in data_of(digits).augmentations] == [("Rotate", 30.0)]
    digits.button(key="remove_augmentation_0").click().run()
    assert data_of(digits).augmentations == ()


def test_the_preview_shows_images_as_large_as_the_model_takes_them():
    image = np.arange(12 * 20 * 3, dtype=np.uint8).reshape(12, 20, 3)
    data = ImageData(source=SampleSource(name="digits"), height=8, width=10)
    assert _at_model_size(image, data).shape == (8, 10, 3)
    assert _at_model_size(image[:, :, :1], data.model_copy(update={"color": "grayscale"})).shape == (8, 10, 1)
