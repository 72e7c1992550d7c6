"""Galleries."""

from io import BytesIO

import numpy as np
from PIL import Image

from builder.ui.contact_sheet import as_png, contact_sheet


def test_images_of_any_size_share_one_sheet_with_gaps_between_them():
    white, red = np.full((2, 4, 1), 255, np.uint8), np.zeros((30, 30, 3), np.uint8) + np.uint8([255, 0, 0])
    sheet = contact_sheet([white, red, white], side=10, per_row=2)
    assert sheet.shape == (26, 26, 4)
    assert sheet[5, 5].tolist() == [255, 255, 255, 255], "the wide image lies in the middle of its square"
    assert sheet[0, 5, 3] == 0, "and is transparent above"
    assert sheet[5, 21].tolist() == [255, 0, 0, 255]
    assert sheet[21, 21, 3] == 0, "no fourth image"


def test_a_sheet_as_png_has_the_same_pixels():
    sheet = contact_sheet([np.full((4, 4, 3), 200, np.uint8)], 4, 1)
    assert np.array_equal(np.asarray(Image.open(BytesIO(as_png(sheet)))), sheet)
