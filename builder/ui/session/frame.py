"""The frame around every page: project and run from the URL, messages at the top, and the way to other pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import streamlit as st

from builder.ui.session.tab import IN_URL, MessageKind, Tab, draws_page, show_value, tab
from builder.ui.text import plain

PageName = Literal["home", "data", "model", "train", "evaluate", "export"]
_ICONS: dict[MessageKind, str] = {
    "error": ":material/error:", "success": ":material/check_circle:", "info": ":material/info:",
}  # fmt: skip

_FLOATS_S: dict[MessageKind, int] = {"error": 20, "success": 8, "info": 12}


@contextmanager
def opened(*, shows_messages: bool = True) -> Iterator[None]:
    """Around each script run: reads project and run from the URL and shows what was said before the page was drawn.

    Without `shows_messages` they float above the page, once it is drawn.
    """
    now = tab()
    now.is_fresh, now.is_ready, now.runs, now.place = False, False, None, None
    _read_url(now)
    if shows_messages:
        now.place = st.container(key="messages")
        _show_messages(now)
    try:
        yield
        if not shows_messages:
            _float_messages(now)
    finally:
        now.place = None


def _float_messages(now: Tab) -> None:
    """For a while, and nothing of the page moves."""
    while now.messages:
        kind, message = now.messages.pop(0)
        for line in message.splitlines():
            st.toast(plain(line), icon=_ICONS[kind], duration=_FLOATS_S[kind])


def _read_url(now: Tab) -> None:
    """Hidden inputs bound to the URL: they survive page switches and reloads, and Back goes back one page."""
    before = now.opened["project"]
    with now.lock, st.sidebar.container(key="in_url"):
        for name in IN_URL:
            show_value(name, now.asked.pop(name, st.query_params.get(name, now.opened[name])))
            now.opened[name] = st.text_input(name, key=name, bind="query-params", label_visibility="collapsed")
        if now.opened["project"] != before:
            now.seen = None


def say(message: str, kind: MessageKind = "info") -> None:
    """Shows a message at the top of the page, also from a callback or just before a rerun. `message` is plain text."""
    now = tab()
    if (kind, message) in now.messages:
        return
    now.messages.append((kind, message))
    if now.place is not None and kind == "error" and draws_page():
        _show_messages(now)


def _show_messages(now: Tab) -> None:
    while now.messages:
        kind, message = now.messages.pop(0)
        for line in message.splitlines():
            getattr(now.place, kind)(plain(line), icon=_ICONS[kind])


def go_to(page: PageName) -> None:
    """Leaves for another page with the same project and run."""
    # {}: switch_page refuses to clear parameters that are bound to a widget; they come back from the tab itself.
    st.switch_page(f"pages/views/{page}.py", query_params={})
