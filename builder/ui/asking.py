"""Shows how an ask to the worker stands: a bar while it is carried out, with a button that ends it."""

from collections.abc import Callable

import streamlit as st

from builder.errors import BuilderError
from builder.runs.ask_queue import Answer
from builder.runs.asks import answer, progress, withdraw
from builder.runs.launch import ensure_worker
from builder.ui.session import say
from builder.ui.text import plain

_EVERY_S = 0.5


def follow(key: str, name: str, draw: Callable[[Answer], None]) -> None:
    """Calls `draw` unless the worker is at it; meanwhile shows how far it is. `name` tells the buttons apart."""
    waits = answer(key).is_under_way
    (st.fragment(_follow, run_every=_EVERY_S) if waits else _follow)(key, name, draw, waits)


def _follow(key: str, name: str, draw: Callable[[Answer], None], waited: bool) -> None:
    found = answer(key)
    if waited != found.is_under_way:  # polling begins and ends with the page: a click in here draws only this part
        st.rerun(scope="app")
    if not found.is_under_way:
        draw(found)
        return
    ensure_worker()  # it may have ended meanwhile
    told = progress(key)
    st.progress(told.share if told else 0.0, text=plain(f"{told.text}…" if told else "Waiting for the worker…"))
    st.button("Stop", key=f"stop_{name}", type="tertiary", on_click=withdraw, args=(key,))


def ask_anew(key: str, ask: Callable[[], str]) -> None:
    """As a button does it: forgets the answer that is there and asks."""
    withdraw(key)
    try:
        ask()
    except (BuilderError, OSError) as error:
        say(f"It could not be asked for: {error}", "error")
