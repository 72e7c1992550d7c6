"""Which column is to be predicted, and the table in which type, role and preparation of every column are set."""

from typing import Any, get_args

import streamlit as st

from builder.spec.data import NUMERIC_TYPES, Column, TableData
from builder.ui import session
from builder.ui.data_changes import with_cells
from builder.ui.data_editing import EDITOR, change_data, change_target, propose_target
from builder.ui.formats import count

_WORDS = {
    "most_frequent": "most frequent", "own_category": "category of its own", "standard": "standardise",
    "minmax": "0 to 1", "none": "as it is", "onehot": "one-hot",
}  # fmt: skip
_EDITED = {
    "type": ("number", "category", "boolean", "date", "text", "identifier"),
    "role": ("feature", "ignored", "target"),
    "impute": ("median", "mean", "zero", "most_frequent", "own_category"),
    "scale": ("standard", "minmax", "none"),
    "encoding": ("onehot", "ordinal"),
}
_SHORT = 14
"""Columns that are shown without scrolling."""
_LONGEST = 560


def word(value: str) -> str:
    return _WORDS.get(value, value)


def draw_target(data: TableData, classes: tuple[str, ...]) -> None:
    left, middle, right = st.columns([2, 1, 1])
    with left:
        _draw_target_column(data)
    session.show_value("task", data.task)
    middle.selectbox(
        "Task", get_args(TableData.model_fields["task"].annotation), key="task", format_func=str.capitalize, on_change=_change_task,
        help="Classification answers with one of the target's classes, regression with a number; reconstruction gives back "
        "the features themselves, so that rows unlike the others stand out.",
    )  # fmt: skip
    if len(classes) == 2 and data.task == "classification":
        with right:
            draw_positive(data.positive, classes)


def _draw_target_column(data: TableData) -> None:
    session.show_value("target", data.target.name if data.target else None)
    st.selectbox(
        "Column to predict", [column.name for column in data.columns], key="target", on_change=_change_target,
        help="The target: what the model shall answer. Type, task, loss and metrics follow it.",
        index=0 if data.target else None, disabled=data.task == "reconstruction", placeholder="none is needed",
    )  # fmt: skip


def _change_target() -> None:
    change_target(session.shown_value("target"))


def _change_task() -> None:
    task = session.shown_value("task")
    data = session.current_project().data
    if task == "reconstruction":
        change_data({"task": task})
        return
    if data.target is None:
        propose_target()
        return
    columns = [column.model_dump(mode="json") for column in data.columns]
    for column in columns:
        if column["role"] == "target":
            column["type"] = "number" if task == "regression" else "category"
    session.renew(EDITOR)
    split = data.split.model_dump(mode="json") | {"stratify": task == "classification"}
    change_data({"columns": columns, "task": task, "positive": None, "split": split})


def draw_positive(positive: str | None, classes: tuple[str, ...]) -> None:
    session.show_value("positive", positive if positive in classes else classes[-1])
    st.selectbox(
        "Positive class", classes, key="positive", on_change=lambda: change_data({"positive": session.shown_value("positive")}),
        help="The class that precision, recall and ROC ask about.",
    )  # fmt: skip


def draw_columns(data: TableData, found: dict[str, dict[str, Any]]) -> None:
    """`found` is what the file says about each column: name of the figure → value, by column."""
    import pandas as pd

    rows = [_row(column) | found.get(column.name, {}) for column in data.columns]
    with st.container(key="columns"):
        st.data_editor(
            pd.DataFrame(rows), key=session.versioned(EDITOR), hide_index=True, num_rows="fixed", width="stretch",
            height="content" if len(rows) <= _SHORT else _LONGEST, column_config=_configuration(rows[0]),
            disabled=[name for name in rows[0] if name not in _EDITED], on_change=_change_cells, placeholder="·",
        )  # fmt: skip
    st.caption(
        f"{count(len(data.features))} of {count(len(data.columns))} columns are features. Click a cell to change it."
    )


def _row(column: Column) -> dict[str, Any]:
    """What does not concern a column's type is left empty."""
    row = {"name": column.name} | {name: getattr(column, name) for name in _EDITED}
    return row | dict.fromkeys(_idle_fields(column))


def _idle_fields(column: Column) -> tuple[str, ...]:
    if column.role != "feature":
        return ("impute", "scale", "encoding")
    return ("encoding",) if column.type in NUMERIC_TYPES else ("scale",)


def _configuration(row: dict[str, Any]) -> dict[str, Any]:
    fields = Column.model_fields
    configured = {"name": st.column_config.TextColumn("Column", pinned=True, width="medium")}
    for name, options in _EDITED.items():
        configured[name] = st.column_config.SelectboxColumn(
            fields[name].title, help=fields[name].description, options=options, format_func=word
        )
    return configured | {name: st.column_config.Column(name) for name in row if name not in configured}


def _change_cells() -> None:
    data = session.current_project().data
    cells = session.shown_value(session.versioned(EDITOR))["edited_rows"]
    columns = with_cells(data.columns, {int(row): fields for row, fields in cells.items()})
    before = data.target.name if data.target else None
    targets = [column.name for column in columns if column.role == "target" and column.name != before]
    if targets and data.task != "reconstruction":
        change_target(targets[0])
        return
    if columns == data.columns:
        session.renew(EDITOR)  # a cleared cell shows its value again
    change_data({"columns": [column.model_dump(mode="json") for column in columns]})
