"""The parts of a page, each drawn again by itself: a click waits only for what it has changed."""

from collections.abc import Callable, Hashable
from functools import wraps

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState

from builder.check.edits import Edit
from builder.ui.session.frame import float_messages
from builder.ui.session.history import edit, jump
from builder.ui.session.selection import select_nodes
from builder.ui.session.tab import Part, Tab, tab

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
            draw()
            float_messages()
            now.parts[name] = Part(ThreadState.get().fragment_id, shows, shows())
            if run:
                _end(now)

        return drawn

    return decorated


def redraw(*first: str) -> None:
    """Ends a callback: draws those parts and then every stale one, instead of the one that was clicked in.

    If the leading part comes first it is drawn alone, and the browser asks for the others as soon as it is on screen.
    On a page without parts nothing is done.
    """
    now = tab()
    names = list(dict.fromkeys((*first, *_stale(now))))
    if not now.parts or not names:
        return
    now.is_led = names[0] == _LEADING and len(names) > 1
    try:
        st.rerun(names[:1] if now.is_led else names)
    except StreamlitAPIException:  # not there any more: what was clicked in is drawn, and sees to the rest
        now.is_led = False


def is_more_to_draw() -> bool:
    """For the leading part: whether the browser has to ask for the others."""
    return tab().is_led


def is_set_in(name: str) -> bool:
    """In a callback: whether the user has just set something in this part.

    With each click the browser sends the values of all widgets. Of one that an undo has reset it may not have heard yet:
    what it sends then is nothing that the user wants.
    """
    run, drawn = get_script_run_ctx().fragment_ids_this_run, tab().parts.get(name)
    return not run or drawn is None or drawn.fragment in run


def change(*edits: Edit, label: str | None = None, set_in: str | None = None) -> None:
    """As `edit`, but the whole callback of a widget; `set_in` names the part of one that holds a value."""
    if set_in is None or is_set_in(set_in):
        edit(*edits, label=label)
    redraw()


def change_selection(ids: tuple[str, ...]) -> None:
    """As `select_nodes`, but the whole callback of a widget."""
    select_nodes(ids)
    redraw("inspector")


def travel(steps: int) -> None:
    """As `jump`, but the whole callback of a widget."""
    jump(steps)
    redraw()


def _stale(now: Tab) -> list[str]:
    """With something to say all are: a change may have been refused, and what the user has set is not so."""
    return [name for name, drawn in now.parts.items() if now.messages or drawn.shows() != drawn.shown]


def _begin(now: Tab, run: list[str]) -> None:
    """A run of parts alone, which takes a fresh look at the disk."""
    now.run_of_parts, now.parts_left = run, len(run)
    now.is_fresh, now.is_ready, now.runs, now.place = False, False, None, None
    now.is_led = now.is_led and len(run) == 1


def _end(now: Tab) -> None:
    """Of a part; after the last one comes the whole page if a callback changed something and did not say `redraw`."""
    now.place, now.parts_left = None, now.parts_left - 1
    if not now.parts_left and not now.is_led and _stale(now):
        st.rerun()
