"""The inspector of a group: its title, how often it repeats, and the block it can be saved as."""

import streamlit as st

from builder.check.edits import Ungroup, UpdateGroup
from builder.spec.model import Group, ModelSpec
from builder.ui.formats import counted
from builder.ui.inspector.subject import Subject
from builder.ui.own_blocks import keep_group
from builder.ui.session import change, is_set, redraw, show_value, shown_value


def show_group(subject: Subject, group: Group) -> None:
    with st.container(border=True, key="group", gap="small"):
        st.markdown(f":material/select_all: **Group** of {counted(len(group.members), 'layer')}")
        _show_title(group)
        _show_repeat(group)
        with st.container(horizontal=True, gap="xsmall"):
            st.button(
                "Save as block", key="save_block", icon=":material/bookmark_add:", on_click=_keep, args=(subject.model, group),
                help="Offers it in every project, under its title.",
            )  # fmt: skip
            st.button(
                "Ungroup", key="ungroup", icon=":material/ungroup:", on_click=change, args=(Ungroup(id=group.id),)
            )


def _show_title(group: Group) -> None:
    key = f"title_{group.id}"
    show_value(key, group.title)
    st.text_input("Title", key=key, max_chars=80, on_change=_change, args=(group, "title", key))


def _show_repeat(group: Group) -> None:
    key = f"repeat_{group.id}"
    show_value(key, group.repeat)
    st.number_input(
        "Repeat (times in a row)", 1, 64, key=key, on_change=_change, args=(group, "repeat", key),
        help="Each repetition has weights of its own and takes what the one before it gives.",
    )  # fmt: skip


def _change(group: Group, field: str, key: str) -> None:
    change(*([UpdateGroup(id=group.id, changes={field: shown_value(key)})] if is_set(key) else []))


def _keep(model: ModelSpec, group: Group) -> None:
    keep_group(model, group)
    redraw()
