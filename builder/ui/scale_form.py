"""Launches a training on several processes of this machine, or prepares it for several machines and says how it is
started there."""

import streamlit as st

from builder.errors import RunError
from builder.runs.cluster import TEXTS, cluster_text
from builder.runs.folder import RunFolder
from builder.runs.run import Run
from builder.runs.scale import MOST_PROCESSES, Scale, remarks, require_scalable, scale_of
from builder.ui.run_actions import launch_run, prepare_for_cluster
from builder.ui.session import current_project
from builder.ui.text import plain

_HOW = {"torchrun": "By hand: torchrun", "slurm": "Slurm", "ray": "Ray"}


def show_scale(run: Run | None, *, can_train: bool) -> None:
    is_prepared = run is not None and run.status == "paused" and scale_of(RunFolder(run.folder)).nodes > 1
    with st.expander("Several processes or machines", icon=":material/hub:", key="scale", expanded=is_prepared):
        _show_launch(can_train)
        if is_prepared:
            _show_texts(run)


def _show_launch(can_train: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        processes = _count(
            "scale_processes", "Processes", "That train together on each machine; with cards, one for each."
        )
        nodes = _count("scale_nodes", "Machines", "1 is this one. Several need a folder that all of them share.")
        shards = st.toggle(
            "Share the weights out", key="scale_shards", persist_state="session",
            help="FSDP: each process holds a part of the weights, for a model that is too large for one device. By itself so where it does not fit otherwise.",
        )  # fmt: skip
        scale = Scale(processes, nodes, shards)
        refused = _refused(scale)
        able = can_train and scale.total > 1 and not refused
        if nodes > 1:
            st.button("Prepare a run", key="prepare_scale", icon=":material/description:", on_click=prepare_for_cluster, args=(scale,), disabled=not able)  # fmt: skip
        else:
            st.button("Launch on these", key="launch_scale", icon=":material/play_arrow:", on_click=launch_run, args=(scale,), disabled=not able)  # fmt: skip
    if refused:
        st.error(plain(refused))
    for remark in remarks(current_project(), scale):
        st.caption(plain(remark))


def _count(key: str, label: str, help: str) -> int:
    return st.number_input(label, 1, MOST_PROCESSES, 1, key=key, help=help, width=130, persist_state="session")


def _refused(scale: Scale) -> str:
    try:
        require_scalable(current_project(), scale)
    except RunError as error:
        return str(error)
    return ""


def _show_texts(run: Run) -> None:
    st.caption(f"Run {run.id} waits to be started there:")
    for form, tab in zip(TEXTS, st.tabs([_HOW[form] for form in TEXTS]), strict=True):
        tab.code(cluster_text(run, form), language="bash", wrap_lines=True)
