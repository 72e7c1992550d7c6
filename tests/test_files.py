"""Files are whole or as they were, and what a killed process left is found and deleted."""

import os

import pytest

from builder import files
from builder.files import bytes_from, write_atomically
from builder.runs.folder import RunFolder


class Killed(BaseException):
    """Ends the process as nothing in it can prevent."""


@pytest.fixture
def torn(tmp_path, monkeypatch):
    """A run's folder with files that were being written when their processes were killed."""
    folder = RunFolder(tmp_path)
    written = (folder.weights, folder.checkpoints / f"{7:012d}.safetensors", folder.asked_lr)
    for path in written:
        write_atomically(path, b"whole")

    def never(*_, **__):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", never)
        patch.setattr(files.Path, "unlink", never)  # nor does a killed process tidy up
        for path in written:
            with pytest.raises(Killed):
                write_atomically(path, b"half")
    return folder


def names(folder: RunFolder) -> set[str]:
    return {path.name.rsplit(".", 1)[0] if path.name.startswith(".") else path.name for path in folder.path.rglob("*") if path.is_file()}  # fmt: skip


def test_what_a_killed_process_left_goes_but_a_rate_that_is_being_asked_for_stays(torn):
    whole = {"best.safetensors", "000000000007.safetensors", "asked_lr.json"}
    assert names(torn) == whole | {f".{name}" for name in whole}
    torn.forget_torn()
    assert names(torn) == whole | {".asked_lr.json"}


def test_a_discarded_run_keeps_nothing_half_written_of_what_it_learned(torn):
    torn.discard()
    assert names(torn) == {"asked_lr.json", ".asked_lr.json"}


def test_bytes_are_read_from_a_place_on_and_a_missing_file_has_none(tmp_path):
    (tmp_path / "some").write_bytes(b"0123456789")
    assert bytes_from(tmp_path / "some", 7) == b"789" and bytes_from(tmp_path / "none", 0) == b""
