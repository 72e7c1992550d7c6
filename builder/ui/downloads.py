"""Hands out what a run leaves behind: the proven ONNX file, the stand-alone script with its data, the project."""

import contextlib
import re
import shlex
from collections.abc import Callable
from copy import copy
from pathlib import Path
from threading import Thread, Timer
from typing import Any
from uuid import uuid4

import streamlit as st
from streamlit.runtime import get_instance
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

from builder.data.uploads import name_of, resolve
from builder.errors import DataError, RunError
from builder.imports.weights import INITIAL_WEIGHTS, kept_weights
from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.spec.sources import SampleSource, Source, UploadSource
from builder.ui.formats import size_bytes
from builder.ui.run_list import run_project
from builder.ui.text import plain

_MIME = "application/octet-stream"
_KEPT_S = 60.0
"""From the click on; the browser asks for the file as soon as it hears its address."""


def show_downloads(run: Run, certificate: dict[str, Any]) -> None:
    folder, name = RunFolder(run.folder), file_name(run.name)
    if not certificate["passed"]:
        st.error(
            "The ONNX file is not offered: it does not answer as the trained model does, so it would mislead you. "
            "The script and the project are safe to use. Train again, or change the layer that the message names.",
            icon=":material/block:",
        )  # fmt: skip
    with st.container(horizontal=True):
        if certificate["passed"]:
            _offer("ONNX file", folder.onnx, f"{name}.onnx", "download_onnx", type="primary")
        _offer("PyTorch script", folder.source, f"train_{name}.py", "download_source")
        weights = run_project(run).model.weights
        if weights:
            _offer_weights(weights)
        data = _offer_data(run_project(run).data.source)
        _offer("Project", folder.project_json, f"{name}.json", "download_project")
    if folder.source.exists():
        st.caption("The script trains the same model from the same data; it needs torch, torchmetrics and numpy, and nothing of Strata. Run it with:")  # fmt: skip
        st.code(f"python train_{name}.py {shlex.quote(data)}", language=None)


def file_name(name: str) -> str:
    """What a project's files are called, without an ending."""
    return re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").lower() or "model"


def _offer_data(source: Source) -> str:
    """The file that the script takes, unless the user has it already; its name on the command line."""
    if isinstance(source, SampleSource | UploadSource):
        try:
            path = resolve(source)
        except DataError:  # it was removed since; the user has it or the script says so
            return name_of(source)
        if path.is_file():
            name = source.name if isinstance(source, UploadSource) else path.name
            _offer("Data file", path, name, "download_data")
            return name
    return name_of(source)


def _offer_weights(sha256: str) -> None:
    """The imported weights that the script starts from."""
    with contextlib.suppress(RunError):  # they are gone; the script says which file it looks for
        _offer("Initial weights", kept_weights(sha256), INITIAL_WEIGHTS, "download_weights")


def _offer(label: str, path: Path, called: str, key: str, type: str = "secondary") -> None:
    if path.exists():
        st.download_button(
            label, _reader(path, called), called, _MIME, key=key, icon=":material/download:", on_click="ignore",
            type=type, help=f"{plain(called)}, {size_bytes(path.stat().st_size)}",
        )  # fmt: skip


def _reader(path: Path, called: str) -> Callable[[], bytes]:
    """Reads the file for a click, and keeps it until the browser has come for it.

    By itself Streamlit forgets what a click has read when two script runs of anybody have ended since: a page that
    polls makes that a second, within which a slow or busy machine does not answer, and the download fails.
    """
    context = get_script_run_ctx()

    def read() -> bytes:
        content, media = path.read_bytes(), get_instance().media_file_mgr
        keeper = copy(context)
        keeper.session_id = uuid4().hex
        keeping = Thread(target=media.add, args=(content, _MIME, called, called, True))
        add_script_run_ctx(keeping, keeper).start()
        keeping.join()
        forget = Timer(_KEPT_S, media.clear_session_refs, [keeper.session_id])
        forget.daemon = True
        forget.start()
        return content

    return read
