"""The inspector of the whole model: what comes in, what is asked for, what it costs and what to do next."""

from functools import singledispatch

from builder.spec.data import DataSpec, ImageData, TableData
from builder.spec.facts import DataFacts
from builder.ui.formats import compact, count, counted, size_bytes
from builder.ui.inspector.initial import start_notes
from builder.ui.inspector.items import Item, Items, add, card, facts, heading, note
from builder.ui.inspector.subject import Subject
from builder.ui.shapes import named_shape
from builder.ui.text import shortened

_NAMED = 6
"""Classes or columns named one by one before the rest is counted."""


def whole_items(subject: Subject) -> Items:
    hint = (
        "Select a layer to see and change its settings."
        if subject.model.nodes
        else "Add a first layer here, drag one from the palette, or let Strata suggest a model."
    )
    return [
        heading("The model"),
        _facts(subject),
        *start_notes(subject),
        _input(subject),
        _answer(subject),
        note(hint),
        add("Add a layer", subject.desk.end()),
    ]


def _facts(subject: Subject) -> Item:
    report, layers = subject.report, len(subject.model.nodes)
    return facts(
        (count(layers), "layer" if layers == 1 else "layers"),
        (compact(report.parameters), "parameters"),
        (compact(report.multiply_adds), "multiply-adds"),
        (size_bytes(report.weights_bytes), "of weights"),
    )


def _input(subject: Subject) -> Item:
    meaning = note(_meaning(subject.project.data, subject.facts))
    return card("input", "Input", _shape(named_shape(subject.facts.input_shape)), meaning)


def _answer(subject: Subject) -> Item:
    loss = subject.project.training.loss
    meaning = note(f"{_asked(subject.facts)} · {loss.label}: {loss.help}")
    return card("output", "Answer", _shape(named_shape(subject.report.output_shape)), meaning)


def _shape(words: str) -> Item:
    return {"kind": "text", "text": words}


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
    shown = ", ".join(shortened(name, 30) for name in names[:_NAMED])
    return f"{shown} and {count(len(names) - _NAMED)} more" if len(names) > _NAMED else shown


def _asked(facts: DataFacts) -> str:
    if facts.task == "reconstruction":
        return f"The input itself, {count(facts.target_size)} values"
    if not facts.classes:
        return f"{facts.target}: a number"
    return f"{facts.target}: {len(facts.classes)} classes, {_listed(facts.classes)}"
