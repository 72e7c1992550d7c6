"""How the file of a table is read, its first rows, and its licence."""

from typing import Any

import streamlit as st

from builder.spec.data import DEFAULT_MISSING, TableData, TableReading
from builder.ui import session
from builder.ui.data_editing import change_data, change_reading
from builder.ui.formats import count

_FOUND = "found by itself"
_DELIMITERS = {"": _FOUND, ",": "comma ,", ";": "semicolon ;", "\t": "tab", "|": "bar |", " ": "space"}
_ENCODINGS = {"": _FOUND, "utf-8": "UTF-8", "cp1252": "Windows (cp1252)", "latin-1": "Latin-1", "utf-16": "UTF-16"}
_HEADERS = {None: _FOUND, True: "first line holds the names", False: "no header"}


def draw_preview(dataset) -> None:
    rows = session.profile().preview
    st.caption(f"The first {count(len(rows))} of {count(len(dataset))} rows, as they were read.")
    st.dataframe(_dated(rows, dataset.data), key="preview", width="stretch", height=420)


def _dated(frame, data: TableData):
    """Days since 1970 as dates again."""
    import pandas as pd  # not before a table is shown

    dates = [column.name for column in data.columns if column.type == "date"]
    return frame.assign(**{name: pd.to_datetime(frame[name], unit="D") for name in dates})


def draw_reading(reading: TableReading) -> None:
    with st.expander("How the file is read", icon=":material/tune:", key="reading"):
        left, right = st.columns(2)
        with left:
            _draw_choice("delimiter", reading.delimiter or "", _DELIMITERS)
            _draw_choice("header", reading.header, _HEADERS)
        with right:
            _draw_choice("encoding", reading.encoding or "", _ENCODINGS)
            _draw_sheet(reading.sheet)
        _draw_missing(reading.missing)


def _draw_choice(name: str, value: Any, choices: dict[Any, str]) -> None:
    field, key = TableReading.model_fields[name], f"reading_{name}"
    options = list(dict.fromkeys([*choices, value]))
    session.show_value(key, value)
    st.selectbox(
        field.title, options, key=key, help=field.description, format_func=lambda option: choices.get(option, str(option)),
        on_change=_change, args=(name,),
    )  # fmt: skip


def _draw_sheet(sheet: str | None) -> None:
    field = TableReading.model_fields["sheet"]
    session.show_value("reading_sheet", sheet or "")
    st.text_input(
        field.title, key="reading_sheet", help=field.description, max_chars=100, placeholder="the first", on_change=_change, args=("sheet",)
    )  # fmt: skip


def _draw_missing(missing: tuple[str, ...]) -> None:
    field = TableReading.model_fields["missing"]
    options = list(dict.fromkeys([*DEFAULT_MISSING, *missing]))
    session.show_value("reading_missing", list(missing))
    st.multiselect(
        field.title, options, key="reading_missing", help=field.description, accept_new_options=True,
        format_func=lambda mark: mark or "(empty)", on_change=_change, args=("missing",),
    )  # fmt: skip


def _change(name: str) -> None:
    value = session.shown_value(f"reading_{name}")
    if name == "missing":
        value = tuple(value)
    elif value == "":
        value = None
    change_reading({name: value})


def draw_license(data: TableData) -> None:
    session.show_value("license", data.license)
    st.text_input(
        "Licence of the data", key="license", max_chars=500, placeholder="for example CC BY 4.0", help="Written into the ONNX file.",
        on_change=lambda: change_data({"license": session.shown_value("license")}),
    )  # fmt: skip
