"""Shows reconstructions: the error of the test rows, and what was given beside what came back."""

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.ui.contact_sheet import as_png, contact_sheet
from builder.ui.figures import error_figure, error_map_figure
from builder.ui.formats import number, percent
from builder.ui.live_chart import draw_chart
from builder.ui.onnx_file import predictor_of
from builder.ui.session import dataset

_ERROR_HELP = (
    "Mean squared miss of a row's values, as the model counts them: in standard deviations where they are standardised. "
    "What is unlike the training rows has a large one."
)  # fmt: skip
_SIDE, _SHOWN = 96, 8
_PREVIEW = 192


def show_reconstruction(evaluation: dict[str, Any], run: Run) -> None:
    """The errors of the test rows, by row, and by column or place; images also beside what came back."""
    figures = evaluation["reconstruction"]
    left, right = st.columns(2)
    with left.container(border=True, height="stretch"):
        st.header("Error by row", help=_ERROR_HELP)
        draw_chart(*error_figure(figures["errors"]), key=f"errors_{run.id}", height=380)
    with right.container(border=True, height="stretch"):
        if figures["map"]:
            st.header("Error by place", help="Root mean squared miss of each pixel, as the model counts.")
            draw_chart(*error_map_figure(figures["map"]), key=f"error_map_{run.id}", height=380)
        else:
            st.header("Error by column")
            _show_columns(figures["columns"])
    if figures["map"] and RunFolder(run.folder).onnx.exists():
        _show_images(run)


def _show_columns(columns: list[dict[str, Any]]) -> None:
    figure = {"format": "%.4f", "help": "Root mean squared miss, as the model counts."}
    titles = {
        "name": st.column_config.TextColumn("Column"),
        "rmse": st.column_config.NumberColumn("Error", **figure),
        "baseline": st.column_config.NumberColumn("Always the mean", **figure),
    }
    height = "auto" if len(columns) <= 10 else 380
    st.dataframe(columns, hide_index=True, column_config=titles, key="error_by_column", height=height)


def _show_images(run: Run) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.header("Given and given back", help="Test images above, what the exported ONNX file made of them below.")
            shown = st.segmented_control(
                "Images", ["Of every kind", "Worst"], default="Of every kind", key="shown_images", label_visibility="collapsed"
            )  # fmt: skip
        folder = RunFolder(run.folder)
        with st.container(key="gallery_given_back"):
            st.image(_sheet(dataset(), folder.onnx, folder.predictions, shown == "Worst", run.id))


@st.cache_data(max_entries=8, show_spinner=False)
def _sheet(_dataset, onnx: Path, predictions: Path, is_worst: bool, run_id: str) -> bytes:
    """A row of test images with what came back below, as a PNG file."""
    import pandas as pd

    stored = pd.read_parquet(predictions, columns=["row", "error"]).sort_values("error", ascending=False)
    places = range(_SHOWN) if is_worst else np.linspace(0, len(stored) - 1, _SHOWN).round().astype(int)
    rows = stored["row"].iloc[[place for place in places if place < len(stored)]]
    given = [_dataset.read(int(row)) for row in rows]
    back = [as_pixels(predictor_of(onnx).predict_image(image).reconstruction) for image in given]
    return as_png(contact_sheet([*given, *back], _SIDE, len(given)))


def as_pixels(image_HWC: np.ndarray) -> np.ndarray:
    """Uint8 from 0 to 255."""
    return np.clip(np.rint(image_HWC), 0, 255).astype(np.uint8)


def show_given_back(example: Any, answer, errors: list[float]) -> None:
    """`answer` is the predictor's for `example`; `errors` are those of the test rows."""
    st.metric("Error", number(answer.error), width="content", help=_ERROR_HELP)
    share = float(np.mean(np.array(errors) < answer.error))
    st.caption(f"{percent(share, 0)} of the test rows have a smaller one.")
    (_show_row if isinstance(answer.reconstruction, dict) else _show_image)(example, answer.reconstruction)


def _show_row(given: dict[str, Any], back: dict[str, float]) -> None:
    rows = [{"Column": name, "Given": given.get(name), "Given back": value} for name, value in back.items()]
    st.dataframe(
        rows, hide_index=True, key="given_back", height="auto" if len(rows) <= 10 else 380, placeholder="missing"
    )


def _show_image(given_HWC: np.ndarray, back_HWC: np.ndarray) -> None:
    left, right = st.columns(2)
    left.image(given_HWC.squeeze(), "Given", width=_PREVIEW)
    right.image(as_pixels(back_HWC).squeeze(), "Given back", width=_PREVIEW)
