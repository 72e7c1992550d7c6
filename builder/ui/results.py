"""Shows a run's evaluation: metrics beside their baseline, and for classes or numbers the charts that fit."""

import json
from typing import Any, Literal

import streamlit as st

from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.ui.figures import confusion_figure, pr_figure, predicted_figure, residual_figure, roc_figure
from builder.ui.formats import alike, count, counted, fixed
from builder.ui.live_chart import draw_chart
from builder.ui.text import plain, shortened

_LONGEST_UNIT = 24
_SHARES = {"precision": "Precision", "recall": "Recall", "f1": "F1"}


def evaluation_of(run: Run) -> dict[str, Any] | None:
    """What evaluation.json says, None while there is none."""
    path = RunFolder(run.folder).evaluation
    return json.loads(path.read_bytes()) if path.exists() else None


def show_metrics(evaluation: dict[str, Any]) -> None:
    """One card for each metric, with the figure of the simplest possible answer beside it."""
    st.caption(
        f"On {counted(evaluation['rows'], 'test example')}{_picked(evaluation)} that training never saw, with the weights of epoch "
        f"{evaluation['best_epoch']}. The baseline is the simplest answer: {plain(evaluation['baseline'])}."
    )
    with st.container(horizontal=True, gap="xsmall", key="metric_cards"):
        for metric in evaluation["metrics"]:
            _show_metric(metric)


def _picked(evaluation: dict[str, Any]) -> str:
    """Of a table that is too large for memory, where all test rows were not asked."""
    of_rows = evaluation.get("of_rows", evaluation["rows"])
    return "" if of_rows == evaluation["rows"] else f", evenly picked from {count(of_rows)},"


def _show_metric(metric: dict[str, Any]) -> None:
    unit = metric["unit"]
    value, baseline = _written(metric)
    label = f"{metric['label']} in {shortened(unit, _LONGEST_UNIT)}" if unit else metric["label"]
    st.metric(
        plain(label), value, f"baseline {baseline}" if metric["baseline"] is not None else None,
        delta_color=_verdict(metric), delta_arrow="off", border=True, width=220 if unit else 153, help=plain(metric["help"]),
    )  # fmt: skip


def _written(metric: dict[str, Any]) -> tuple[str, ...]:
    """Value and baseline with the same decimals: four for what has no unit, such as shares."""
    pair = metric["value"], metric["baseline"]
    return alike(*pair) if metric["unit"] else tuple(fixed(figure, 4) for figure in pair)


def _verdict(metric: dict[str, Any]) -> Literal["green", "red", "off"]:
    value, baseline = metric["value"], metric["baseline"]
    if value is None or baseline is None or value == baseline:
        return "off"
    return "green" if (value > baseline) == metric["higher_is_better"] else "red"


def show_classes(evaluation: dict[str, Any], run: Run) -> None:
    """Confusion matrix, table of classes, ROC and precision–recall."""
    left, right = st.columns(2)
    with left.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.header("Confusion matrix")
            shown = st.segmented_control(
                "Cells", ["Count", "Share"], default="Count", key="confusion_cells", label_visibility="collapsed"
            )
        draw_chart(
            *confusion_figure(evaluation["classes"], evaluation["confusion"], shown == "Share"),
            key=f"confusion_{run.id}",
            height=400,
        )
    with right.container(border=True, height="stretch"):
        st.header("By class")
        _show_class_table(evaluation["per_class"])
    _show_curves(evaluation, run.id)


def _show_class_table(rows: list[dict[str, Any]]) -> None:
    shares = {name: st.column_config.NumberColumn(title, format="%.3f", width=84) for name, title in _SHARES.items()}
    columns = {
        "name": st.column_config.TextColumn("Class"),
        **shares,
        "support": st.column_config.NumberColumn("Count", width=72),
    }
    st.dataframe(
        rows, hide_index=True, column_config=columns, key="per_class", height="auto" if len(rows) <= 10 else 400
    )


def _show_curves(evaluation: dict[str, Any], key: str) -> None:
    left, right = st.columns(2)
    if evaluation.get("roc"):
        with left.container(border=True):
            st.header("ROC", help="How many of a class are found at the price of how many false alarms.")
            draw_chart(*roc_figure(evaluation["roc"]), key=f"roc_{key}", height=380 + 7 * len(evaluation["roc"]))
    if evaluation.get("pr"):
        with right.container(border=True):
            st.header("Precision and recall", help="How pure the answers stay as more of a class is found.")
            draw_chart(*pr_figure(evaluation["pr"]), key=f"pr_{key}", height=380 + 7 * len(evaluation["pr"]))


def show_numbers(evaluation: dict[str, Any], run: Run) -> None:
    """Predicted against true, and how far off the predictions are."""
    figures, target = evaluation["regression"], evaluation["target"]
    left, right = st.columns(2)
    with left.container(border=True):
        st.header("Predicted against true")
        draw_chart(
            *predicted_figure(figures["true"], figures["predicted"], target), key=f"predicted_{run.id}", height=380
        )
    with right.container(border=True):
        st.header("Residuals", help="Predicted minus true; a hill around zero is what you want.")
        draw_chart(
            *residual_figure(figures["true"], figures["predicted"], target), key=f"residuals_{run.id}", height=380
        )
