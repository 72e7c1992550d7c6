"""Takes a model file from elsewhere: read by the worker, shown with what it needs, used with one click."""

from dataclasses import dataclass
from functools import partial

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from builder.catalogue.layer import show
from builder.check.edits import LoadModel
from builder.errors import BuilderError
from builder.imports.asked import Found, ask_import, found
from builder.imports.reading import KINDS
from builder.runs.ask_queue import Answer
from builder.runs.asks import answer, withdraw
from builder.runs.launch import ensure_worker
from builder.ui.formats import compact, count
from builder.ui.session import edit, facts, renew, versioned
from builder.ui.text import plain, shortened

_EVERY_S = 0.5
_MOST_LISTED = 12
_UPLOADER = "import_file"


@dataclass(frozen=True)
class _Upload:
    """A file that was sent, with the key of what the worker says to it."""

    name: str
    key: str


def show_import() -> None:
    """An uploader for model files, and below it what the file holds; polls while the worker reads it."""
    with st.popover("Import a model", icon=":material/upload_file:", key="import_model"):
        st.caption("ONNX, Keras (.keras, .h5) or Strata's own JSON. Nothing in the file is executed.")
        file = st.file_uploader("Model file", [kind.removeprefix(".") for kind in KINDS], key=versioned(_UPLOADER))
        upload = _sent(file) if file is not None else None
        if upload is not None:
            waits = answer(upload.key).is_under_way
            # what is clicked afterwards changes the whole page, so only the waiting is a fragment
            (st.fragment(_show, run_every=_EVERY_S) if waits else _show)(upload, waits)


def _sent(file: UploadedFile) -> _Upload | None:
    """Hands the file to the worker, unless it has read it already."""
    try:
        return _Upload(file.name, _asked(file.file_id, file))
    except (BuilderError, OSError) as error:
        st.error(plain(f"The file could not be taken: {error}"), icon=":material/error:")
        return None


@st.cache_data(max_entries=16, show_spinner=False)
def _asked(file_id: str, _file: UploadedFile) -> str:
    """The key of the answer; a file is kept and asked about once, however often the page is drawn."""
    _file.seek(0)  # it is read anew after "Try again"
    return ask_import(_file.name, _file)


def _show(upload: _Upload, waited: bool) -> None:
    answered = answer(upload.key)
    if waited and not answered.is_under_way:
        st.rerun(scope="app")
    if answered.is_under_way:
        ensure_worker()  # it may have ended meanwhile
        _show_waiting(upload, answered)
    elif answered.state == "failed":
        st.error(plain(answered.message), icon=":material/error:")
        if st.button("Try again", key="retry_import", icon=":material/refresh:", on_click=_asked.clear):
            st.rerun(scope="app")
    elif (model := found(answered)) is not None:
        _show_found(upload, model)


def _show_waiting(upload: _Upload, answered: Answer) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Reading the file…" if answered.state == "working" else "Waiting for the worker…")
        st.button("Stop", key="stop_import", type="tertiary", on_click=partial(_drop, upload.key))


def _show_found(upload: _Upload, model: Found) -> None:
    if model.unsupported:
        _show_unsupported(model.unsupported)
        return
    nodes = model.model.nodes
    with st.container(horizontal=True, gap="large", key="import_totals"):
        st.metric("Layers", count(len(nodes)), width="content")
        if model.parameters is not None:
            st.metric("Parameters", compact(model.parameters), width="content")
        if model.input_shape is not None:
            st.metric("Input", show(model.input_shape), width="content", help="What one example looks like to it.")
    _show_input(model)
    kinds = ", ".join(dict.fromkeys(node.layer.label for node in nodes))
    weights = "with its trained weights" if model.model.weights else "without weights: it starts from random ones"
    st.caption(plain(f"{kinds}; {weights}."))
    title = f"Import {shortened(upload.name, 40)}"
    if st.button(
        "Use this model", key="use_import", type="primary", icon=":material/check:",
        on_click=_use, args=(LoadModel(model=model.model, title=title),),
        help="Takes the place of the project's layers; undo brings them back.",
    ):  # fmt: skip
        st.rerun(scope="app")  # a click in a fragment would draw only that


def _show_input(model: Found) -> None:
    """Says so if the model was made for other data than the project has."""
    ours = facts().input_shape
    if model.input_shape is not None and model.input_shape != ours:
        st.warning(
            f"It was made for inputs of shape {plain(show(model.input_shape))}; this project's data have {plain(show(ours))}. "
            "It can be used all the same: weights that no longer fit start afresh, and Problems shows what to mend.",
            icon=":material/warning:",
        )  # fmt: skip


def _show_unsupported(lines: tuple[str, ...]) -> None:
    more = f"\n- and {len(lines) - _MOST_LISTED} more" if len(lines) > _MOST_LISTED else ""
    listed = "\n".join(f"- {plain(line)}" for line in lines[:_MOST_LISTED])
    st.error(
        f"This model has operations that no layer here expresses, so nothing was taken over:\n{listed}{more}",
        icon=":material/block:",
    )


def _use(loaded: LoadModel) -> None:
    if edit(loaded):
        renew(_UPLOADER)


def _drop(key: str) -> None:
    withdraw(key)
    renew(_UPLOADER)
