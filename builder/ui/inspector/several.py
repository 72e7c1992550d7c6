"""The inspector of several layers: what they are together, and what can be done with them as one."""

import streamlit as st

from builder.check.edits import DuplicateNodes, GroupNodes, RemoveNodes
from builder.ui.formats import compact, counted
from builder.ui.inspector.subject import Subject
from builder.ui.session import edit
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
            st.button("Group", key="group_nodes", icon=":material/select_all:", on_click=edit, args=(GroupNodes(ids=ids),))  # fmt: skip
        st.button("Duplicate", key="duplicate_nodes", icon=":material/content_copy:", on_click=edit, args=(DuplicateNodes(ids=ids),))  # fmt: skip
        st.button("Delete", key="delete_nodes", icon=":material/delete:", on_click=edit, args=(RemoveNodes(ids=ids),))
