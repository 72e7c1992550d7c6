"""Evaluate: how good the model is on rows it never saw, and one answer at a time."""

import streamlit as st

from builder.ui.given_back import show_reconstruction
from builder.ui.next_step import offer, wait_for
from builder.ui.predict_file import show_predict_file
from builder.ui.results import evaluation_of, show_classes, show_metrics, show_numbers
from builder.ui.run_list import pick_run
from builder.ui.session import current_project, go_to
from builder.ui.try_one import show_try_one

DETAILS = {"regression": show_numbers, "reconstruction": show_reconstruction}

current_project()
st.title("Evaluate")
run = pick_run()
evaluation = run and evaluation_of(run)

if run is None:
    offer(
        "Nothing has been trained yet. Train the model and its figures on the test rows appear here.",
        "Go to Train",
        "train",
    )
elif evaluation:
    show_metrics(evaluation)
    show_try_one(run)
    show_predict_file(run)
    DETAILS.get(evaluation["task"], show_classes)(evaluation, run)
    if st.button("Export", key="go_export", type="primary", icon=":material/download:"):
        go_to("export")
elif run.is_active:
    wait_for(run, "The figures appear")
else:
    why = run.message or "It ended before it could be measured."
    offer(f"There are no figures of this run. {why} Choose another run, or train again.", "Go to Train", "train")
