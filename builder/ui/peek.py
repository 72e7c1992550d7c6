"""Peek: what every node makes of one real batch, asked for with a button and shown on the canvas and below it."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from builder.check.report import Report
from builder.errors import BuilderError
from builder.runs.asks import answer, withdraw
from builder.runs.launch import ensure_worker
from builder.runs.peeks import ROWS, Peek, ask_peek, kept_peeks, node_keys, peek_key, trained_run
from builder.runs.run import Run
from builder.spec.project import Project
from builder.ui.distributions import histogram
from builder.ui.formats import count, number, percent
from builder.ui.live_chart import draw_chart
from builder.ui.run_list import run_name
from builder.ui.session import dataset, facts, runs, say
from builder.ui.text import plain

_EVERY_S = 0.3
_DEAD = (
    "A dead unit gives 0 for every row, so it learns nothing: lower the learning rate, or choose an activation that "
    "is never flat, such as LeakyReLU or GELU."
)
_EXPLODING = (
    "Values this large grow from layer to layer until they are no numbers: add a normalization layer, or lower the "
    "learning rate."
)
_PICTURES = {
    "rows": "Rows downwards, units to the right",
    "steps": "First row: units downwards, steps to the right",
    "channels": "First row: a tile for each of the first 16 channels",
    "slices": "First row: the middle slice of each of the first 16 channels",
    "attention": "First row: a tile for each head; the step that looks downwards, the step looked at to the right",
}


@dataclass(frozen=True)
class Peeked:
    """What is known of the present model: `nodes` by id, for the canvas; `run` trained the weights, None for fresh ones."""

    keys: dict[str, str]
    nodes: dict[str, Peek]
    run: Run | None

    @property
    def is_complete(self) -> bool:
        return len(self.nodes) == len(self.keys)


def peeked(project: Project) -> Peeked:
    """Nodes before a change keep what an earlier peek found."""
    content = dataset().content
    run = trained_run(project, content, runs())
    keys = node_keys(project, facts(), content, run)
    return Peeked(keys, kept_peeks(keys), run)


def show_peek(project: Project, report: Report, found: Peeked) -> None:
    """The button, and how it goes; the page is drawn again when the answer is there."""
    waits = answer(peek_key(found.keys)).is_under_way
    (st.fragment(_show, run_every=_EVERY_S) if waits else _show)(project, report, found, waits)


def _show(project: Project, report: Report, found: Peeked, waited: bool) -> None:
    key = peek_key(found.keys)
    state = answer(key)
    if waited != state.is_under_way:  # polling begins and ends with the page: a click in here draws only this part
        st.rerun(scope="app")
    if state.is_under_way:
        ensure_worker()  # it may have ended meanwhile
        with st.container(horizontal=True, vertical_alignment="center", key="peeking"):
            st.caption("One batch goes through the model…" if state.state == "working" else "Waiting for the worker…")
            st.button("Stop", key="stop_peeking", type="tertiary", on_click=_stop, args=(key,))
    elif found.keys and found.is_complete:
        st.caption(_explained(found))
    else:
        _show_button(project, report, found, key)
    if state.state == "failed":
        st.warning(plain(state.message), icon=":material/visibility_off:")


def _explained(found: Peeked) -> str:
    weights = f"the weights of {run_name(found.run, runs())}" if found.run else "the weights that training starts from"
    return f"Peek: up to {ROWS} validation rows, with {weights}. Select a layer to see what it gives."


def _show_button(project: Project, report: Report, found: Peeked, key: str) -> None:
    st.button(
        "Peek: run one batch through the model", key="peek", icon=":material/visibility:",
        disabled=not report.can_train, on_click=partial(_peek, project, found, key),
        help="Shows what every layer gives: values, dead units, pictures." if report.can_train else "Mend the problems first.",
    )  # fmt: skip


def _peek(project: Project, found: Peeked, key: str) -> None:
    withdraw(key)  # an answer that failed, or whose peeks were deleted since
    try:
        ask_peek(project, found.keys, found.run)
    except (BuilderError, OSError) as error:
        say(f"The batch could not be run: {error}", "error")


def _stop(key: str) -> None:
    withdraw(key)


def show_peek_detail(found: Peeked, node_id: str) -> None:
    """What the node gave, in full."""
    peek = found.nodes.get(node_id)
    if peek is None:
        return
    with st.container(key="peek_detail"):
        for mark in peek["marks"]:
            st.warning(plain(mark[:1].upper() + mark[1:]), icon=":material/warning:")
        if any("dead" in mark for mark in peek["marks"]):
            st.caption(_DEAD)
        if any("exploding" in mark or "finite" in mark for mark in peek["marks"]):
            st.caption(_EXPLODING)
        figures, values, picture = st.columns([2, 4, 3])
        named = "  \n".join(f"{name}: **{plain(figure)}**" for name, figure in peek_figures(peek).items())
        figures.markdown(f"**{plain(node_id)}**  \n{named}")
        if peek["histogram"]:
            with values:
                draw_chart(*activation_figure(peek), key="peek_chart", height=200)
        if peek["picture"]:
            with picture.container(key="gallery_peek"):
                st.image(peek["picture"], caption=_PICTURES[peek["picture_of"]], width=260)


def peek_figures(peek: Peek) -> dict[str, str]:
    """What the values of a node are like, in words and figures."""
    figures = {
        "Mean": number(peek["mean"]), "Standard deviation": number(peek["std"]),
        "Smallest": number(peek["min"]), "Largest": number(peek["max"]), "Zeros": percent(peek["zeros"]),
        "Dead units": f"{count(round(peek['dead'] * peek['units']))} of {count(peek['units'])}",
    }  # fmt: skip
    if peek["nonfinite"]:
        figures["Not finite"] = count(peek["nonfinite"])
    return figures


def activation_figure(peek: Peek) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    edges = np.linspace(peek["min"], peek["max"], len(peek["histogram"]) + 1)
    return histogram({"values": np.array(peek["histogram"])}, edges, "Value of the output", "Values")
