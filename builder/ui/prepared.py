"""Data made ready once for all pages and tabs of this server; kept by what the project says about it, as JSON."""

import streamlit as st
from pydantic import TypeAdapter

from builder.spec.data import DataSpec

_KEPT = 4
"""Data sets in memory; the files on disk outlast them."""


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def prepared(data: str):  # -> TableDataset | ImageDataset
    """Raises: DataError."""
    from builder.data.dataset import prepare  # pandas: not before a page needs it

    return prepare(TypeAdapter(DataSpec).validate_json(data))


@st.cache_resource(max_entries=_KEPT, show_spinner="Counting…")
def profiled(data: str, _dataset):  # -> TableProfile | ImageProfile
    return _dataset.profile()


@st.cache_resource(max_entries=_KEPT, show_spinner="Looking for leaks, repeats and odd columns…")
def warned(data: str, _dataset):  # -> tuple[DataWarning, ...]
    return _dataset.warnings()
