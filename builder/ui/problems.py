"""Shows what is wrong with a project where it is wrong, with the ways out as buttons."""

from collections.abc import Sequence

import streamlit as st

from builder.check.fixing import fixing_edits
from builder.check.problem import Problem
from builder.check.report import Report, all_fixes
from builder.runs.machine import known_machine
from builder.ui.following import change_and_follow
from builder.ui.formats import counted
from builder.ui.session import current_project, facts, report, select_nodes
from builder.ui.text import plain


def show_problems(report: Report) -> None:
    """Fixes are under keys that begin with `fix_N`, N being the place in the report."""
    for place, problem in enumerate(report.problems):
        _show(problem, f"fix_{place}_{problem.mark}")


def show_problem_list(report: Report) -> None:
    """Every problem, each with a way to its layer."""
    if not report.problems:
        st.caption("No problems. The model can be trained.")
    for place, problem in enumerate(report.problems):
        with st.container(key=f"listed_{place}", gap="xsmall"):
            _show(problem, f"listed_fix_{place}_{problem.mark}")
            if problem.node_id:
                st.button(
                    f"Show {plain(problem.node_id)}", key=f"to_problem_{place}_{problem.mark}", icon=":material/my_location:", type="tertiary",
                    on_click=select_nodes, args=((problem.node_id,),),
                )  # fmt: skip


def _show(problem: Problem, key: str) -> None:
    with st.container(gap="xsmall", key=f"problem_{key}"):
        box, icon = (
            (st.error, ":material/error:") if problem.severity == "error" else (st.warning, ":material/warning:")
        )
        box(plain(problem.message), icon=icon)
        if problem.fixes:
            with st.container(horizontal=True):
                _show_fixes(problem, key)


def _show_fixes(problem: Problem, key: str) -> None:
    for number, fix in enumerate(problem.fixes):
        st.button(
            plain(fix.label), key=f"{key}_{number}" if number else key, icon=":material/build:" if not number else None,
            on_click=change_and_follow, args=fix.edits,
        )  # fmt: skip


def show_summary(report: Report) -> None:
    """How many problems there are, each a way to its layer, with a button that mends them all if each can be mended."""
    if not report.problems:
        st.badge("Ready to train", icon=":material/check_circle:", color="green")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content"):
        errors, warnings = len(report.errors), len(report.problems) - len(report.errors)
        if errors:
            _badge("errors", "error", "red", counted(errors, "problem"), report.errors)
        if warnings:
            told = tuple(problem for problem in report.problems if problem.severity == "warning")
            _badge("warnings", "warning", "orange", counted(warnings, "warning"), told)
        if len(all_fixes(report)) == len(report.problems):
            label = "Fix all" if len(report.problems) > 1 else "Fix it"
            st.button(label, key="fix_all", icon=":material/build:", on_click=fix_all)


def _badge(key: str, icon: str, color: str, words: str, problems: Sequence[Problem]) -> None:
    """A button that selects the first layer at fault; disabled if no layer is."""
    at_fault = tuple(dict.fromkeys(problem.node_id for problem in problems if problem.node_id))
    st.button(
        f":{color}-badge[:material/{icon}: {words}]", key=f"badge_{key}", type="tertiary", disabled=not at_fault,
        on_click=select_nodes, args=(at_fault[:1],), help=f"Show {plain(at_fault[0])}" if at_fault else plain(problems[0].message),
    )  # fmt: skip


def fix_all() -> None:
    """Mends everything that can be mended, as one step of the history; a single fix is named as by its own button."""
    edits = fixing_edits(current_project(), facts(), known_machine())
    is_one_fix = any(fix.edits == edits for problem in report().problems for fix in problem.fixes)
    change_and_follow(*edits, label=None if is_one_fix else "Fix all problems")
