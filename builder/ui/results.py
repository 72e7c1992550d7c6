"""Shows a run's evaluation: metrics beside their baseline, and for classes or numbers the charts that fit."""

import json
from typing import Any

import streamlit as st

from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.ui.figures import confusion_figure, pr_figure, predicted_figure, residual_figure, roc_figure
from builder.ui.formats import count, number
from builder.ui.live_chart import draw_chart
from builder.ui.text import plain

_SHARES = {"precision": "Precision", "recall": "Recall", "f1": "F1"}


def evaluation_of(run: Run) -> dict[str, Any] | None:
    """What evaluation.json says, None while there is none."""
    path = RunFolder(run.folder).evaluation
    return json.loads(path.read_bytes()) if path.exists() else None


def show_metrics(evaluation: dict[str, Any]) -> None:
    """One card for each metric, with the figure of the simplest possible answer beside it."""
    st.caption(
        f"On {count(evaluation['rows'])} {plain(evaluation['split'])} rows that training never saw, "
        f"with the weights of epoch {evaluation['best_epoch']}. Beside each figure (vs) that of the baseline: {plain(evaluation['baseline'])}."
    )
    with st.container(horizontal=True, key="metric_cards"):
        for metric in evaluation["metrics"]:
            _show_metric(metric)


def _show_metric(metric: dict[str, Any]) -> None:
    value, baseline = metric["value"], metric["baseline"]
    known = baseline is not None and value is not None
    better = known and (value > baseline) == metric["higher_is_better"] and value != baseline
    st.metric(
        plain(metric["label"]), number(value), f"vs {number(baseline, 3)}" if known else None,
        delta_color="green" if better else "red", delta_arrow="off", border=True, width=146,
        help=plain(metric["help"]) + (f" In {plain(metric['unit'])}." if metric["unit"] else ""),
    )  # fmt: skip


def show_classes(evaluation: dict[str, Any], key: str) -> None:
    """Confusion matrix, table of classes, ROC and precision–recall."""
    left, right = st.columns(2)
    with left.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.subheader("Confusion matrix")
            shown = st.segmented_control(
                "Cells", ["Rows", "Share"], default="Rows", key="confusion_cells", label_visibility="collapsed"
            )
        draw_chart(
            *confusion_figure(evaluation["classes"], evaluation["confusion"], shown == "Share"),
            key=f"confusion_{key}",
            height=400,
        )
    with right.container(border=True, height="stretch"):
        st.subheader("By class")
        _show_class_table(evaluation["per_class"])
    _show_curves(evaluation, key)


def _show_class_table(rows: list[dict[str, Any]]) -> None:
    shares = {name: st.column_config.NumberColumn(title, format="%.3f") for name, title in _SHARES.items()}
    columns = {"name": st.column_config.TextColumn("Class"), **shares, "support": st.column_config.NumberColumn("Rows")}
    st.dataframe(
        rows, hide_index=True, column_config=columns, key="per_class", height="auto" if len(rows) <= 10 else 400
    )


def _show_curves(evaluation: dict[str, Any], key: str) -> None:
    left, right = st.columns(2)
    if evaluation.get("roc"):
        with left.container(border=True):
            st.subheader("ROC", help="How many of a class are found at the price of how many false alarms.")
            draw_chart(*roc_figure(evaluation["roc"]), key=f"roc_{key}", height=380 + 7 * len(evaluation["roc"]))
    if evaluation.get("pr"):
        with right.container(border=True):
            st.subheader("Precision and recall", help="How pure the answers stay as more of a class is found.")
            draw_chart(*pr_figure(evaluation["pr"]), key=f"pr_{key}", height=380 + 7 * len(evaluation["pr"]))


def show_numbers(evaluation: dict[str, Any], key: str) -> None:
    """Predicted against true, and how far off the predictions are."""
    figures, target = evaluation["regression"], evaluation["target"]
    left, right = st.columns(2)
    with left.container(border=True):
        st.subheader("Predicted against true")
        draw_chart(*predicted_figure(figures["true"], figures["predicted"], target), key=f"predicted_{key}", height=380)
    with right.container(border=True):
        st.subheader("Residuals", help="Predicted minus true; a hill around zero is what you want.")
        draw_chart(*residual_figure(figures["true"], figures["predicted"], target), key=f"residuals_{key}", height=380)
