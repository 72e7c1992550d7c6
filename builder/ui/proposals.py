"""Three models for the data side by side, small, balanced and accurate, each with what it costs."""

import streamlit as st

from builder.check.edits import LoadModel, UpdateTraining
from builder.check.proposals import Proposal, proposals
from builder.ui.formats import compact, count, size_bytes
from builder.ui.inspector.subject import Subject
from builder.ui.session import edit, show_value, shown_value
from builder.ui.text import plain

_OPEN = "proposals_are_open"


def offer_proposals(subject: Subject) -> None:
    """A button that opens them. They stay open while the page behind is drawn again."""
    st.button(
        "Suggest a model", key="suggest_model", icon=":material/auto_awesome:", on_click=show_value, args=(_OPEN, True)
    )
    if shown_value(_OPEN):
        _choose(subject)


def _close() -> None:
    show_value(_OPEN, False)


@st.dialog("Models for your data", width="large", icon=":material/auto_awesome:", on_dismiss=_close)
def _choose(subject: Subject) -> None:
    st.caption("Each takes the place of the present model; undo brings that back.")
    offered = proposals(subject.project.data, subject.facts)
    for column, proposal in zip(st.columns(len(offered)), offered, strict=True):
        with column.container(border=True, height="stretch", key=f"card_{proposal.name}"):
            _show(proposal)


def _show(proposal: Proposal) -> None:
    report = proposal.report
    st.subheader(proposal.title, anchor=False)
    with st.container(height="stretch"):
        st.caption(plain(proposal.why))
    st.markdown(
        f"**{count(len(proposal.model.nodes))}** layers  \n**{compact(report.parameters)}** parameters  \n"
        f"**{compact(report.multiply_adds)}** multiply-adds  \n**{size_bytes(report.memory_bytes)}** of memory to train"
    )
    with_training = st.toggle(
        "With its training settings", value=True, key=f"with_training_{proposal.name}",
        help="Loss, optimizer, batch size and epochs that go with it.",
    )  # fmt: skip
    if st.button(
        "Use this model", key=f"use_{proposal.name}", type="primary", width="stretch", icon=":material/check:",
        on_click=_use, args=(proposal, with_training),
    ):  # fmt: skip
        st.rerun()


def _use(proposal: Proposal, with_training: bool) -> None:
    load = LoadModel(model=proposal.model, title=f"Take the {proposal.name} model")
    training = UpdateTraining(changes=proposal.training.model_dump(mode="json"))
    edit(*((load, training) if with_training else (load,)), label=load.title)
    _close()
