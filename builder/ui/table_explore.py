"""One column at a time: its figures and its distribution, by class where there are classes."""

import numpy as np
import streamlit as st

from builder.ui.distributions import bars, histogram
from builder.ui.formats import count, number, percent
from builder.ui.live_chart import draw_chart
from builder.ui.text import plain, shortened

_MOST_GROUPS = 10


def draw_explorer(dataset, profile) -> None:
    data = dataset.data
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    name = left.selectbox("Column", [column.name for column in data.columns], key="explored")
    fits = data.task == "classification" and name != data.target.name and len(dataset.facts.classes) <= _MOST_GROUPS
    by_class = right.toggle(
        "By class",
        True,
        key="by_class",
        disabled=not fits,
        help="One colour for each class, if the target has a few of them.",
    )
    groups = _groups(dataset, profile.sample) if by_class and fits else {}
    found = profile.of(name)
    _draw_figures(figures(found))
    if groups and len(profile.sample) < len(dataset):
        st.caption(f"By class: {count(len(profile.sample))} rows, evenly picked from {count(len(dataset))}.")
    if found.numbers is not None:
        _draw_numbers(profile.sample[name].to_numpy(), found, groups)
    elif found.top:
        _draw_texts(profile.sample[name], found, groups)


def _groups(dataset, sample) -> dict[str, np.ndarray]:
    """Rows of each class."""
    answers = dataset.preprocessing.targets(sample)
    return {name: np.flatnonzero(answers == place) for place, name in enumerate(dataset.facts.classes)}


def figures(found) -> dict[str, str]:
    """What a `ColumnProfile` says, in words."""
    told = {"Missing": _missing(found), "Distinct": count(found.distinct)}
    if found.numbers is not None:
        numbers, is_date = found.numbers, found.type == "date"
        told |= {
            "Mean": _written(numbers.mean, is_date),
            "Standard deviation": number(numbers.std) + (" days" if is_date else ""),
        }
        told |= {"Least": _written(numbers.min, is_date), "Median": _written(numbers.median, is_date), "Largest": _written(numbers.max, is_date)}  # fmt: skip
    elif found.top:
        text, times = found.top[0]
        told |= {"Most frequent": shortened(text, 40), "Its share": percent(times / (found.count + found.missing))}
    return told


def _missing(found) -> str:
    return percent(found.missing / max(1, found.count + found.missing)) if found.missing else "none"


def _written(value: float, is_date: bool) -> str:
    return str(np.datetime64("1970-01-01") + np.timedelta64(round(value), "D")) if is_date else number(value)


def _draw_figures(told: dict[str, str]) -> None:
    with st.container(horizontal=True, gap="medium", key="column_figures"):
        for name, value in told.items():
            st.markdown(f":gray[:small[{name}]]  \n**{plain(value)}**", width="content")


def _draw_numbers(values: np.ndarray, found, groups: dict[str, np.ndarray]) -> None:
    edges = np.array(found.numbers.edges)
    counts = {name: np.histogram(values[rows], edges)[0] for name, rows in groups.items()}
    counts = counts or {"Rows": np.array(found.numbers.counts)}
    draw_chart(*histogram(counts, edges, found.name, "Rows", found.type == "date"), key="distribution")


def _draw_texts(values, found, groups: dict[str, np.ndarray]) -> None:
    names = [text for text, _ in found.top]
    counts = {name: values.iloc[rows].value_counts().reindex(names, fill_value=0) for name, rows in groups.items()}
    draw_chart(
        *bars(names, counts or {"Rows": [times for _, times in found.top]}, found.name, "Rows"), key="distribution"
    )
    if found.distinct > len(names):
        st.caption(f"The {len(names)} most frequent of {count(found.distinct)} values.")


def overview(profile) -> dict[str, dict[str, object]]:
    """What the file says about each column, for the table of columns."""
    return {
        found.name: {"Missing": _missing(found), "Distinct": found.distinct, "Values": _range(found)}
        for found in profile.columns
    }


def _range(found) -> str:
    if found.numbers is not None:
        is_date = found.type == "date"
        return f"{_written(found.numbers.min, is_date)} … {_written(found.numbers.max, is_date)}"
    return shortened(", ".join(text for text, _ in found.top[:4]), 40)
