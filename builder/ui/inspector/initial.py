"""Says which layers start from imported weights, as far as names and sizes tell."""

import streamlit as st

from builder.errors import RunError
from builder.imports.starting import imported_parameters
from builder.ui.formats import count, counted
from builder.ui.inspector.subject import Subject
from builder.ui.text import plain

_NAMED = 4


def show_start(subject: Subject) -> None:
    """Of the whole model: which layers start from imported weights, and which afresh."""
    if subject.model.weights is None:
        return
    try:
        given = imported_parameters(subject.model.weights)
    except RunError as error:
        st.warning(plain(str(error)), icon=":material/warning:")
        return
    sizes = {node.id: _parameters(subject, node.id) for node in subject.model.nodes}
    learning = [name for name, size in sizes.items() if size]
    fresh = [name for name in learning if given.get(name) != sizes[name]]
    st.caption(f":material/upload_file: {_sentence(len(learning), fresh)}")


def _sentence(learning: int, fresh: list[str]) -> str:
    kept = "Repetitions of a group and copies start afresh."
    if not fresh:
        return f"Every layer that learns starts from the imported weights. {kept}"
    named = plain(", ".join(fresh[:_NAMED])) + (f" and {len(fresh) - _NAMED} more" if len(fresh) > _NAMED else "")
    finds = "finds" if len(fresh) == 1 else "find"
    some = f"{learning - len(fresh)} of {counted(learning, 'layer')} that learn start"
    who = some if learning > len(fresh) else "No layer starts"
    return f"{who} from the imported weights; {named} {finds} none of the same name and shape. {kept}"


def show_layer_start(subject: Subject, node_id: str) -> None:
    """Of one layer; silent if it learns nothing or nothing was imported."""
    own = _parameters(subject, node_id)
    if subject.model.weights is None or not own:
        return
    try:
        given = imported_parameters(subject.model.weights).get(node_id)
    except RunError:  # the whole model says so
        return
    if given is None:
        words = "Starts from random weights: the imported file has none of this name."
    elif given == own:
        words = "Starts from the imported weights."
    else:
        words = f"The imported file has {count(given)} values for it: those of another shape are left out."
    st.caption(f":material/upload_file: {words}")


def _parameters(subject: Subject, node_id: str) -> int:
    """Of the layer alone, however often its group repeats."""
    group = next((group for group in subject.model.groups if node_id in group.members), None)
    return subject.rows[node_id].parameters // (group.repeat if group else 1)
