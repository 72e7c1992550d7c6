"""Gets the worker and the slow imports ready in the background, so that neither the first page nor the first run waits."""

import importlib
import logging
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_SLOW_IMPORTS = ("builder.runs.store", "pandas", "builder.data.dataset", "builder.data.propose", "onnxruntime")
_FIRST_PAGE = ("builder.ui.home_start", "builder.ui.home_projects")
_AFTER_FIRST_PAGE_S, _NOBODY_CAME_S = 2.0, 5.0

page_drawn = threading.Event()
"""Set when the first page was sent: until then it has the machine to itself."""


@asynccontextmanager
async def warm_while_serving(server: object) -> AsyncIterator[None]:
    """The server's life: what is slow is made ready at its start."""
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
    yield


def _warm_up() -> None:
    for name in _FIRST_PAGE:
        importlib.import_module(name)
    from builder.runs.launch import ensure_worker

    page_drawn.wait(_NOBODY_CAME_S)
    time.sleep(_AFTER_FIRST_PAGE_S)  # the browser still draws it
    try:
        ensure_worker()
    except Exception:  # a launch tries again and tells the user
        logging.getLogger(__name__).exception("The worker could not be started ahead of the first run.")
    for name in _SLOW_IMPORTS:
        importlib.import_module(name)
