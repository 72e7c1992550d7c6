"""What is kept is whole, on the disk, and built anew where it is damaged."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from builder.data.dataset import prepare
from builder.data.propose import propose
from builder.data.storage import UNUSED_AFTER_S, build_once
from builder.data.uploads import keep_upload
from builder.spec.sources import FileSource
from tests.data.test_images import pack, two_classes


def test_every_file_and_folder_is_on_the_disk_before_the_name_is_there(strata_home, monkeypatch):
    events = []
    fsync, rename = os.fsync, Path.rename

    def note_fsync(handle: int) -> None:
        events.append(Path(os.readlink(f"/proc/self/fd/{handle}")).name)
        fsync(handle)

    def note_rename(path: Path, target: Path) -> Path:
        events.extend(("rename", path.name))
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(Path, "rename", note_rename)
    build_once("key", lambda folder: [(folder / name).write_text("x") for name in ("a", "b")])
    at = events.index("rename")
    unfinished = events[at + 1]
    assert sorted(events[:at]) == sorted(["a", "b", unfinished]) and events[at + 2 :] == ["datasets"]
    assert events[at - 1] == unfinished


def test_what_nobody_has_opened_for_long_makes_room_and_is_prepared_anew(strata_home):
    built = []

    def build(folder: Path) -> None:
        built.append((folder / "a").write_text("x"))

    old, used = build_once("old", build), build_once("used", build)
    long_ago = time.time() - UNUSED_AFTER_S - 60
    for folder in (old, used):
        os.utime(folder, (long_ago, long_ago))
    assert build_once("used", build) == used and len(built) == 2
    build_once("new", build)
    assert not old.exists() and used.exists()
    assert build_once("old", build).exists() and len(built) == 4


@pytest.mark.parametrize("share", [0, 0.5])
def test_a_table_that_was_cut_short_is_read_again(share, tmp_path, strata_home):
    path = tmp_path / "t.csv"
    path.write_text("a,y\n" + "1,x\n2,w\n" * 20)
    data = propose(FileSource(path=str(path)))
    whole = prepare(data).rows.frame
    for kept in [path for path in (strata_home / "datasets").rglob("*") if path.is_file()]:
        content = kept.read_bytes()
        kept.write_bytes(content[: int(len(content) * share)])
        assert prepare(data).rows.frame.equals(whole), kept.name


@pytest.mark.parametrize("share", [0, 0.5])
def test_images_that_were_cut_short_are_read_again(share, strata_home):
    data = propose(keep_upload("pets.zip", pack(two_classes())))
    whole = np.array(prepare(data).stacked())
    for kept in [path for path in (strata_home / "datasets").rglob("*") if path.is_file()]:
        content = kept.read_bytes()
        kept.write_bytes(content[: int(len(content) * share)])
        np.testing.assert_array_equal(prepare(data).stacked(), whole, kept.name)
