"""The items that the inspector is made of, as JSON; the browser draws each by its kind."""

from typing import Any

Item = dict[str, Any]
Items = list[Item]


def heading(text: str, name: str | None = None) -> Item:
    return {"kind": "heading", "text": text} | ({"name": name} if name else {})


def note(text: str, icon: str | None = None) -> Item:
    """Small and faint."""
    return {"kind": "note", "text": text} | ({"icon": icon} if icon else {})


def facts(*rows: tuple[str, str]) -> Item:
    """Each row is a value and the words behind it."""
    return {"kind": "facts", "rows": rows}


def card(icon: str, title: str, *items: Item) -> Item:
    return {"kind": "card", "icon": icon, "title": title, "items": items}


def actions(*buttons: Item) -> Item:
    return {"kind": "actions", "items": buttons}


def action(label: str, icon: str, op: Item, *, disabled: bool = False, help: str | None = None) -> Item:
    """A button among actions; `op` is the operation that it asks for."""
    shown = {"label": label, "icon": icon, "op": op}
    return shown | ({"disabled": True} if disabled else {}) | ({"help": help} if help else {})


def add(label: str, after: str) -> Item:
    """A button that opens the layers; what is picked goes after the node `after`."""
    return {"kind": "add", "label": label, "after": after}


def code(text: str, caption: str) -> Item:
    return {"kind": "code", "text": text, "caption": caption}


def warning(text: str) -> Item:
    return {"kind": "problem", "severity": "warning", "text": text, "fixes": ()}
