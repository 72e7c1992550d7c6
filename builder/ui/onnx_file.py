"""Opens a run's exported ONNX file once for all screens."""

from pathlib import Path

import streamlit as st


def predictor_of(onnx: Path):
    """Raises: RunError if it cannot be opened."""
    return _opened(onnx, onnx.stat().st_mtime_ns)


@st.cache_resource(max_entries=8, show_spinner=False)
def _opened(onnx: Path, modified_ns: int):
    from builder.predict.predictor import Predictor  # onnxruntime: not before it is needed

    return Predictor(onnx)
