"""Gets the worker and the slow imports ready in the background, so that neither the first page nor the first run waits."""

import importlib
import logging
import threading
import time

import streamlit as st

_SLOW_IMPORTS = ("pandas", "builder.data.dataset", "builder.data.propose")
_AFTER_FIRST_PAINT_S = 1.0


@st.cache_resource(show_spinner=False)
def warm_up() -> None:
    """Once for each server."""
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()


def _warm_up() -> None:
    from builder.runs.launch import ensure_worker

    time.sleep(_AFTER_FIRST_PAINT_S)
    try:
        ensure_worker()
    except Exception:  # a launch tries again and tells the user
        logging.getLogger(__name__).exception("The worker could not be started ahead of the first run.")
    for name in _SLOW_IMPORTS:
        importlib.import_module(name)
