"""Attacks A1, A3 and A4 on archives and images: really built, and refused."""

import io
import stat
import struct
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

from builder.data.dataset import prepare
from builder.data.images import archive as archives
from builder.data.images.decode import Unreadable, read_image
from builder.data.propose import propose
from builder.data.uploads import keep_upload
from builder.errors import DataError
from builder.spec.sources import FileSource

PNG = io.BytesIO()
Image.new("RGB", (8, 8)).save(PNG, "PNG")
PNG = PNG.getvalue()


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], method=zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for at in range(3):
            archive.writestr(f"cat/{at}.png", PNG)
            archive.writestr(f"dog/{at}.png", PNG)
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "name", ["../evil.png", "cat/../../evil.png", "/etc/evil.png", "..\\evil.png", "C:/evil.png", "cat/../dog/x.png"]
)
def test_a_path_that_leads_out_is_refused(name, strata_home):
    with pytest.raises(DataError, match="leads out of the archive"):
        propose(keep_upload("pets.zip", zipped((name, PNG))))
    assert not list(strata_home.rglob("evil.png"))


def test_a_link_in_a_zip_is_refused():
    link = zipfile.ZipInfo("cat/link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(DataError, match=r"'cat/link.png' is a link"):
        propose(keep_upload("pets.zip", zipped((link, b"/etc/passwd"))))


def test_a_link_out_of_a_folder_is_refused(tmp_path):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "s.png").write_bytes(PNG)
    for label in ("cat", "dog"):
        (tmp_path / "pets" / label).mkdir(parents=True)
        (tmp_path / "pets" / label / "0.png").write_bytes(PNG)
    (tmp_path / "pets" / "cat" / "link.png").symlink_to(tmp_path / "secret" / "s.png")
    with pytest.raises(DataError, match=r"'cat/link.png' is a link that leads out"):
        propose(FileSource(path="pets"), base=tmp_path)
    (tmp_path / "pets" / "cat" / "link.png").unlink()
    (tmp_path / "pets" / "owl").symlink_to(tmp_path / "secret")
    with pytest.raises(DataError, match="'owl' is a link that leads out"):
        propose(FileSource(path="pets"), base=tmp_path)


def test_a_file_that_unpacks_a_thousandfold_is_left_out():
    dataset = prepare(propose(keep_upload("pets.zip", zipped(("cat/bomb.png", b"\0" * (40 << 20))))))
    assert dict(dataset.unreadable) == {"cat/bomb.png": "unpacks to far more than its packed size"}


def test_a_zip_that_lies_about_its_sizes_is_left_out():
    content = bytearray(zipped(("cat/bomb.png", b"\0" * (40 << 20))))
    entry = content.rindex(b"cat/bomb.png") - 46
    assert content[entry : entry + 4] == b"PK\x01\x02"
    struct.pack_into("<I", content, entry + 24, 100)  # announces 100 bytes
    dataset = prepare(propose(keep_upload("pets.zip", bytes(content))))
    assert [name for name, _ in dataset.unreadable] == ["cat/bomb.png"]


def test_too_many_files_or_bytes_are_refused(monkeypatch):
    monkeypatch.setattr(archives, "MOST_MEMBERS", 5)
    with pytest.raises(DataError, match="has 6 files; 5 are allowed"):
        propose(keep_upload("pets.zip", zipped()))
    monkeypatch.setattr(archives, "MOST_MEMBERS", 100)
    monkeypatch.setattr(archives, "LARGEST_TOTAL_BYTES", 100)
    with pytest.raises(DataError, match="unpacks to more than"):
        propose(keep_upload("pets.zip", zipped()))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_file_of_any_packing_is_left_out(method):
    content = bytearray(zipped(("cat/hurt.png", PNG), method=method))
    start = content.index(b"cat/hurt.png") + len(b"cat/hurt.png")
    content[start + 10 : start + 40] = b"\xff" * 30
    dataset = prepare(propose(keep_upload("pets.zip", bytes(content))))
    assert [name for name, _ in dataset.unreadable] == ["cat/hurt.png"]


def test_an_encrypted_or_damaged_zip_is_refused():
    content = bytearray(zipped())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    with pytest.raises(DataError, match="is encrypted"):
        propose(keep_upload("pets.zip", bytes(content)))
    with pytest.raises(DataError, match="is damaged"):
        propose(keep_upload("pets.zip", zipped()[:-30]))


def png_of(width: int, height: int) -> bytes:
    """A few bytes that announce an image of any size."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [8_000, 12_000, 60_000])
def test_an_image_bomb_is_unreadable_before_its_pixels_are_unpacked(side):
    with pytest.raises(Unreadable, match="pixels"):
        read_image(png_of(side, side), "rgb")
    dataset = prepare(propose(keep_upload("pets.zip", zipped(("cat/bomb.png", png_of(side, side))))))
    assert [name for name, _ in dataset.unreadable] == ["cat/bomb.png"]


class Evil:
    def __reduce__(self):
        return (exec, ("raise SystemExit('executed')",))


def test_nothing_is_unpickled():
    evil = b"cbuiltins\nexec\n(S'raise SystemExit'\ntR."
    arrays = io.BytesIO()
    np.save(arrays, np.array([Evil()], object), allow_pickle=True)
    for content in (evil, arrays.getvalue()):
        with pytest.raises(DataError):
            propose(keep_upload("table.csv", content))
        with pytest.raises(Unreadable):
            read_image(content, "rgb")
