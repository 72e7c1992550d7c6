"""Shows the proof that the exported file answers as the trained model does, and how the file is used."""

import json
from typing import Any

import streamlit as st

from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.ui.downloads import file_name
from builder.ui.formats import count, counted, latency, size_bytes
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
        f"{batches}, and its answers compared with those of the trained model. They may differ by at most "
        f"{certificate['tolerance']:g} in {plain(certificate['difference_of'])}."
    )


def _show_figures(certificate: dict[str, Any]) -> None:
    with st.container(horizontal=True, gap="medium", key="proof_figures"):
        st.metric("Rows compared", count(certificate["rows"]), width="content")
        if certificate["equal_labels"] is not None:
            st.metric("Equal labels", f"{certificate['equal_labels']} of {certificate['rows']}", width="content")
        st.metric(
            "Largest difference",
            f"{certificate['largest_difference']:.1e}",
            width="content",
            help=f"In {plain(certificate['difference_of'])}.",
        )
        for batch, milliseconds in _first_and_last(certificate["latency_ms"]).items():
            st.metric(
                f"Latency, {counted(int(batch), 'row')}", latency(milliseconds), width="content",
                help="Median time of one call, on this machine.",
            )  # fmt: skip
        st.metric("File size", size_bytes(certificate["file_size_bytes"]), width="content")


def _first_and_last(latencies: dict[str, float]) -> dict[str, float]:
    """Of the smallest and the largest batch."""
    sizes = sorted(latencies, key=int)
    return {size: latencies[size] for size in dict.fromkeys((sizes[0], sizes[-1]))} if sizes else {}


def show_interface(run: Run, certificate: dict[str, Any]) -> None:
    """Inputs and outputs, how to run the file, and what it says about itself."""
    left, right = st.columns(2)
    with left:
        _show_tensors("Inputs", certificate["inputs"])
    with right:
        _show_tensors("Outputs", certificate["outputs"])
    st.header("Run it anywhere", help="Needs onnxruntime and numpy, nothing of Strata.")
    file, example = f"{file_name(run.name)}.onnx", certificate.get("example", {})
    snippet = onnx_snippet(certificate["inputs"], certificate["outputs"], file, example)
    st.code(snippet, language="python")
    with st.expander("Metadata", key="metadata"):
        _show_metadata(certificate)


def _show_tensors(title: str, tensors: list[dict[str, Any]]) -> None:
    st.header(title)
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
