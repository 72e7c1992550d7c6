"""Shows the proof that the exported file answers as the trained model does, and hands the files out."""

import json
import re
from typing import Any

import streamlit as st

from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.ui.formats import count, size_bytes
from builder.ui.snippets import onnx_snippet
from builder.ui.text import plain

_TYPES = {"float": "float32", "double": "float64"}
"""ONNX's names of types, as numpy says them."""


def certificate_of(run: Run) -> dict[str, Any] | None:
    """What certificate.json says, None while there is none."""
    path = RunFolder(run.folder).certificate
    return json.loads(path.read_bytes()) if path.exists() else None


def show_certificate(certificate: dict[str, Any]) -> None:
    with st.container(border=True, key="certificate"):
        if certificate["passed"]:
            st.badge("Proven", icon=":material/verified:", color="green")
        else:
            st.badge("Not proven", icon=":material/gpp_bad:", color="red")
        st.markdown(f"## {plain(certificate['message'])}")
        st.caption(_explained(certificate))
        _show_figures(certificate)


def _explained(certificate: dict[str, Any]) -> str:
    batches = ", ".join(map(str, certificate["batch_sizes"]))
    return (
        f"The file was run by onnxruntime on {count(certificate['rows'])} raw rows kept out of training, at batch sizes "
        f"{batches}, and its answers compared with those of the trained model. At most {certificate['tolerance']:g} of "
        f"difference in {plain(certificate['difference_of'])} is allowed."
    )


def _show_figures(certificate: dict[str, Any]) -> None:
    with st.container(horizontal=True, gap="medium"):
        st.metric("Rows compared", count(certificate["rows"]), width="content")
        if certificate["equal_labels"] is not None:
            st.metric("Equal labels", f"{certificate['equal_labels']} of {certificate['rows']}", width="content")
        st.metric(
            "Largest difference",
            f"{certificate['largest_difference']:.1e}",
            width="content",
            help=f"In {plain(certificate['difference_of'])}.",
        )
        for batch, milliseconds in certificate["latency_ms"].items():
            name = "Latency, one row" if batch == "1" else f"Latency, {batch} rows"
            st.metric(name, f"{milliseconds:.3g} ms", width="content", help="Median, on this machine.")
        st.metric("File size", size_bytes(certificate["file_size_bytes"]), width="content")


def show_downloads(run: Run, certificate: dict[str, Any]) -> None:
    folder = RunFolder(run.folder)
    name = re.sub(r"[^A-Za-z0-9]+", "_", run.name).strip("_").lower() or "model"
    if not certificate["passed"]:
        st.error(
            "The ONNX file is not offered: it does not answer as the trained model does, so it would mislead you. "
            "The script and the project are safe to use. Train again, or change the layer that the message names.",
            icon=":material/block:",
        )  # fmt: skip
    with st.container(horizontal=True):
        if certificate["passed"]:
            _download(
                "ONNX file", folder.onnx, f"{name}.onnx", "download_onnx", "application/octet-stream", type="primary"
            )
        _download("PyTorch script", folder.source, f"train_{name}.py", "download_source", "text/x-python")
        _download("Project", folder.project_json, f"{name}.json", "download_project", "application/json")


def _download(label: str, path, file_name: str, key: str, mime: str, type: str = "secondary") -> None:
    if path.exists():
        st.download_button(
            label, path.read_bytes(), file_name, mime, key=key, icon=":material/download:", on_click="ignore", type=type,
            help=f"{file_name}, {size_bytes(path.stat().st_size)}",
        )  # fmt: skip


def show_interface(run: Run, certificate: dict[str, Any]) -> None:
    """Inputs and outputs, how to run the file, and what it says about itself."""
    left, right = st.columns(2)
    with left:
        _show_tensors("Inputs", certificate["inputs"])
    with right:
        _show_tensors("Outputs", certificate["outputs"])
    st.subheader("Run it anywhere", help="Needs onnxruntime and numpy, nothing of Strata.")
    st.code(onnx_snippet(certificate["inputs"], certificate["outputs"]), language="python")
    with st.expander("Metadata", key="metadata"):
        _show_metadata(certificate)


def _show_tensors(title: str, tensors: list[dict[str, Any]]) -> None:
    st.subheader(title)
    rows = [
        {"Name": t["name"], "Type": _TYPES.get(t["dtype"], t["dtype"]), "Shape": " × ".join(map(str, t["shape"]))}
        for t in tensors
    ]
    st.dataframe(rows, hide_index=True, key=f"tensors_{title}", height="auto" if len(rows) <= 8 else 320)


def _show_metadata(certificate: dict[str, Any]) -> None:
    facts = {"ONNX operator set": certificate["opset"], **certificate["versions"], **certificate.get("metadata", {})}
    st.dataframe(
        [{"Name": name, "Value": str(value)} for name, value in facts.items()], hide_index=True, key="metadata_table"
    )
