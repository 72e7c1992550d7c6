"""Export: the proof that the ONNX file answers as the trained model does, and the files."""

import streamlit as st

from builder.ui.certificate import certificate_of, show_certificate, show_interface
from builder.ui.downloads import show_downloads
from builder.ui.next_step import offer, wait_for
from builder.ui.run_list import pick_run
from builder.ui.session import current_project

current_project()
st.title("Export")
run = pick_run()
certificate = run and certificate_of(run)

if run is None:
    offer(
        "Nothing has been trained yet. Train the model; the file is written and proven right after.",
        "Go to Train",
        "train",
    )
elif certificate:
    show_certificate(certificate)
    show_downloads(run, certificate)
    show_interface(run, certificate)
elif run.is_active:
    wait_for(run, "The file and its certificate appear")
else:
    why = run.message or "This run ended before its file was written."
    offer(f"There is no file of this run. {why} Choose another run, or train again.", "Go to Train", "train")
