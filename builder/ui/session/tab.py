"""What a browser tab remembers between script runs; alone in touching session_state."""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from secrets import token_hex
from threading import RLock, local
from typing import Any, Literal, NamedTuple
from weakref import WeakValueDictionary

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from builder.check.edits.splicing import Piece
from builder.check.report import Report
from builder.runs.projects import Kept
from builder.runs.run import Run
from builder.spec.data import DataSpec
from builder.spec.facts import DataFacts
from builder.spec.machine import Machine
from builder.spec.project import Project

MessageKind = Literal["error", "success", "info"]
IN_URL = ("project", "run")
_of_thread = local()


class Ready(NamedTuple):
    """Data made ready, with what the project says about them and the keys under which they are kept."""

    data: DataSpec
    keys: tuple[str, str]
    dataset: Any  # TableDataset | ImageDataset


@dataclass
class Tab:
    """Everything else is on disk or in the URL."""

    opened: dict[str, str] = field(default_factory=lambda: dict.fromkeys(IN_URL, ""))
    asked: dict[str, str] = field(default_factory=dict)
    """What to put into the URL at the next script run."""
    messages: list[tuple[MessageKind, str]] = field(default_factory=list)
    place: DeltaGenerator | None = None
    """Where messages appear while a page is drawn."""
    seen: Kept | None = None
    """The project as this tab has last drawn or saved it."""
    is_fresh: bool = False
    """Whether `seen` was read in this script run or request, or saved since."""
    ready: Ready | None = None
    is_ready: bool = False
    """Whether the file behind the data was looked at in this script run."""
    checked: tuple[Project, DataFacts, Machine | None, Report] | None = None
    """The last report with what it is about."""
    runs: tuple[Run, ...] | None = None
    selected: tuple[str, ...] = ()
    clipboard: Piece = field(default_factory=Piece)
    moment: int = 0
    """Counted up with each state that is told to the browser, so that it knows the newest."""
    token: str = field(default_factory=lambda: token_hex(16))
    """What the browser names the tab by when it asks without Streamlit."""
    browser_has: tuple[str | None, Collection[str]] = (None, ())
    """Marks of the palette and of the peeks that the browser said it has."""
    lock: RLock = field(default_factory=RLock)
    """Held while the project is read anew or changed: scripts and the editor's requests run in threads of their own."""
    versions: Counter[str] = field(default_factory=Counter)
    editors: set[str] = field(default_factory=set)


_tabs: WeakValueDictionary[str, Tab] = WeakValueDictionary()


def tab() -> Tab:
    """Of the session whose script this thread runs.

    At any other look into session_state Streamlit may break off for the next click: an edit would be lost half made.
    """
    if not hasattr(_of_thread, "tab"):
        _of_thread.tab = st.session_state.to_dict().get("strata") or st.session_state.setdefault("strata", Tab())
        _tabs[_of_thread.tab.token] = _of_thread.tab
    return _of_thread.tab


class UnknownTab(Exception):
    """There is no tab with this token, or none any more."""


@contextmanager
def acting_for(token: str) -> Iterator[Tab]:
    """In a thread that runs no script. Raises: UnknownTab."""
    found = _tabs.get(token)
    if found is None:
        raise UnknownTab
    _of_thread.tab, _of_thread.draws_nothing = found, True
    try:
        with found.lock:
            yield found
    finally:
        del _of_thread.tab, _of_thread.draws_nothing


def draws_page() -> bool:
    """Whether this thread runs a script, and may put something on its page."""
    return not hasattr(_of_thread, "draws_nothing")


def show_value(key: str, value: Any) -> None:
    """Before a widget: makes it show `value`, so that undo and refused edits are seen."""
    st.session_state[key] = value


def shown_value(key: str, default: Any = None) -> Any:
    """In a callback: what the user has set the widget to. Streamlit does not break off here, either."""
    return st.session_state.to_dict().get(key, default)


def versioned(name: str) -> str:
    """A key for a widget whose value cannot be set from outside, such as a table editor."""
    tab().editors.add(name)
    return f"{name}_{version(name)}"


def version(name: str) -> int:
    """How often `name` was renewed."""
    return tab().versions[name]


def renew(name: str) -> None:
    """Makes the widget with the key `versioned(name)` start afresh."""
    tab().versions[name] += 1


def renew_editors() -> None:
    for name in tab().editors:
        renew(name)
