"""Predicts a whole file: the user's rows or images go through the exported ONNX file and come back as a CSV."""

import tempfile
from pathlib import Path
from typing import Any

import streamlit as st

from builder.errors import BuilderError
from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.ui.formats import counted
from builder.ui.run_list import run_project
from builder.ui.text import plain

_TYPES = {
    "table": ("csv", "tsv", "txt", "parquet", "xlsx"),
    "image": ("zip", "png", "jpg", "jpeg", "bmp", "gif", "webp"),
}
_ASKED = {
    "table": "A table with the same columns; the target may be missing. The file comes back with the answers beside its own columns.",
    "image": "An image, or a zip of images. A table with one line for each of them comes back.",
}


def show_predict_file(run: Run) -> None:
    """Once there is an exported file."""
    if not RunFolder(run.folder).onnx.exists():
        return
    box = st.expander("Predict a whole file", key="predict_file", icon=":material/table_view:", on_change="rerun")
    if box.open:
        with box:
            _show(run, run_project(run).data.kind)


def _show(run: Run, kind: str) -> None:
    st.caption(_ASKED[kind])
    upload = st.file_uploader("File to predict", _TYPES[kind], key=f"predict_upload_{run.id}")
    if upload is None:
        return
    try:
        predictions, number = _predicted(RunFolder(run.folder), upload.file_id, upload)
    except BuilderError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.success(f"{counted(number, 'answer')} of the exported ONNX file.", icon=":material/check_circle:")
    st.download_button(
        "Predictions", predictions, f"{Path(upload.name).stem}_predictions.csv", "text/csv", key="download_predictions",
        type="primary", icon=":material/download:", on_click="ignore",
    )  # fmt: skip


@st.cache_data(max_entries=2, show_spinner="Predicting…")
def _predicted(folder: RunFolder, file_id: str, _upload: Any) -> tuple[bytes, int]:
    """The CSV and how many answers it holds. Raises: DataError."""
    from builder.predict.tables import write_predictions  # onnxruntime and pandas: not before they are needed

    with tempfile.TemporaryDirectory() as place:
        # The file keeps its name because messages tell it, but never leaves the folder.
        given, written = Path(place) / Path(_upload.name).name, Path(place) / "answers" / "predictions.csv"
        given.write_bytes(_upload.getbuffer())
        number = write_predictions(folder, given, written)
        return written.read_bytes(), number
