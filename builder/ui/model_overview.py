"""What stands around the stack of layers: totals, the data that comes in and the answer that goes out."""

from functools import singledispatch

import streamlit as st

from builder.check.report import Report
from builder.spec.data import DataSpec, ImageData, TableData
from builder.spec.facts import DataFacts
from builder.spec.project import Project
from builder.ui.formats import compact, count, size_bytes
from builder.ui.layer_cards import shape_text
from builder.ui.problems import show_problems
from builder.ui.text import plain, shortened

_NAMED = 6
"""Classes or columns named one by one before the rest is counted."""


def show_totals(project: Project, report: Report) -> None:
    with st.container(horizontal=True, gap="large", key="totals"):
        st.metric(
            "Parameters",
            compact(report.parameters),
            width="content",
            help=f"{count(report.parameters)} trainable values.",
        )
        st.metric(
            "Multiply-adds",
            compact(report.multiply_adds),
            width="content",
            help="Operations for one example, an estimate of speed.",
        )
        st.metric(
            "Weights",
            size_bytes(report.weights_bytes),
            width="content",
            help="Size of the trained weights as 32-bit numbers.",
        )
        st.metric(
            "Training memory", size_bytes(report.memory_bytes), width="content",
            help=f"An estimate at batch size {count(project.training.batch_size)}: weights, gradients, optimizer and activations.",
        )  # fmt: skip


def show_input_card(data: DataSpec, facts: DataFacts) -> None:
    with st.container(border=True, key="layer_input", gap=None):
        st.markdown(f":material/input: **Input** &nbsp; {shape_text(facts.input_shape)}")
        st.caption(_meaning(data, facts))


@singledispatch
def _meaning(data: DataSpec, facts: DataFacts) -> str:
    """What the axes of the input stand for."""
    raise NotImplementedError(type(data).__name__)


@_meaning.register
def _(data: TableData, facts: DataFacts) -> str:
    names = [column.name for column in data.features]
    return f"{count(facts.input_shape[0])} numbers from {_columns(len(names))}: {_listed(names)}"


@_meaning.register
def _(data: ImageData, facts: DataFacts) -> str:
    channels, height, width = facts.input_shape
    colour = "one grey channel" if channels == 1 else "red, green and blue"
    return f"Images of {height} × {width} pixels (height × width), {colour}"


def _columns(number: int) -> str:
    return "1 column" if number == 1 else f"{count(number)} columns"


def _listed(names: list[str] | tuple[str, ...]) -> str:
    shown = ", ".join(plain(shortened(name, 30)) for name in names[:_NAMED])
    return f"{shown} and {count(len(names) - _NAMED)} more" if len(names) > _NAMED else shown


def show_output_card(project: Project, facts: DataFacts, report: Report) -> None:
    with st.container(border=True, key="layer_output", gap=None):
        st.markdown(f":material/output: **Output** &nbsp; {shape_text(report.output_shape)}")
        st.caption(f"{_asked(facts)} · {plain(project.training.loss.label)}: {plain(project.training.loss.help)}")
    show_problems(report, lambda problem: problem.node_id is None)


def _asked(facts: DataFacts) -> str:
    if facts.task == "reconstruction":
        return f"The input itself, {count(facts.target_size)} values"
    target = plain(facts.target)
    return (
        f"{target}: {len(facts.classes)} classes, {_listed(facts.classes)}" if facts.classes else f"{target}: a number"
    )
