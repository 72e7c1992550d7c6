"""A zip of pictures, from landing to a file that onnxruntime runs on pictures of any size."""

import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.browser.journey import download_onnx, expect_no_error, launch, open_page, upload, wait_for_end
from tests.raw_onnx import run_onnx

CLASSES = ("circle", "cross")


def picture(kind: str, random: np.random.Generator, mode: str = "RGB") -> Image.Image:
    """A drawn circle or cross on noise, of no fixed size."""
    side = int(random.integers(30, 44))
    image = Image.fromarray(random.integers(0, 90, (side, side + 4, 3), dtype=np.uint8))
    draw, box = ImageDraw.Draw(image), (6, 6, side - 7, side - 7)
    if kind == "circle":
        draw.ellipse(box, outline="white", width=4)
    else:
        draw.line(box, fill="white", width=4)
        draw.line((box[0], box[3], box[2], box[1]), fill="white", width=4)
    return image.convert(mode)


def write_zip(path: Path) -> None:
    random = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as archive:
        for index in range(160):
            kind, mode = CLASSES[index % 2], ("RGB", "L", "RGBA", "P")[index % 4]
            content = BytesIO()
            picture(kind, random, mode).save(content, "PNG")
            archive.writestr(f"{kind}/{index}.png", content.getvalue())
        archive.writestr("circle/broken.png", b"this is no picture")


def test_pictures_of_many_sizes_go_the_whole_way(app, page, tmp_path):
    write_zip(tmp_path / "shapes.zip")
    upload(page, tmp_path / "shapes.zip")
    expect(page.locator("body")).to_contain_text("broken.png")
    expect(page.locator("body")).to_contain_text("160")
    open_page(page, "Train")
    launch(page)
    wait_for_end(page)
    open_page(page, "Evaluate")
    expect(page.locator(".st-key-metric_cards")).to_contain_text("Accuracy")
    open_page(page, "Export")
    path = download_onnx(page, tmp_path)
    expect_no_error(page)
    random = np.random.default_rng(1)
    truth = [CLASSES[index % 2] for index in range(40)]
    batches = [{"image": np.asarray(picture(kind, random))[None].tolist()} for kind in truth]
    result = run_onnx(path, batches, tmp_path)
    assert result["inputs"] == [["image", "tensor(uint8)", ["batch", "height", "width", 3]]]
    right = sum(a == b for a, b in zip(result["answers"]["label"], truth, strict=True))
    assert right >= 36  # pictures that neither training nor test ever saw
