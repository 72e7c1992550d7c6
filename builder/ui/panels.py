"""The panels under the canvas, of which only the open one is computed: cost, problems, peek."""

import streamlit as st

from builder.ui.cost import show_cost, show_fit_warning
from builder.ui.inspector.subject import Subject
from builder.ui.peek import show_peek
from builder.ui.problems import show_problem_list


def show_panels(subject: Subject) -> None:
    project, report = subject.project, subject.report
    cost, problems, peek = st.tabs(["Cost", "Problems", "Peek"], key="panels", on_change="rerun")
    if cost.open:
        with cost:
            show_cost(project, report)
            show_fit_warning(project, report)
    if problems.open:
        with problems:
            show_problem_list(report)
    if peek.open:
        with peek:
            show_peek(project, report, subject.peeked)
