"""Train: settings, launch, and what happens, live."""

import streamlit as st

from builder.ui.discard import show_discard
from builder.ui.fork import show_fork
from builder.ui.live_run import show_live_run
from builder.ui.problems import show_problems, show_summary
from builder.ui.run_actions import launch_run
from builder.ui.run_list import show_runs
from builder.ui.scale_form import show_scale
from builder.ui.session import current_project, facts, report, runs, selected_run
from builder.ui.training_form import draw_training_form
from builder.ui.undo import show_undo_redo
from builder.ui.ways_on import has_way_on

project, data_facts, checked, run = current_project(), facts(), report(), selected_run()

st.title("Train")
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        st.button(
            "Train again" if run else "Launch", key="launch", icon=":material/play_arrow:", on_click=launch_run,
            type="secondary" if run and has_way_on(run) else "primary", disabled=not checked.can_train, help=None if checked.can_train else "Mend the problems below first.",
        )  # fmt: skip
        show_summary(checked)
    show_undo_redo()
show_problems(checked)

if run:
    show_live_run(run)
to_set = run is None or run.status == "failed"  # what to change is there
with st.expander("Settings", expanded=to_set, key=f"settings_{to_set}", icon=":material/tune:"):
    draw_training_form(project.training, data_facts)
show_scale(run, can_train=checked.can_train)
if len(runs()) > 1:
    st.header("Runs of this project")
    show_runs()
show_fork()
show_discard()
