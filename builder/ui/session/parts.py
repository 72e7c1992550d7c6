"""The parts of a page, each drawn again by itself: a click waits only for what it has changed."""

from collections.abc import Callable, Hashable
from functools import wraps

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState

from builder.check.edits import Edit
from builder.ui.session.frame import float_messages
from builder.ui.session.history import edit, jump, jump_to
from builder.ui.session.selection import select_nodes
from builder.ui.session.tab import Part, Tab, shown_value, tab

_LEADING = "model"
"""The part whose change people wait for. What it shows says that there is more, until the others are drawn."""


def part(name: str, shows: Callable[[], Hashable]) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Makes a function draw a part of a page; once `shows()` says something else than when it was drawn, it is stale."""

    def decorated(draw: Callable[[], None]) -> Callable[[], None]:
        @st.fragment(key=name)
        @wraps(draw)
        def drawn() -> None:
            now = tab()
            run = get_script_run_ctx().fragment_ids_this_run
            if run and run is not now.run_of_parts:
                _begin(now, run)
            try:
                draw()
                float_messages()
                now.parts[name] = Part(ThreadState.get().fragment_id, shows, shows())
            finally:
                now.parts_left -= 1
            if run:
                _end(now)

        return drawn

    return decorated


def redraw(*first: str) -> None:
    """Ends a callback: draws those parts and then every stale one, instead of the one that was clicked in.

    If the leading part comes first it is drawn alone, and the browser asks for the others as soon as it is on screen.
    Where the whole page is drawn anyway nothing is done.
    """
    now, run = tab(), get_script_run_ctx().fragment_ids_this_run
    if not now.parts or not run:
        return
    clicked = [name for name, drawn in now.parts.items() if len(run) > 1 and drawn.fragment in run]
    names = list(dict.fromkeys((*first, *_stale(now), *clicked)))
    if not names:
        return
    now.is_led = names[0] == _LEADING and len(names) > 1
    try:
        st.rerun(names[:1] if now.is_led else names)
    except StreamlitAPIException:  # not there any more: what was clicked in is drawn, and sees to the rest
        now.is_led = False


def is_more_to_draw() -> bool:
    """For the leading part: whether the browser has to ask for the others."""
    return tab().is_led


def is_set(key: str) -> bool:
    """In the callback of a widget with a value: whether the user has set it.

    With each click the browser sends the values of all widgets. Of one that an undo has reset it may not have heard yet,
    and sends with a click elsewhere what stood there before.
    """
    run, shown = get_script_run_ctx().fragment_ids_this_run, tab().shown.get(key)
    return not run or shown is None or shown.fragment in run or shown_value(key) != shown.before


def change(*edits: Edit, label: str | None = None) -> None:
    """As `edit`, but the whole callback of a widget."""
    edit(*edits, label=label)
    redraw()


def wish(what: str) -> None:
    """The whole callback of a button whose part acts on `wished` when it is drawn: the click outlives whatever is under way."""
    tab().wish = what
    redraw("tools")


def wished(what: str) -> bool:
    """Whether the user has asked for this; once for each click."""
    now = tab()
    if now.wish != what:
        return False
    now.wish = ""
    return True


def change_selection(ids: tuple[str, ...]) -> None:
    """As `select_nodes`, but the whole callback of a widget."""
    select_nodes(ids)
    redraw("inspector")


def travel(steps: int) -> None:
    """As `jump`, but the whole callback of a widget."""
    jump(steps)
    redraw()


def travel_to(place: int) -> None:
    """As `jump_to`, but the whole callback of a widget."""
    jump_to(place)
    redraw()


def _stale(now: Tab) -> list[str]:
    """With something to say all are: a change may have been refused, and what the user has set is not so."""
    return [name for name, drawn in now.parts.items() if now.messages or drawn.shows() != drawn.shown]


def _begin(now: Tab, run: list[str]) -> None:
    """A run of parts alone, which takes a fresh look at the disk."""
    drawn = [name for name, known in now.parts.items() if known.fragment in run]
    now.run_of_parts, now.parts_left = run, len(drawn)
    now.is_fresh, now.is_ready, now.runs, now.place = False, False, None, None
    now.is_led = now.is_led and drawn == [_LEADING]


def _end(now: Tab) -> None:
    """Of a part; after the last one comes the whole page if a callback changed something and did not say `redraw`."""
    now.place = None
    if now.parts_left <= 0 and not now.is_led and _stale(now):
        st.rerun()
