"""What a model costs: totals at once, memory to the byte and time once the worker has measured them on this machine."""

from functools import partial

import streamlit as st

from builder.check.edits import UpdateTraining
from builder.check.report import Report
from builder.errors import BuilderError
from builder.runs.ask_queue import Answer
from builder.runs.asks import answer, withdraw
from builder.runs.launch import ensure_worker
from builder.runs.measured import Measurement, ask_measure, measure_key, measurement
from builder.runs.memory import usable_bytes
from builder.spec.project import Project
from builder.ui.fit import Misfit, misfit
from builder.ui.formats import compact, count, duration, latency, size_bytes
from builder.ui.session import dataset, edit, say
from builder.ui.text import plain

_EVERY_S = 0.5


def show_cost(project: Project, report: Report) -> None:
    """The totals of the model, with what was measured; polls while the worker measures."""
    key = measure_key(project, dataset().content)
    waits = answer(key).is_under_way
    (st.fragment(_show, run_every=_EVERY_S) if waits else _show)(project, report, key, waits)


def _show(project: Project, report: Report, key: str, waited: bool) -> None:
    found = answer(key)
    if waited != found.is_under_way:  # polling begins and ends with the page: a click in here draws only this part
        st.rerun(scope="app")
    if found.is_under_way:
        ensure_worker()  # it may have ended meanwhile
    measured = measurement(found)
    with st.container(horizontal=True, gap="large", key="totals"):
        _show_size(report)
        _show_memory(project, report, measured)
        _show_time(project, measured)
        _show_measuring(project, report, found, key)
    if found.state == "failed":
        st.warning(plain(found.message), icon=":material/timer_off:")


def _show_size(report: Report) -> None:
    st.metric(
        "Parameters", compact(report.parameters), width="content", help=f"{count(report.parameters)} trainable values."
    )
    st.metric(
        "Multiply-adds", compact(report.multiply_adds), width="content",
        help="Operations for one example, an estimate of speed.",
    )  # fmt: skip
    st.metric(
        "Weights", size_bytes(report.weights_bytes), width="content",
        help="Size of the trained weights as 32-bit numbers.",
    )  # fmt: skip


def _show_memory(project: Project, report: Report, measured: Measurement | None) -> None:
    parts = "weights, gradients, optimizer and what the backward pass keeps"
    size = count(project.training.batch_size)
    if measured is None:
        help = f"An estimate at batch size {size}: {parts}."
        st.metric("Training memory", size_bytes(report.memory_bytes), width="content", help=help)
        return
    help = f"Exact at batch size {size}: {parts}, {size_bytes(measured.saved_bytes)} of it for one batch."
    _metric("Training memory", size_bytes(measured.memory_bytes), "measured", help)


def _show_time(project: Project, measured: Measurement | None) -> None:
    if measured is None or measured.epoch_s is None:
        return
    epochs = project.training.epochs
    whole = f"{count(epochs)} epoch{'s' if epochs > 1 else ''}: {time_text(measured.epoch_s * epochs)}"
    help = (
        f"{count(measured.steps_per_epoch)} steps of {time_text(measured.step_s)} and the validation, measured on this "
        "machine by training for a moment. Early stopping may end it before."
    )
    _metric("Time per epoch", time_text(measured.epoch_s), whole, help)


def _metric(label: str, value: str, note: str, help: str) -> None:
    st.metric(label, value, note, "off", delta_arrow="off", width="content", help=help)


def time_text(seconds: float) -> str:
    """0.0042 → `4.2 ms`, 80 → `1 min 20 s`."""
    return latency(seconds * 1000) if seconds < 0.9995 else duration(seconds)


def _show_measuring(project: Project, report: Report, found: Answer, key: str) -> None:
    if found.is_under_way:
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            st.caption("Measuring…" if found.state == "working" else "Waiting for the worker…")
            st.button("Stop", key="stop_measuring", type="tertiary", on_click=_stop, args=(key,))
    elif found.state != "done":
        st.button(
            "Measure on this machine" if found.state == "unasked" else "Try again", key="measure",
            icon=":material/timer:", disabled=not report.can_train, on_click=partial(_measure, project, key),
            help="Exact memory and seconds per epoch: the worker trains it for a moment."
            if report.can_train else "Mend the problems first.",
        )  # fmt: skip


def _measure(project: Project, key: str) -> None:
    withdraw(key)  # an answer that failed
    try:
        ask_measure(project, dataset().content)
    except (BuilderError, OSError) as error:
        say(f"It could not be measured: {error}", "error")


def _stop(key: str) -> None:
    withdraw(key)


def show_fit_warning(project: Project, report: Report) -> None:
    """Before a launch that this machine's memory would not hold: says so, with the batch size that it would."""
    measured = measurement(answer(measure_key(project, dataset().content)))
    found = misfit(project, report, measured, usable_bytes())
    if found is not None:
        _warn(found)


def _warn(found: Misfit) -> None:
    with st.container(gap="xsmall", key="does_not_fit"):
        st.warning(plain(found.message), icon=":material/memory_alt:")
        if found.batch_size:
            st.button(
                f"Set the batch size to {count(found.batch_size)}", key="fit_batch", icon=":material/build:",
                on_click=edit, args=(UpdateTraining(changes={"batch_size": found.batch_size}),),
            )  # fmt: skip
