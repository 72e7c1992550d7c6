"""The palette: every layer that can be added, by family, with search."""

from itertools import groupby

import streamlit as st

from builder.catalogue.layer import Layer
from builder.catalogue.layers import LAYERS
from builder.check.edits import AddNode
from builder.ui.canvas.adding import Desk
from builder.ui.session import current_project, edit, redraw, show_value, shown_value


def show_palette(after: str, *, last: bool, key: str = "", label: str = "", help: str | None = None) -> None:
    """A button that opens the palette; what is picked goes after the node `after`. `last`: nothing comes behind it."""
    opener = f"add_layer{key}"
    box = st.popover(
        label, icon=":material/add:", key=opener, help=help, on_change="rerun",
        type="secondary" if label else "tertiary",
    )  # fmt: skip
    if box.open:
        with box:
            wanted = st.text_input(
                "Search", key=f"search_layer{key}", placeholder="Search layers", label_visibility="collapsed"
            )
            _show_families(_matching(wanted), after, last, key, opener)


def _matching(wanted: str) -> list[type[Layer]]:
    words = wanted.lower().split()
    texts = {kind: f"{kind.label} {kind.family} {kind.help}".lower() for kind in LAYERS.values()}
    found = [kind for kind, text in texts.items() if all(word in text for word in words)]
    return sorted(found, key=lambda kind: _distance(kind.label.lower(), wanted.strip().lower())) if words else found


def _distance(label: str, wanted: str) -> int:
    """0 for the very name, then names that begin with it, that hold it, and the others."""
    return (label != wanted) + (not label.startswith(wanted)) + (wanted not in label)


def _show_families(kinds: list[type[Layer]], after: str, last: bool, key: str, opener: str) -> None:
    if not kinds:
        st.caption("No layer has these words in its name, family or description.")
    families = list(dict.fromkeys(kind.family for kind in kinds))
    by_family = groupby(sorted(kinds, key=lambda kind: families.index(kind.family)), key=lambda kind: kind.family)
    for family, members in by_family:
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            st.caption(family, width=110)
            for kind in members:
                st.button(
                    kind.label, key=f"add_{kind.__name__}{key}", help=kind.help,
                    on_click=_add, args=(kind, after, last, opener, f"search_layer{key}"),
                )  # fmt: skip


def _add(kind: type[Layer], after: str, last: bool, opener: str, search: str) -> None:
    layer = Desk(current_project().model, lambda _: None).layer(kind.__name__, last=last)
    edit(AddNode(layer=layer, after=after))
    show_value(opener, False)
    if shown_value(search):
        show_value(search, "")
    redraw()
