"""One column at a time: its figures and its distribution, by class where there are classes."""

import numpy as np
import streamlit as st

from builder.spec.data import NUMERIC_TYPES, Column
from builder.ui.formats import count, number, percent
from builder.ui.text import plain

_BINS = 30
_MOST_BARS = 20
_MOST_GROUPS = 10
_PLOT = {"displayModeBar": False}


def draw_explorer(dataset) -> None:
    data = dataset.data
    names = [column.name for column in data.columns]
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    name = left.selectbox("Column", names, key="explored")
    by_class = right.toggle(
        "By class", True, key="by_class", disabled=data.task == "regression" or name == data.target.name,
        help="One colour for each class of the target.",
    )  # fmt: skip
    column = data.columns[names.index(name)]
    groups = _groups(dataset) if by_class and data.task == "classification" and name != data.target.name else {}
    numeric = column.type in NUMERIC_TYPES
    (_draw_numbers if numeric else _draw_texts)(dataset.frame[name].to_numpy(), column, groups)


def _groups(dataset) -> dict[str, np.ndarray]:
    """Rows of each class; none if there are too many to tell apart."""
    classes, answers = dataset.facts.classes, dataset.target_values()
    if len(classes) > _MOST_GROUPS:
        return {}
    return {name: np.flatnonzero(answers == place) for place, name in enumerate(classes)}


def _draw_numbers(values: np.ndarray, column: Column, groups: dict[str, np.ndarray]) -> None:
    from builder.ui.figures import histogram  # plotly: not before a figure is drawn

    known = values[np.isfinite(values)]
    if not len(known):
        st.info("This column has no values.", icon=":material/info:")
        return
    _draw_figures(
        {"Missing": percent(1 - len(known) / len(values)), "Mean": number(known.mean()), "Standard deviation": number(known.std()),
         "Least": _written(known.min(), column), "Median": _written(np.median(known), column), "Largest": _written(known.max(), column)}
    )  # fmt: skip
    edges = _edges(known)
    counts = {name: np.histogram(values[rows], edges)[0] for name, rows in groups.items()}
    counts = counts or {"Rows": np.histogram(known, edges)[0]}
    st.plotly_chart(
        histogram(counts, edges, column.name, "Rows", column.type == "date"), key="distribution", config=_PLOT
    )


def _edges(known: np.ndarray) -> np.ndarray:
    """Whole numbers of a short range get a bar each."""
    low, high = float(known.min()), float(known.max())
    if high - low <= _BINS and (known == np.round(known)).all():
        return np.arange(low, high + 2) - 0.5
    return np.linspace(low, high, _BINS + 1)


def _written(value: float, column: Column) -> str:
    if column.type == "date":
        return str(np.datetime64("1970-01-01") + np.timedelta64(round(value), "D"))
    return number(value)


def _draw_texts(values: np.ndarray, column: Column, groups: dict[str, np.ndarray]) -> None:
    import pandas as pd  # not before a table is shown

    from builder.ui.figures import bars

    series = pd.Series(values)
    found = series.value_counts()
    figures = {"Missing": percent(series.isna().mean()), "Distinct": count(len(found))}
    if len(found):
        figures |= {"Most frequent": str(found.index[0]), "Its share": percent(found.iloc[0] / len(series))}
    _draw_figures(figures)
    names = list(found.index[:_MOST_BARS])
    counts = {name: series.iloc[rows].value_counts().reindex(names, fill_value=0) for name, rows in groups.items()}
    st.plotly_chart(
        bars(names, counts or {"Rows": found.iloc[:_MOST_BARS]}, column.name, "Rows", stacked=True), key="distribution", config=_PLOT
    )  # fmt: skip
    if len(found) > _MOST_BARS:
        st.caption(f"The {_MOST_BARS} most frequent of {count(len(found))} values.")


def _draw_figures(figures: dict[str, str]) -> None:
    with st.container(horizontal=True, gap="medium", key="column_figures"):
        for name, value in figures.items():
            st.markdown(f":gray[{name}]  \n**{plain(value[:40])}**", width="content")


def overview(dataset) -> dict[str, dict[str, object]]:
    """What the file says about each column, for the table of columns."""
    frame, data = dataset.frame, dataset.data
    return {column.name: _overview_of(frame[column.name], column) for column in data.columns}


def _overview_of(values, column: Column) -> dict[str, object]:
    missing = percent(values.isna().mean(), 0 if not values.isna().any() else 1)
    return {"Missing": missing, "Distinct": int(values.nunique()), "Example": _example(values, column)}


def _example(values, column: Column) -> str:
    first = values.dropna().head(1)
    if first.empty:
        return ""
    return _written(float(first.iloc[0]), column) if column.type in NUMERIC_TYPES else str(first.iloc[0])
