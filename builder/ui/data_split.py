"""How rows are dealt to training, validation and test, and how the classes come out."""

from typing import Any

import streamlit as st

from builder.spec.data import ImageData, Split, TableData
from builder.spec.facts import DataFacts
from builder.ui import session
from builder.ui.data_editing import change_data
from builder.ui.distributions import bars
from builder.ui.formats import count, percent
from builder.ui.live_chart import draw_chart

_PARTS = {"train": "Training", "validation": "Validation", "test": "Test"}
_MOST_CLASSES = 50


def draw_split(data: TableData | ImageData, facts: DataFacts) -> None:
    for column, name, rows in zip(st.columns(3), _PARTS, facts.row_counts, strict=True):
        share = rows / max(1, sum(facts.row_counts))
        column.metric(
            _PARTS[name],
            count(rows),
            f"{percent(share, 0)} of the rows",
            delta_color="off",
            delta_arrow="off",
            border=True,
        )
    with st.container(border=True, key="split_settings"):
        _draw_shares(data.split)
        _draw_dealing(data)


def _draw_shares(split: Split) -> None:
    session.show_value("split_shares", (round(split.train * 100), round((split.train + split.validation) * 100)))
    st.slider(
        "Shares: training up to the first mark, validation between the marks, test after the second", 2, 98, step=1,
        key="split_shares", format="%d %%", on_change=_change_shares,
        help="Training rows are learned from, validation rows choose the best epoch, test rows give the final figures.",
    )  # fmt: skip


def _change_shares() -> None:
    first, second = session.shown_value("split_shares")
    if first < second:
        shares = {"train": first / 100, "validation": (second - first) / 100, "test": (100 - second) / 100}
        _change_split(shares)


def _draw_dealing(data: TableData | ImageData) -> None:
    fields = Split.model_fields
    left, right = st.columns(2, vertical_alignment="bottom")
    session.show_value("split_seed", data.split.seed)
    left.number_input(
        fields["seed"].title, 0, 2**31 - 1, step=1, key="split_seed", help=fields["seed"].description,
        on_change=lambda: _change_split({"seed": session.shown_value("split_seed")}),
    )  # fmt: skip
    session.show_value("split_stratify", data.split.stratify)
    right.toggle(
        fields["stratify"].title, key="split_stratify", help=fields["stratify"].description,
        disabled=isinstance(data, TableData) and data.task != "classification", on_change=lambda: _change_split({"stratify": session.shown_value("split_stratify")}),
    )  # fmt: skip


def _change_split(changes: dict[str, Any]) -> None:
    split = session.current_project().data.split
    change_data({"split": split.model_dump(mode="json") | changes})


def draw_class_balance(balance: dict[str, tuple[int, int, int]]) -> None:
    """`balance` are rows of each class in training, validation and test."""
    st.header("Classes in each part")
    shown = dict(list(balance.items())[:_MOST_CLASSES])
    series = {title: [counts[part] for counts in shown.values()] for part, title in enumerate(_PARTS.values())}
    draw_chart(*bars(list(shown), series, "Class", "Rows"), key="class_balance")
    if len(balance) > len(shown):
        st.caption(f"The first {count(len(shown))} of {count(len(balance))} classes.")
