"""The top of the Data page: what the data is, its size, where it comes from, and what to mind."""

from typing import assert_never

import streamlit as st

from builder.spec.data import ImageData
from builder.spec.project import Project
from builder.spec.sources import DownloadSource, FileSource, SampleSource, Source, UploadSource
from builder.ui import session
from builder.ui.formats import count
from builder.ui.text import plain, shortened

_SHOWN_WARNINGS = 4


def draw_header(project: Project) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(plain(shortened(project.name, 80)), anchor=False)
        _draw_undo()
    st.caption(f"{_kind(project)} · {plain(source_name(project.data.source))}")


def _draw_undo() -> None:
    history = session.history()
    st.button(
        "", key="data_undo", icon=":material/undo:", disabled=history.undo_label is None, on_click=session.undo,
        help=f"Undo: {plain(history.undo_label)}" if history.undo_label else "Nothing to undo",
    )  # fmt: skip
    st.button(
        "", key="data_redo", icon=":material/redo:", disabled=history.redo_label is None, on_click=session.redo,
        help=f"Redo: {plain(history.redo_label)}" if history.redo_label else "Nothing to redo",
    )  # fmt: skip


def _kind(project: Project) -> str:
    if isinstance(project.data, ImageData):
        return "Images"
    return f"Table, {project.data.task}"


def source_name(source: Source) -> str:
    """Where the data comes from, in words."""
    match source:
        case SampleSource():
            return f"sample data set “{source.name}”"
        case DownloadSource():
            return f"downloaded data set “{source.name}”"
        case UploadSource():
            return f"uploaded file “{source.name}”"
        case FileSource():
            return source.path
    assert_never(source)


def draw_sizes(sizes: dict[str, str]) -> None:
    """A row of figures, each with its name."""
    with st.container(key="sizes"):
        for column, (name, value) in zip(st.columns(len(sizes)), sizes.items(), strict=True):
            column.metric(name, value, border=True)


def draw_warnings(warnings) -> None:
    """`warnings` are `DataWarning`s; the first few openly, the rest on demand."""
    for warning in warnings[:_SHOWN_WARNINGS]:
        _draw_warning(warning)
    rest = warnings[_SHOWN_WARNINGS:]
    if rest:
        with st.expander(f"{count(len(rest))} more things to mind", key="more_warnings"):
            for warning in rest:
                _draw_warning(warning)


def _draw_warning(warning) -> None:
    show, icon = (st.info, "info") if warning.severity == "info" else (st.warning, "warning")
    show(plain(warning.message), icon=f":material/{icon}:")
