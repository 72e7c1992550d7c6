"""The inspector of the whole model: what comes in, what is asked for, what it costs and what to do next."""

from functools import singledispatch

import streamlit as st

from builder.spec.data import DataSpec, ImageData, TableData
from builder.spec.facts import DataFacts
from builder.ui.formats import compact, count, counted, size_bytes
from builder.ui.inspector.initial import show_start
from builder.ui.inspector.subject import Subject
from builder.ui.palette import show_palette
from builder.ui.shapes import named_shape
from builder.ui.text import plain, shortened

_NAMED = 6
"""Classes or columns named one by one before the rest is counted."""


def show_whole(subject: Subject) -> None:
    report, nodes = subject.report, subject.model.nodes
    st.subheader("The model", anchor=False)
    with st.container(gap=None, key="model_facts"):
        st.markdown(
            f"{counted(len(nodes), 'layer')} · **{compact(report.parameters)}** parameters · "
            f"**{compact(report.multiply_adds)}** multiply-adds · **{size_bytes(report.weights_bytes)}** of weights"
        )
    show_start(subject)
    _show_input(subject)
    _show_output(subject)
    if nodes:
        st.caption("Select a layer to see and change its settings.")
        show_palette(subject.desk.end(), last=False, label="Add a layer")
    else:
        st.caption("Add a first layer here, drag one from the palette, or let Strata suggest a model.")
        show_palette(subject.desk.end(), last=True, label="Add a layer")


def _show_input(subject: Subject) -> None:
    with st.container(border=True, key="layer_input", gap=None):
        st.markdown(f":material/input: **Input**  \n{named_shape(subject.facts.input_shape)}")
        st.caption(_meaning(subject.project.data, subject.facts))


def _show_output(subject: Subject) -> None:
    loss = subject.project.training.loss
    with st.container(border=True, key="layer_output", gap=None):
        st.markdown(f":material/output: **Answer**  \n{named_shape(subject.report.output_shape)}")
        st.caption(f"{_asked(subject.facts)} · {plain(loss.label)}: {plain(loss.help)}")


@singledispatch
def _meaning(data: DataSpec, facts: DataFacts) -> str:
    """What the axes of the input stand for."""
    raise NotImplementedError(type(data).__name__)


@_meaning.register
def _(data: TableData, facts: DataFacts) -> str:
    names = [column.name for column in data.features]
    return f"{count(facts.input_shape[0])} numbers from {counted(len(names), 'column')}: {_listed(names)}"


@_meaning.register
def _(data: ImageData, facts: DataFacts) -> str:
    channels, height, width = facts.input_shape
    colour = "one grey channel" if channels == 1 else "red, green and blue"
    return f"Images of {height} × {width} pixels (height × width), {colour}"


def _listed(names: list[str] | tuple[str, ...]) -> str:
    shown = ", ".join(plain(shortened(name, 30)) for name in names[:_NAMED])
    return f"{shown} and {count(len(names) - _NAMED)} more" if len(names) > _NAMED else shown


def _asked(facts: DataFacts) -> str:
    if facts.task == "reconstruction":
        return f"The input itself, {count(facts.target_size)} values"
    target = plain(facts.target)
    return (
        f"{target}: {len(facts.classes)} classes, {_listed(facts.classes)}" if facts.classes else f"{target}: a number"
    )
