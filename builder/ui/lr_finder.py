"""Finds a learning rate: a button, the curve of the range test, and the rate that follows from it with its reason."""

import math
from functools import partial
from typing import Any

import streamlit as st

from builder.check.edits import UpdateTraining
from builder.runs.ask_queue import Answer
from builder.runs.lr_search import LrSearch, ask_lr_search, lr_search, lr_search_key
from builder.spec.project import Project
from builder.ui.asking import ask_anew, follow
from builder.ui.live_chart import draw_chart, packed
from builder.ui.session import current_project, dataset, edit, report
from builder.ui.text import plain


def show_lr_finder() -> None:
    """For the open project; nothing where the optimizer finds the length of its moves by itself."""
    project = current_project()
    if project.training.optimizer.takes_closure:
        return
    key = lr_search_key(project, dataset().content)
    with st.container(key="lr_finder"):
        follow(key, "lr_search", partial(_show, project, key))


def _show(project: Project, key: str, found: Answer) -> None:
    search = lr_search(found)
    if search is None:
        _show_button(project, key, "Find a learning rate" if found.state == "unasked" else "Try again")
        if found.state == "failed":
            st.warning(plain(found.message), icon=":material/search_off:")
        return
    is_used = project.training.optimizer.lr == search.suggestion
    title = f"Learning rate found: {search.suggestion:g}"
    with st.expander(title, expanded=not is_used, key=f"lr_found_{is_used}", icon=":material/show_chart:"):
        draw_chart(*lr_figure(search, project.training.optimizer.lr), key="lr_chart", height=220)
        st.caption(plain(search.reason))
        with st.container(horizontal=True):
            st.button(
                f"Use {search.suggestion:g}", key="use_lr", icon=":material/check:", disabled=is_used,
                on_click=_use, args=(search.suggestion,), help="It is set already." if is_used else None,
            )  # fmt: skip
            _show_button(project, key, "Find again", "tertiary")


def _show_button(project: Project, key: str, label: str, kind: Any = "secondary") -> None:
    can_train = report().can_train
    st.button(
        label, key="find_lr", type=kind, icon=":material/search:", disabled=not can_train,
        on_click=ask_anew, args=(key, partial(ask_lr_search, project, dataset().content)),
        help="The worker raises the rate step by step until the loss diverges, then trains for a moment with the best ones."
        if can_train else "Mend the problems first.",
    )  # fmt: skip


def _use(lr: float) -> None:
    optimizer = current_project().training.optimizer
    edit(UpdateTraining(changes={"optimizer": optimizer.model_dump(mode="json") | {"lr": lr}}), label=f"Set the learning rate to {lr:g}")  # fmt: skip


def lr_figure(search: LrSearch, lr: float) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Loss by learning rate, the suggestion marked, and the rate that is set where that is another."""
    trace = {
        "type": "scatter", "mode": "lines", "name": "Loss", "x": packed(search.lrs), "y": packed(search.losses),
        "line": {"color": "--st-primary-color", "width": 2}, "hovertemplate": "%{x:.2g}: %{y:.4~g}<extra></extra>",
    }  # fmt: skip
    lines = [_line(search.suggestion, "--st-green-color", "dash")]
    labels = [_label(search.suggestion, "found", "--st-green-text-color", "top", "right")]
    if lr != search.suggestion and search.lrs[0] <= lr <= search.lrs[-1]:
        lines.append(_line(lr, "--st-gray-color", "dot"))
        labels.append(
            _label(lr, "set", "--st-gray-text-color", "bottom", "right" if lr < search.suggestion else "left")
        )
    return [trace], {
        "xaxis": {"title": {"text": "Learning rate"}, "type": "log", "exponentformat": "power", "dtick": 2, "tickangle": 0},
        "yaxis": {"title": {"text": "Loss"}}, "showlegend": False, "hovermode": "closest",
        "shapes": lines, "annotations": labels,
    }  # fmt: skip


def _line(lr: float, color: str, dash: str) -> dict[str, Any]:
    place = {"x0": lr, "x1": lr, "xref": "x", "y0": 0, "y1": 1, "yref": "paper"}
    return {"type": "line", **place, "line": {"color": color, "width": 1.5, "dash": dash}}


def _label(lr: float, name: str, color: str, height: str, side: str) -> dict[str, Any]:
    """Plotly takes places of texts on a log axis as powers of ten, but not those of lines."""
    return {
        "x": math.log10(lr), "xref": "x", "y": 1 if height == "top" else 0, "yref": "paper", "text": f"{name}: {lr:g}",
        "showarrow": False, "xanchor": side, "xshift": -4 if side == "right" else 4, "yanchor": height,
        "font": {"color": color, "size": 11},
    }  # fmt: skip
