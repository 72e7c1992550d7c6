"""Uploads are kept by content; names from a browser are shown, never opened."""

import hashlib
import io
import os
import tomllib
from pathlib import Path

import pytest

from builder.data import uploads
from builder.data.uploads import keep_upload, name_of, resolve, stamp
from builder.errors import DataError
from builder.spec.sources import FileSource, SampleSource, UploadSource


def test_an_upload_is_kept_once_under_its_hash(strata_home):
    one, two = keep_upload("a.csv", b"x,y\n"), keep_upload("b.csv", io.BytesIO(b"x,y\n"))
    assert one.sha256 == two.sha256 == hashlib.sha256(b"x,y\n").hexdigest()
    assert resolve(one).read_bytes() == b"x,y\n"
    assert [path.name for path in (strata_home / "uploads").iterdir()] == [one.sha256]


@pytest.mark.parametrize(
    "name, shown", [("../../etc/passwd", "passwd"), ("C:\\data\\t.csv", "t.csv"), ("a\nb.csv", "ab.csv"), ("..", "..")]
)
def test_only_the_plain_name_is_kept_and_never_used_as_a_path(name, shown, strata_home):
    source = keep_upload(name, b"x")
    assert source.name == shown
    assert resolve(source) == strata_home / "uploads" / source.sha256 / "content"


def test_an_empty_or_too_large_upload_is_refused_and_leaves_nothing(strata_home, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST_UPLOAD_BYTES", 10)
    for content, message in ((b"", "is empty"), (b"x" * 11, "larger than")):
        with pytest.raises(DataError, match=message):
            keep_upload("t.csv", content)
    assert list((strata_home / "uploads").iterdir()) == []


def test_missing_files_and_uploads_are_refused(tmp_path):
    with pytest.raises(DataError, match="There is no file or folder"):
        resolve(FileSource(path="nowhere.csv"), tmp_path)
    for path in ("~nobody-of-that-name/t.csv", "a\0b", "/dev/null"):
        with pytest.raises(DataError, match="There is no file or folder"):
            resolve(FileSource(path=path), tmp_path)
    with pytest.raises(DataError, match=r"'t.csv' is not on this machine"):
        resolve(UploadSource(sha256="0" * 64, name="t.csv"))


def test_the_largest_upload_is_what_the_server_lets_through():
    settings = tomllib.loads((Path(uploads.__file__).parents[2] / ".streamlit" / "config.toml").read_text())
    assert settings["server"]["maxUploadSize"] << 20 == uploads.LARGEST_UPLOAD_BYTES


def test_the_stamp_changes_with_the_file_or_folder(tmp_path):
    folder, path = tmp_path / "pets" / "cat", tmp_path / "t.csv"
    folder.mkdir(parents=True)
    sources = FileSource(path="pets"), FileSource(path="t.csv")

    def stamps() -> list[str]:
        return [stamp(source, tmp_path) for source in sources]

    seen = [stamps()]
    path.write_text("x")
    (folder / "a.png").write_text("x")
    seen.append(stamps())
    assert stamps() == seen[-1]
    path.write_text("xy")
    (folder / "a.png").write_text("y")
    os.utime(folder / "a.png", ns=(2**62, 2**62))
    seen.append(stamps())
    path.unlink()
    (folder / "a.png").unlink()
    seen.append(stamps())
    assert [len(set(column)) for column in zip(*seen, strict=True)] == [4, 3]  # no file is no file
    assert stamp(SampleSource(name="iris")) == stamp(UploadSource(sha256="0" * 64, name="t.csv"))


def test_a_relative_path_starts_at_the_base_and_is_called_by_its_name(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "t.csv").write_text("x")
    source = FileSource(path="data/t.csv")
    assert resolve(source, tmp_path) == tmp_path / "data" / "t.csv" and name_of(source) == "t.csv"
