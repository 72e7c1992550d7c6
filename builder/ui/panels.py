"""The panels under the canvas, of which only the open one is computed: cost, problems, peek."""

import streamlit as st

from builder.ui.cost import show_cost, show_fit_warning
from builder.ui.inspector.subject import Subject
from builder.ui.peek import show_peek, show_peek_detail
from builder.ui.problems import show_problem_list
from builder.ui.session import show_value, shown_value

_PANELS = "panels"


def open_panel() -> str:
    """Its title, without the number of problems."""
    return shown_value(_PANELS, "Cost").split()[0]


def show_panels(subject: Subject) -> None:
    project, report = subject.project, subject.report
    many = len(report.problems)
    titles = ("Cost", f"Problems ({many})" if many else "Problems", "Peek")
    show_value(
        _PANELS, next(title for title in titles if title.startswith(open_panel()))
    )  # also when its number changes
    cost, problems, peek = st.tabs(titles, key=_PANELS, on_change="rerun")
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
            if len(subject.layers) == 1:
                show_peek_detail(subject.peeked, subject.layers[0])
