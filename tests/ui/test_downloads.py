"""What a click on Export reads is still there when the browser asks for it."""

from types import SimpleNamespace

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from builder.ui import downloads
from tests.waiting import wait_until


@pytest.fixture
def storage() -> MemoryMediaFileStorage:
    return MemoryMediaFileStorage("/media")


@pytest.fixture
def media(storage, monkeypatch) -> MediaFileManager:
    """As a served app has it."""
    manager = MediaFileManager(storage)
    monkeypatch.setattr(downloads, "get_instance", lambda: SimpleNamespace(media_file_mgr=manager))
    monkeypatch.setattr(downloads, "get_script_run_ctx", lambda: SimpleNamespace(session_id="a tab"))
    return manager


def clicked(media, path, called: str) -> str:
    """The address that the browser hears."""
    button = media.add_deferred(downloads._reader(path, called), downloads._MIME, "0.1", called)
    return media.execute_deferred(button).rsplit("/", 1)[1]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(bytes(range(256)))
    return path


def test_a_file_outlasts_the_runs_that_end_before_the_browser_asks_for_it(media, storage, path):
    address = clicked(media, path, "flowers.onnx")
    media.clear_session_refs("a tab")
    for _ in range(5):
        media.remove_orphaned_files()
    file = storage.get_file(address)
    assert (file.content, file.filename) == (path.read_bytes(), "flowers.onnx")


def test_a_file_is_forgotten_in_the_end_and_alone(media, storage, path, monkeypatch):
    kept = clicked(media, path, "kept.onnx")
    monkeypatch.setattr(downloads, "_KEPT_S", 0.01)
    gone = clicked(media, path, "gone.onnx")

    def is_there() -> bool:
        media.remove_orphaned_files()
        try:
            storage.get_file(gone)
        except MediaFileStorageError:
            return False
        return True

    wait_until(is_there, lambda is_there: not is_there)
    assert storage.get_file(kept).filename == "kept.onnx"
