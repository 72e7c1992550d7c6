"""The images by class, how many there are of each, and the files that could not be read."""

import numpy as np
import streamlit as st

from builder.ui import session
from builder.ui.contact_sheet import as_png, contact_sheet
from builder.ui.formats import count
from builder.ui.text import plain, shortened

_CLASSES_AT_ONCE = 12
_ROW, _WHOLE = 12, 60
_SIDE = 80
_EVERY_CLASS = -1


def draw_gallery(dataset) -> None:
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    numbers = range(len(dataset.classes))
    picked = left.selectbox(
        "Class", [_EVERY_CLASS, *numbers], key="gallery_class",
        format_func=lambda number: "Every class" if number == _EVERY_CLASS else dataset.classes[number],
    )  # fmt: skip
    right.button(
        "Other examples", key="other_examples", icon=":material/shuffle:", width="stretch", on_click=_deal_again
    )
    if picked == _EVERY_CLASS:
        for number in numbers[:_CLASSES_AT_ONCE]:
            _draw_class(dataset, number, _ROW)
        if len(numbers) > _CLASSES_AT_ONCE:
            st.caption(f"{count(len(numbers) - _CLASSES_AT_ONCE)} more classes: pick one above.")
    else:
        _draw_class(dataset, picked, _WHOLE)


def _deal_again() -> None:
    session.renew("gallery")


def _draw_class(dataset, number: int, most: int) -> None:
    rows = np.flatnonzero(dataset.labels == number)
    st.markdown(f"**{plain(shortened(dataset.classes[number]))}** · {count(len(rows))} images")
    seed = session.version("gallery")
    with st.container(key=f"gallery_{number}"):
        st.image(_sheet(dataset, dataset.data.model_dump_json(include={"source", "color"}), number, most, seed))


@st.cache_data(max_entries=100, show_spinner=False)
def _sheet(_dataset, data: str, number: int, most: int, seed: int) -> bytes:
    """The first examples of a class as a PNG file, or some at random if the seed is not 0."""
    rows = np.flatnonzero(_dataset.labels == number)
    if seed:
        rows = np.random.default_rng((seed, number)).permutation(rows)
    return as_png(contact_sheet([_dataset.read(int(row)) for row in rows[:most]], _SIDE, _ROW))


def draw_unreadable(unreadable) -> None:
    """`unreadable` are pairs of file name and reason."""
    if not unreadable:
        return
    with st.expander(
        f"{count(len(unreadable))} files could not be read and are left out",
        icon=":material/warning:",
        key="unreadable",
    ):
        st.dataframe(
            {"File": [name for name, _ in unreadable], "Reason": [reason for _, reason in unreadable]},
            key="unreadable_files", hide_index=True, width="stretch",
        )  # fmt: skip
