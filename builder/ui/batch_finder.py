"""Finds a batch size: a button, speed and memory of each size that was tried, and what follows from them."""

import math
from functools import partial
from typing import Any

import streamlit as st

from builder.catalogue.optimizers import Optimizer
from builder.check.edits import UpdateTraining
from builder.runs.ask_queue import Answer
from builder.runs.batch_search import BatchSearch, End, ask_batch_search, batch_search, batch_search_key
from builder.spec.project import Project
from builder.spec.training import TrainingSpec
from builder.ui.asking import ask_anew, follow
from builder.ui.formats import compact, count, size_bytes
from builder.ui.live_chart import draw_chart, packed
from builder.ui.session import current_project, dataset, edit, report
from builder.ui.text import plain

_ENDS: dict[End, str] = {
    "rows": "There are no rows for a larger one.",
    "memory": "A larger one does not fit into memory.",
    "time": "A larger one would take too long to try.",
}
_KEEP, _ROOT, _LINEAR = "keep", "root", "linear"
_HIGHEST_LR = 10.0
"""That a project may say."""


def show_batch_finder() -> None:
    project = current_project()
    key = batch_search_key(project, dataset().content)
    with st.container(key="batch_finder"):
        follow(key, "batch_search", partial(_show, project, key))


def _show(project: Project, key: str, found: Answer) -> None:
    search = batch_search(found)
    if search is None:
        _show_button(project, key, "Find a batch size" if found.state == "unasked" else "Try again")
        if found.state == "failed":
            st.warning(plain(found.message), icon=":material/search_off:")
        return
    sizes = dict.fromkeys((search.quickest, search.largest))
    is_used = project.training.batch_size in sizes
    with st.expander(f"Batch size found: {count(search.quickest)}", expanded=not is_used, key=f"batch_found_{is_used}", icon=":material/speed:"):  # fmt: skip
        draw_chart(*batch_figure(search), key="batch_chart", height=200)
        st.caption(plain(f"{search.reason} {largest_text(search)}"))
        rule = _pick_rule(project.training)
        with st.container(horizontal=True):
            for size in sizes:
                _show_use(project.training, size, rule)
            _show_button(project, key, "Find again", "tertiary")


def largest_text(search: BatchSearch) -> str:
    """What the largest size costs, and why there is no larger one."""
    last = search.tried[-1]
    memory = "" if last.memory_bytes is None else f" and takes {size_bytes(last.memory_bytes)}"
    return f"The largest that fits is {last.size:,}{memory}. {_ENDS[search.end]}"


def _pick_rule(training: TrainingSpec) -> str:
    if training.optimizer.is_full_batch:  # parts of one and the same step
        return _KEEP
    names = {
        _ROOT: "by the square root of the factor, as adaptive optimizers want it",
        _LINEAR: "by the factor, as plain gradient steps want it",
        _KEEP: "not at all",
    }
    options = (_KEEP, _ROOT if is_adaptive(training.optimizer) else _LINEAR)
    return st.selectbox(
        "The learning rate changes with it", options, key="batch_rule", format_func=names.get,
        help="A larger batch has a steadier gradient, which bears longer steps; train again to see whether it pays.",
    )  # fmt: skip


def is_adaptive(optimizer: Optimizer) -> bool:
    """Whether the length of a step does not follow that of the gradient (arXiv:2205.10287); else arXiv:1706.02677."""
    return optimizer.source != "torch.optim.SGD"


def _show_use(training: TrainingSpec, size: int, rule: str) -> None:
    lr, is_set = scaled_lr(training, size, rule), training.batch_size == size
    rate = f", learning rate {lr:g}" if lr != training.optimizer.lr else ""
    st.button(
        f"Use {count(size)}{rate}", key=f"use_batch_{size}", icon=":material/check:", disabled=is_set,
        on_click=_use, args=(size, lr), help="It is set already." if is_set else None,
    )  # fmt: skip


def scaled_lr(training: TrainingSpec, size: int, rule: str) -> float:
    """With two digits: that of the present batch size, for another."""
    factor, lr = size / training.batch_size, training.optimizer.lr
    if rule == _KEEP or factor == 1:
        return lr
    return min(_HIGHEST_LR, float(f"{lr * (math.sqrt(factor) if rule == _ROOT else factor):.1e}"))


def _use(size: int, lr: float) -> None:
    optimizer = current_project().training.optimizer
    changes = {"batch_size": size, "optimizer": optimizer.model_dump(mode="json") | {"lr": lr}}
    if lr == optimizer.lr:
        del changes["optimizer"]
    edit(UpdateTraining(changes=changes), label=f"Set the batch size to {size}")


def _show_button(project: Project, key: str, label: str, kind: Any = "secondary") -> None:
    can_train = report().can_train
    st.button(
        label, key="find_batch", type=kind, icon=":material/search:", disabled=not can_train,
        on_click=ask_anew, args=(key, partial(ask_batch_search, project, dataset().content)),
        help="The worker trains a few steps with ever larger batches, until they no longer fit into memory."
        if can_train else "Mend the problems first.",
    )  # fmt: skip


def batch_figure(search: BatchSearch) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Rows a second by batch size; memory is told with each point."""
    sizes, speeds = [one.size for one in search.tried], [one.rows_per_s for one in search.tried]
    told = ["" if one.memory_bytes is None else f", {size_bytes(one.memory_bytes)}" for one in search.tried]
    texts = [f"{count(one.size)}: {compact(one.rows_per_s)} rows/s{memory}" for one, memory in zip(search.tried, told, strict=True)]  # fmt: skip
    trace = {
        "type": "scatter", "mode": "lines+markers", "name": "Rows a second", "x": packed(sizes), "y": packed(speeds),
        "text": texts, "hovertemplate": "%{text}<extra></extra>", "line": {"color": "--st-primary-color", "width": 2},
    }  # fmt: skip
    return [trace], {
        "xaxis": {"title": {"text": "Batch size"}, "type": "log", "tickvals": sizes[::-1][::2], "ticktext": [count(size) for size in sizes[::-1][::2]]},
        "yaxis": {"title": {"text": "Rows a second"}, "rangemode": "tozero"}, "showlegend": False, "hovermode": "closest",
    }  # fmt: skip
