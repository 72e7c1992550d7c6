"""Try one: the user's own values or image go into the exported ONNX file, and its answer comes back."""

from typing import Any

import streamlit as st

from builder.errors import BuilderError
from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.spec.data import Column, ImageData, TableData
from builder.spec.project import Project
from builder.ui.formats import number, percent
from builder.ui.given_back import show_given_back
from builder.ui.onnx_file import predictor_of
from builder.ui.results import evaluation_of
from builder.ui.run_list import run_project
from builder.ui.session import dataset, profile
from builder.ui.text import plain, shortened

MISSING = ""
"""What the ONNX file takes for a missing category."""
_FIELDS = 12
"""Columns that get a field at first; the user may choose others."""
_PREVIEW = 192


def show_try_one(run: Run) -> None:
    onnx, project = RunFolder(run.folder).onnx, run_project(run)
    st.header("Try one", help="What you see is the answer of the exported ONNX file, run by onnxruntime.")
    if not onnx.exists():
        soon = "possible as soon as the export is done." if run.is_active else "this run has none; Export says why."
        st.caption(f"The answers come from the exported file: {soon}")
        return
    with st.container(border=True, key="try_one"):
        left, right = st.columns([3, 2], gap="large")
        with left:
            example = _FORMS[project.data.kind](project, run.id)
        with right:
            _show_answer(run, project, example)


def _table_form(project: Project, key: str) -> dict[str, Any]:
    usual = _usual_values(project.data.model_dump_json())
    values = {column.name: usual[column.name][0] for column in project.data.features}
    columns: list[Any] = []
    for place in _places(project.data.features, key):
        columns = columns or list(st.columns(2, vertical_alignment="bottom"))
        column = project.data.features[place]
        with columns.pop(0):
            values[column.name] = _draw_value(column, usual[column.name], f"try_{key}_{place}")
    return values


def _places(features: tuple[Column, ...], key: str) -> list[int]:
    """Of the columns that get a field."""
    if len(features) <= _FIELDS:
        return list(range(len(features)))
    return st.multiselect(
        "Columns to set", range(len(features)), list(range(_FIELDS)), key=f"try_columns_{key}",
        format_func=lambda place: shortened(features[place].name, 40),
        help="The other columns keep their usual value: the median, or the most frequent category.",
    )  # fmt: skip


def _draw_value(column: Column, usual: tuple[Any, ...], key: str) -> Any:
    label = plain(shortened(column.name))
    if isinstance(usual[0], float):
        return _draw_number(label, column, usual, key)
    return st.selectbox(label, usual, key=key, format_func=lambda value: "missing" if value == MISSING else value)


def _draw_number(label: str, column: Column, usual: tuple[float, float, float], key: str) -> float | None:
    """A field of text, because a browser's field for numbers loses decimal commas and cannot be left empty."""
    from builder.data.tables.parsing import as_number

    median, low, high = usual
    seen = f"{low:g} to {high:g}"
    text = st.text_input(
        label, f"{median:g}", key=key, placeholder="missing", help=f"Empty means missing. Training saw {seen}."
    )
    try:
        value = as_number(text, ())
    except ValueError:
        st.caption(f":red[This must be a number such as {median:g}; got {plain(text)}. Counted as missing.]")
        return None
    if not low <= value <= high and value == value:
        st.caption(f":orange[Training saw {seen} only: the answer is a guess.]")
    return None if value != value else value


@st.cache_data(max_entries=8, show_spinner=False)
def _usual_values(data: str) -> dict[str, tuple[Any, ...]]:
    """For a number its median, least and largest; for a category all of them, the most frequent first, missing last."""
    table = dataset()
    if not table.rows.is_held:
        return _usual_of(profile(), table.data.features)
    frame = table.rows.frame.iloc[table.split.train]
    usual: dict[str, tuple[Any, ...]] = {}
    for column in table.data.features:
        values = frame[column.name].dropna()
        if column.type in ("number", "date"):
            usual[column.name] = (
                (float(f"{values.median():.4g}"), float(values.min()), float(values.max()))
                if len(values)
                else (0.0,) * 3
            )
        else:
            usual[column.name] = (*values.value_counts().index.astype(str), MISSING)
    return usual


def _usual_of(found, features: tuple[Column, ...]) -> dict[str, tuple[Any, ...]]:
    """The same of a table that is too large for memory, from its kept figures: of all rows, and frequent categories."""
    usual: dict[str, tuple[Any, ...]] = {}
    for column in found.columns:
        if column.numbers is not None:
            numbers = column.numbers
            usual[column.name] = float(f"{numbers.median:.4g}"), numbers.min, numbers.max
        else:
            usual[column.name] = (*(text for text, _ in column.top), MISSING)
    return {column.name: usual[column.name] for column in features}


def _image_form(project: Project, key: str) -> Any:
    """Pixels (H, W, C) of an uploaded image, else of a test image that the user pages through."""
    upload = st.file_uploader("Your image", ["png", "jpg", "jpeg", "bmp", "gif", "webp"], key=f"try_image_{key}")
    if upload is not None:
        pixels = _pixels(upload.getvalue(), project.data)
    else:
        pixels = _test_image(key)
    if pixels is not None:
        st.image(pixels.squeeze(), width=_PREVIEW)
    return pixels


def _test_image(key: str) -> Any:
    images = dataset()
    rows = images.split.test
    place = st.number_input(f"Or one of the {len(rows)} test images", 1, len(rows), key=f"try_number_{key}")
    row = int(rows[place - 1])
    truth = f", in truth {plain(images.classes[images.labels[row]])}" if images.facts.classes else ""
    st.caption(f"{plain(images.names[row])}{truth}")
    return images.read(row)


def _pixels(content: bytes, data: ImageData) -> Any:
    """Read as the training images were: same formats, same caps, same turning and background."""
    from builder.data.images.decode import Unreadable, read_image

    try:
        return read_image(content, data.color)
    except Unreadable as reason:
        st.error(f"This picture cannot be used: {plain(str(reason))}. Save it as PNG or JPEG and try again.")
        return None


def _show_answer(run: Run, project: Project, example: Any) -> None:
    if example is None:
        return
    try:
        predictor = predictor_of(RunFolder(run.folder).onnx)
        answer = (
            predictor.predict_image(example)
            if isinstance(project.data, ImageData)
            else predictor.predict_table([example])[0]
        )
    except BuilderError as error:
        st.error(plain(str(error)))
        return
    if answer.error is not None:
        show_given_back(example, answer, evaluation_of(run)["reconstruction"]["errors"])
    elif answer.value is not None:
        st.metric(f"Predicted {plain(_target(project))}", number(answer.value), width="content")
    else:
        st.metric("Answer", plain(answer.label), width="content")
        _show_probabilities(answer.probabilities or {})
    st.caption("Answered by the exported ONNX file.")


def _target(project: Project) -> str:
    return project.data.target.name if isinstance(project.data, TableData) else "class"


def _show_probabilities(probabilities: dict[str, float]) -> None:
    for name, share in sorted(probabilities.items(), key=lambda item: -item[1])[:10]:
        st.progress(min(1.0, max(0.0, share)), text=f"{plain(name)} · {percent(share)}")


_FORMS = {"table": _table_form, "image": _image_form}
