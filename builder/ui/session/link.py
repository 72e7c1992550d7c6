"""What ties the editor in the browser to its tab: a name, the count of states, and which operations were carried out."""

from builder.ui.session.tab import tab


def token() -> str:
    """What the browser names the tab by: nobody can guess it."""
    return tab().token


def next_moment() -> int:
    """Grows with every state that the browser is told."""
    tab().moment += 1
    return tab().moment


def applied(mount: str) -> int:
    """Number of the last operation of this mount that was carried out."""
    return tab().applied[mount]


def mark_applied(mount: str, number: int) -> None:
    tab().applied[mount] = number
