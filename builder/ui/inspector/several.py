"""The inspector of several layers: what they are together, and what can be done with them as one."""

from typing import Literal

import streamlit as st

from builder.check.edits import DuplicateNodes, Edit, GroupNodes, RemoveNodes
from builder.ui.formats import compact, counted
from builder.ui.inspector.subject import Subject
from builder.ui.session import change
from builder.ui.text import plain

_NAMED = 6


def show_several(subject: Subject) -> None:
    ids = subject.layers
    rows = [subject.rows[name] for name in ids]
    st.subheader(f"{counted(len(ids), 'layer')} selected", anchor=False)
    named = ", ".join(map(plain, ids[:_NAMED]))
    st.caption(f"{named} and {len(ids) - _NAMED} more" if len(ids) > _NAMED else named)
    parameters, multiply_adds = sum(row.parameters for row in rows), sum(row.multiply_adds for row in rows)
    st.markdown(
        f"**{counted(parameters, 'parameter')}** of {compact(subject.report.parameters)}  \n"
        f"**{compact(multiply_adds)} multiply-adds** of {compact(subject.report.multiply_adds)}"
    )
    with st.container(horizontal=True, gap="xsmall", key="several_actions"):
        if not subject.groups:
            _action("Group", "group_nodes", "select_all", GroupNodes(ids=ids), "secondary")
        _action("Duplicate", "duplicate_nodes", "content_copy", DuplicateNodes(ids=ids))
        _action("Delete", "delete_nodes", "delete", RemoveNodes(ids=ids))


def _action(label: str, key: str, icon: str, done: Edit, type: Literal["secondary", "tertiary"] = "tertiary") -> None:
    st.button(label, key=key, icon=f":material/{icon}:", type=type, on_click=change, args=(done,))
