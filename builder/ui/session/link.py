"""What ties the editor in the browser to its tab: a name, the count of states, and what the browser has of them."""

from collections import OrderedDict
from collections.abc import Collection
from threading import RLock

from builder.ui.session.tab import tab

_MOUNTS = 2000
_applied: OrderedDict[str, int] = OrderedDict()
"""By mount, the newest last. Not of the tab: a browser that comes back in a new session sends again what got no answer."""


def token() -> str:
    """What the browser names the tab by: nobody can guess it."""
    return tab().token


def unchanging() -> RLock:
    """Held while several things are looked at that belong together: requests change the project meanwhile."""
    return tab().lock


def next_moment() -> int:
    """Grows with every state that the browser is told."""
    with tab().lock:
        tab().moment += 1
        return tab().moment


def applied(mount: str) -> int:
    """Number of the last operation of this mount that was carried out."""
    return _applied.get(mount, 0)


def mark_applied(mount: str, number: int) -> None:
    _applied[mount] = number
    _applied.move_to_end(mount)
    while len(_applied) > _MOUNTS:
        _applied.popitem(last=False)


def browser_has() -> tuple[str | None, Collection[str]]:
    """Marks of the palette and of the peeks that the tab's browser said it has."""
    return tab().browser_has


def note_browser_has(palette: str | None, peeks: Collection[str]) -> None:
    tab().browser_has = (palette, frozenset(peeks))
