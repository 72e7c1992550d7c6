"""Data made ready once for all pages and tabs of this server.

Kept by what the project says about it, as JSON, and by a stamp that changes when the file it names does.
"""

import streamlit as st
from pydantic import TypeAdapter

from builder.spec.data import DataSpec

_STAMP_S = 5
"""A large folder takes a while to look through: not at every click."""
_KEPT = 4
"""Data sets in memory; the files on disk outlast them."""


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def prepared(data: str, stamp: str):  # -> TableDataset | ImageDataset
    """Raises: DataError."""
    from builder.data.dataset import prepare  # pandas: not before a page needs it

    return prepare(TypeAdapter(DataSpec).validate_json(data))


@st.cache_resource(max_entries=_KEPT, show_spinner="Counting…")
def profiled(data: str, stamp: str, _dataset):  # -> TableProfile | ImageProfile
    return _dataset.profile()


@st.cache_resource(max_entries=_KEPT, show_spinner="Looking for leaks, repeats and odd columns…")
def warned(data: str, stamp: str, _dataset):  # -> tuple[DataWarning, ...]
    return _dataset.warnings()


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def leaking(data: str, stamp: str, _dataset) -> tuple[tuple[str, str], ...]:
    """Columns that give the target away by themselves, each with how that was seen; none of images."""
    from builder.data.dataset import TableDataset

    return _dataset.leaks() if isinstance(_dataset, TableDataset) else ()


def stated(data: DataSpec) -> tuple[str, str]:
    """The two keys under which `data` is kept."""
    text = data.model_dump_json()
    return text, _stamp(text)


@st.cache_data(ttl=_STAMP_S, max_entries=64, show_spinner=False)
def _stamp(data: str) -> str:
    from builder.data.uploads import stamp

    return stamp(TypeAdapter(DataSpec).validate_json(data).source)
