"""Inside the model: gradients, updates and values of each layer while it trains, and what the machine does meanwhile."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import streamlit as st

from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.runs.telemetry import Sample, TelemetryReader
from builder.spec.repetition import unrolled
from builder.ui.formats import compact, number, percent, size_bytes
from builder.ui.layer_figures import latest_figure, layers_figure, values_figure, whole_figure
from builder.ui.live_chart import draw_chart
from builder.ui.run_list import run_project
from builder.ui.text import plain

_SMALL = 210
_MOST_HEIGHT, _ROW_HEIGHT = 640, 22
Samples = Sequence[Sample]


class Measure(NamedTuple):
    """One figure of each layer, with what it is for."""

    names: tuple[str, ...]
    title: str
    explained: str
    is_share: bool = False


_MEASURES = {
    "Gradient": Measure(
        ("grad_norm",), "Gradient norm",
        "How strongly the loss pulls at each layer. Layers near the data that get far less than the last ones hardly "
        "learn; values that keep growing end in numbers too large.",
    ),
    "Update ÷ weight": Measure(
        ("update_norm", "weight_norm"), "Update ÷ weight",
        "How far one step moves a layer, as a share of its size. About 0.001 is usual; far above it the learning rate "
        "is high for this layer, far below it the layer stands still.",
    ),
    "Dead units": Measure(
        ("dead",), "Dead units",
        "Share of units whose activation gave 0 for every training row that was tried: they learn nothing.",
        is_share=True,
    ),
}  # fmt: skip


@st.cache_resource(max_entries=16, show_spinner=False)
def _reader(run_id: str, folder: RunFolder) -> TelemetryReader:
    """One for all viewers, so that each byte is read once."""
    return TelemetryReader(folder)


def show_layers(run: Run) -> None:
    """Nothing is read or drawn while it is closed."""
    box = st.expander("Inside the model", key=f"inside_{run.id}", icon=":material/network_node:", on_change="rerun")
    if not box.open:
        return
    samples = _reader(run.id, RunFolder(run.folder)).read()
    with box:
        if samples:
            _show_tabs(run, samples)
        elif run.is_active:
            st.caption("The first look inside comes with the first step.")
        else:
            st.caption("Nothing was seen inside this run: an earlier version of Strata trained it.")


def _show_tabs(run: Run, samples: Samples) -> None:
    layers, values, machine = st.tabs(
        ["Layers", "Weights and updates", "Speed and machine"], key=f"inside_tabs_{run.id}", on_change="rerun"
    )
    for tab, show in ((layers, _show_measures), (values, _show_values), (machine, _show_machine)):
        if tab.open:
            with tab:
                show(run, samples)


def _show_measures(run: Run, samples: Samples) -> None:
    name = st.segmented_control(
        "Of each layer", list(_MEASURES), default="Gradient", required=True, key=f"inside_measure_{run.id}",
        label_visibility="collapsed",
    )  # fmt: skip
    measure = _MEASURES[name]
    labels = _labels(run, samples, lambda figures: figures[measure.names[0]] is not None)
    if not labels:
        st.caption("No layer of this model has an activation that can die, such as ReLU.")
        return
    figure = layers_figure(samples, labels, measure.names, measure.title, is_share=measure.is_share)
    height = max(340, min(_MOST_HEIGHT, _ROW_HEIGHT * len(labels)))
    draw_chart(*figure, key=f"inside_layers_{name}_{run.id}", height=height)
    still = [label for name, label in labels.items() if samples[-1]["layers"][name][measure.names[0]] == 0]
    if still and not measure.is_share:
        st.caption(f"0 at the last look, which this scale cannot show: {plain(', '.join(still))}.")
    st.caption(measure.explained)


def _labels(run: Run, samples: Samples, wanted: Callable[[dict], bool]) -> dict[str, str]:
    """The layers of which something is known, by the names of their modules, as the Model page calls them."""
    ids = {node.id for node in unrolled(run_project(run).model).model.nodes}
    names = [name for name, figures in samples[-1]["layers"].items() if wanted(figures)]
    return {name: name if name in ids else name.removesuffix("_") for name in names}


def _show_values(run: Run, samples: Samples) -> None:
    labels = _labels(run, samples, lambda figures: figures["weights"] is not None)
    layer = st.selectbox(
        "Layer", list(labels), key=f"inside_layer_{run.id}", format_func=lambda name: labels.get(name, name), width=340
    )
    for name, title in (("weights", "Weights"), ("updates", "Update of one step")):
        over_time, latest = st.columns([3, 2])
        with over_time:
            figure = values_figure(samples, layer, name, title)
            draw_chart(*figure, key=f"inside_{name}_{layer}_{run.id}", height=260)
        with latest:
            figure = latest_figure(samples[-1], layer, name, f"{title}, epoch {number(samples[-1]['epoch'], 3)}")
            draw_chart(*figure, key=f"inside_latest_{name}_{layer}_{run.id}", height=260)
    st.caption(f"All that {plain(labels[layer])} learns, biases too; of a very large layer an evenly spaced part.")


def _show_machine(run: Run, samples: Samples) -> None:
    with st.container(horizontal=True, gap="medium", key="inside_machine"):
        for label, value, help in _machine_metrics(samples[-1]):
            st.metric(label, value, width="content", help=help)
    left, right = st.columns(2)
    for place, (title, lines, axis) in enumerate(_machine_lines(samples)):
        with (left, right)[place % 2]:
            traces, layout = whole_figure(samples, lines, {"title": {"text": title}, **axis})
            draw_chart(traces, layout, key=f"inside_machine_{place}_{run.id}", height=_SMALL)


def _machine_metrics(last: Sample) -> list[tuple[str, str, str]]:
    found = [
        ("Throughput", f"{compact(last['rows_per_s'])} rows/s", "Of the training steps alone."),
        ("Waiting for data", percent(last["data_share"]), "Share of the steps' time that went into getting inputs ready."),
        ("Processor", percent(last["cpu_share"]), "Share of all cores that the training uses."),
        ("Memory", _size(last["memory_bytes"]), "Of the process that trains, all its libraries included."),
    ]  # fmt: skip
    if last["device"]:
        found.append(("Device memory", _size(last["device"]["memory_bytes"]), "Held on the device that computes."))
        found.append(("Device use", percent(last["device"]["use"]), "Share of the time in which the device computed."))
    return [*found, ("Learning rate", number(last["lr"]), "Of the last step that was looked at.")]


def _size(value: int | None) -> str:
    return "–" if value is None else size_bytes(value)


def _machine_lines(samples: Samples) -> list[tuple[str, dict[str, list], dict]]:
    """Title, lines and axis of each small chart."""

    def each(name: str) -> list:
        return [sample[name] for sample in samples]

    def of_device(name: str) -> list:
        return [(sample["device"] or {}).get(name) for sample in samples]

    use = {"waiting for data": each("data_share"), "processor": each("cpu_share")}
    memory = {"memory": _megabytes(each("memory_bytes"))}
    if samples[-1]["device"]:
        use["device"], memory["device memory"] = of_device("use"), _megabytes(of_device("memory_bytes"))
    return [
        ("Rows per second", {"rows": each("rows_per_s")}, {"rangemode": "tozero"}),
        ("Share", use, {"range": [0, 1.02], "tickformat": ".0%"}),
        ("Memory, MB", memory, {"rangemode": "tozero", "tickformat": ",d"}),
        ("Learning rate", {"learning rate": each("lr")}, {"rangemode": "tozero", "exponentformat": "power"}),
    ]


def _megabytes(values: list[int | None]) -> list[float | None]:
    return [None if value is None else value / 1e6 for value in values]
