"""Images of every mode and size come in as pixels, whatever lies beside them."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from builder.data.dataset import prepare
from builder.data.images.decode import Unreadable, read_image
from builder.data.images.further import part_read, read_images
from builder.data.images.idx import write_idx
from builder.data.propose import propose
from builder.data.uploads import keep_upload
from builder.errors import DataError
from builder.spec.data import ImageData
from builder.spec.sources import DownloadSource, FileSource


def encode(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def plain(value, size=(10, 8), mode="RGB") -> bytes:
    return encode(Image.new(mode, size, value))


def pack(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def two_classes(count: int = 10, prefix: str = "", **more: bytes) -> dict[str, bytes]:
    cats = {f"{prefix}cat/{at}.png": plain((at, 0, 0)) for at in range(count)}
    dogs = {f"{prefix}dog/{at}.png": plain((0, at, 0)) for at in range(count)}
    return cats | dogs | more


def images_of(files: dict[str, bytes]):
    return prepare(propose(keep_upload("pets.zip", pack(files))))


def test_a_zip_packed_on_windows_with_backslashes_is_read_as_any_other():
    files = {name.replace("/", "\\"): content for name, content in two_classes(prefix="pets/").items()}
    dataset = images_of(files | {"pets\\cat\\": b""})
    assert dataset.classes == ("cat", "dog") and len(dataset) == 20 and not dataset.unreadable


def test_a_zip_of_a_table_says_to_bring_the_table():
    with pytest.raises(DataError, match=r"Unpack it and bring the table 'sales/2024\.csv' itself"):
        images_of({"sales/2024.csv": b"a,b\n1,2\n"})


def test_a_zip_with_a_folder_for_each_class_becomes_a_dataset():
    dataset = images_of(two_classes())
    assert dataset.classes == ("cat", "dog") and len(dataset) == 20 and dataset.facts.task == "binary"
    assert dataset.split.row_counts == (14, 3, 3) and dataset.facts.input_shape == (3, 8, 10)
    at = dataset.names.index("dog/7.png")
    assert dataset.classes[dataset.labels[at]] == "dog"
    np.testing.assert_array_equal(dataset.read(at), np.full((8, 10, 3), (0, 7, 0)))
    assert dataset.stacked().shape == (20, 8, 10, 3)


def test_a_folder_gives_the_same_as_its_zip(tmp_path):
    for name, content in two_classes().items():
        path = tmp_path / "pets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    zipped, loose = images_of(two_classes()), prepare(propose(FileSource(path="pets"), base=tmp_path), base=tmp_path)
    assert zipped.names == loose.names and (zipped.labels == loose.labels).all()
    assert (zipped.stacked() == loose.stacked()).all() and (zipped.split.test == loose.split.test).all()


def test_wrapping_folders_and_what_systems_leave_behind_are_ignored():
    litter = {
        "__MACOSX/pets/cat/._0.png": b"x",
        "pets/.DS_Store": b"x",
        "pets/cat/Thumbs.db": b"x",
        "pets/.git/config": b"x",
    }
    dataset = images_of(two_classes(prefix="pets/") | litter)
    assert dataset.classes == ("cat", "dog") and dataset.unreadable == ()


def test_unreadable_files_are_listed_and_not_fatal():
    whole = plain((1, 2, 3), (64, 64))
    files = two_classes() | {
        "cat/notes.txt": b"hello",
        "cat/cut.png": whole[: len(whole) // 2],
        "readme.md": b"x",
        "dog/empty.png": b"",
    }
    dataset = images_of(files)
    reasons = dict(dataset.unreadable)
    assert len(dataset) == 20 and set(reasons) == {"cat/notes.txt", "cat/cut.png", "readme.md", "dog/empty.png"}
    assert reasons["cat/notes.txt"] == "not an image" and reasons["readme.md"] == "not in the folder of a class"
    assert "damaged" in reasons["cat/cut.png"]
    assert "4 files could not be used" in dataset.warnings()[0].message


def test_classes_that_differ_only_by_case_are_told():
    dataset = images_of({f"{name}/{at}.png": plain((at, 0, 0)) for name in ("Cat", "cat", "dog") for at in range(10)})
    assert [warning.message for warning in dataset.warnings()] == [
        "Some classes differ only by case or spaces: 'Cat' and 'cat'. Write them alike if they mean the same."
    ]


def test_train_and_test_folders_are_a_given_test_set():
    files = two_classes(20, "pets/train/") | two_classes(4, "pets/test/")
    dataset = images_of(files)
    assert dataset.classes == ("cat", "dog") and dataset.split.row_counts == (33, 7, 8)
    assert all("/test/" in dataset.names[row] for row in dataset.split.test)
    mixed = prepare(dataset.data.model_copy(update={"keep_given_test": False}))
    assert mixed.split.row_counts == (34, 7, 7)


@pytest.mark.parametrize("with_test", [True, False])
def test_a_given_validation_set_joins_the_training_images_and_that_is_told(with_test):
    files = two_classes(20, "pets/train/") | two_classes(4, "pets/val/")
    dataset = images_of(files | (two_classes(4, "pets/test/") if with_test else {}))
    assert dataset.classes == ("cat", "dog") and len(dataset) == 48 + 8 * with_test
    assert (len(dataset.split.test) == 8) == with_test
    assert [warning.message for warning in dataset.warnings()] == [
        "The images of the folder 'val' join those for training, and together they are dealt by the shares of the split. Leave 'val' out if it must not be learnt from."
    ]
    assert images_of(two_classes(20, "val/")).warnings() == ()  # a folder around all images


@pytest.mark.parametrize(
    "files, message",
    [
        ({"a.png": plain(0), "b.png": plain(0)}, "one subfolder of images for each class, at least two; got none"),
        ({"cat/a.png": plain(0), "cat/b.png": plain(0)}, "got only 'cat'"),
        ({"cat/a.png": plain(0), "dog/b.txt": b"x"}, "readable images for 1 of 2 classes"),
        ({"cat/a.txt": b"x", "dog/b.txt": b"x"}, "no readable image"),
        ({"cat/a.png": plain(0), "dog/b.png": plain(0)}, "at least 3 rows"),
    ],
)  # fmt: skip
def test_an_archive_that_cannot_be_learnt_from_is_refused_with_the_reason(files, message):
    with pytest.raises(DataError, match=message):
        images_of(files)


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side
    image = Image.new("RGB", (20, 10), (0, 0, 255))
    return encode(image, "JPEG", exif=exif)


def palette() -> Image.Image:
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 10, 20, 30] + [0] * 762)
    return image


@pytest.mark.parametrize(
    "content, rgb",
    [
        (plain(77, mode="L"), (77, 77, 77)),
        (plain(1, mode="1"), (255, 255, 255)),
        (plain((10, 20, 30, 0), mode="RGBA"), (255, 255, 255)),
        (plain((0, 0, 0, 51), mode="RGBA"), (204, 204, 204)),
        (plain((90, 255), mode="LA"), (90, 90, 90)),
        (encode(palette()), (10, 20, 30)),
        (encode(palette(), transparency=1), (255, 255, 255)),
        (encode(Image.new("CMYK", (4, 4), (0, 255, 255, 0)), "TIFF"), (255, 0, 0)),
        (encode(Image.fromarray(np.full((4, 4), 65535, np.uint16))), (255, 255, 255)),
        (encode(Image.fromarray(np.full((4, 4), 32896, np.uint16))), (128, 128, 128)),
        (encode(Image.new("RGB", (4, 4), (1, 2, 3)), "BMP"), (1, 2, 3)),
        (encode(Image.new("RGB", (4, 4), (9, 9, 9)), "WEBP", lossless=True), (9, 9, 9)),
        (encode(Image.new("L", (4, 4), 9), "GIF"), (9, 9, 9)),
    ],
)  # fmt: skip
def test_every_mode_becomes_plain_colour_with_transparent_parts_on_white(content, rgb):
    image = read_image(content, "rgb")
    assert image.dtype == np.uint8 and image.shape[2] == 3
    np.testing.assert_array_equal(image.reshape(-1, 3), np.broadcast_to(rgb, (image.shape[0] * image.shape[1], 3)))


def test_a_photo_is_turned_the_way_the_camera_was_held():
    assert read_image(turned(), "rgb").shape == (20, 10, 3)


def test_grayscale_is_that_of_pillow():
    assert read_image(plain((100, 150, 200)), "grayscale").shape == (8, 10, 1)
    assert read_image(plain((100, 150, 200)), "grayscale")[0, 0, 0] == Image.new(
        "RGB", (1, 1), (100, 150, 200)
    ).convert("L").getpixel((0, 0))


def test_mixed_sizes_are_kept_as_they_are():
    sizes = [(4 + at, 9) for at in range(20)]
    files = {f"{'ab'[at % 2]}/{at:02}.png": plain((at, at, at), size) for at, size in enumerate(sizes)}
    dataset = images_of(files)
    assert dataset.stacked() is None and dataset.data.color == "grayscale"
    for row, name in enumerate(dataset.names):
        at = int(Path(name).stem)
        np.testing.assert_array_equal(dataset.read(row), np.full((9, sizes[at][0], 1), at))
    assert dataset.profile().smallest == (9, 4) and dataset.profile().largest == (9, 23)


def test_a_large_image_is_kept_as_it_is_and_a_larger_one_refused():
    assert read_image(plain(5, (4096, 30), "L"), "grayscale").shape == (30, 4096, 1)
    with pytest.raises(
        Unreadable, match=r"30 × 4,097 pixels; at most 4,096 on each side are allowed\. Make it smaller"
    ):
        read_image(plain(5, (30, 4097), "L"), "grayscale")


@pytest.mark.parametrize("kind", ["PNG", "PPM", "TIFF"])
def test_a_dark_image_of_16_bits_is_on_the_scale_of_a_bright_one(kind):
    dark, bright = (encode(Image.fromarray(np.full((2, 2), value, np.uint16)), kind) for value in (250, 51400))
    assert [read_image(content, "grayscale")[0, 0, 0] for content in (dark, bright)] == [1, 200]


def test_a_second_preparation_reads_no_image_again(monkeypatch):
    first = images_of(two_classes())
    monkeypatch.setattr("builder.data.images.importing.read_image", None)
    assert (prepare(first.data).stacked() == first.stacked()).all()


def test_further_images_are_read_from_a_file_a_folder_or_a_zip(tmp_path):
    data = ImageData(source=FileSource(path="x"), color="grayscale")
    (tmp_path / "one.png").write_bytes(plain((9, 9, 9)))
    (one,) = read_images(tmp_path / "one.png", data)
    assert one.name == "one.png" and one.pixels_HWC.shape == (8, 10, 1) and one.pixels_HWC[0, 0, 0] == 9
    (tmp_path / "more.zip").write_bytes(pack(two_classes(1, **{"loose.txt": b"x"})))
    more = list(read_images(tmp_path / "more.zip", data))
    assert [(image.name, image.folder, image.reason) for image in more] == [
        ("cat/0.png", "cat", ""), ("dog/0.png", "dog", ""), ("loose.txt", "", "not an image"),
    ]  # fmt: skip
    (tmp_path / "text.png").write_bytes(b"hello")
    assert next(read_images(tmp_path / "text.png", data)).reason == "not an image"
    with (tmp_path / "huge.png").open("wb") as file:
        file.truncate((256 << 20) + 1)
    assert next(read_images(tmp_path / "huge.png", data)).reason == "larger than 256 MB"


def test_further_idx_files_have_the_class_names_of_the_source_and_prefer_the_test_images(tmp_path):
    for part, count in (("train", 12), ("t10k", 10)):
        write_idx(tmp_path / f"{part}-images-idx3-ubyte", np.zeros((count, 8, 8)))
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte", np.arange(count) % 10)
    fashion, digits = (ImageData(source=DownloadSource(name=name), color="rgb") for name in ("fashion-mnist", "mnist"))
    images = list(read_images(tmp_path, fashion))
    assert [image.folder for image in images][::3] == ["T-shirt/top", "Dress", "Shirt", "Ankle boot"]
    assert images[0].pixels_HWC.shape == (8, 8, 3) and images[9].name == "t10k image 9" and len(images) == 10
    assert part_read(tmp_path) == "t10k"
    for role in ("images-idx3", "labels-idx1"):
        (tmp_path / f"t10k-{role}-ubyte").unlink()
    assert [image.folder for image in read_images(tmp_path, digits)] == [*"0123456789", "0", "1"]
    assert part_read(tmp_path) == "train" and part_read(tmp_path / "train-images-idx3-ubyte") is None


def test_what_pillow_would_open_with_another_program_is_no_image():
    with pytest.raises(Unreadable, match="not an image"):
        read_image(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n", "rgb")
