"""Says which layers start from imported weights, as far as names and sizes tell."""

from builder.errors import RunError
from builder.imports.starting import imported_parameters
from builder.ui.formats import count, counted
from builder.ui.inspector.items import Item, Items, note, warning
from builder.ui.inspector.subject import Subject

_NAMED = 4


def start_notes(subject: Subject) -> Items:
    """Of the whole model: which layers start from imported weights, and which afresh; none if nothing was imported."""
    if subject.model.weights is None:
        return []
    try:
        given = imported_parameters(subject.model.weights)
    except RunError as error:
        return [warning(str(error))]
    sizes = _parameters(subject)
    learning = [name for name, size in sizes.items() if size]
    fresh = [name for name in learning if given.get(name) != sizes[name]]
    return [_note(_sentence(len(learning), fresh))]


def _sentence(learning: int, fresh: list[str]) -> str:
    kept = "Repetitions of a group and copies start afresh."
    if not fresh:
        return f"Every layer that learns starts from the imported weights. {kept}"
    named = ", ".join(fresh[:_NAMED]) + (f" and {len(fresh) - _NAMED} more" if len(fresh) > _NAMED else "")
    finds = "finds" if len(fresh) == 1 else "find"
    some = f"{learning - len(fresh)} of {counted(learning, 'layer')} that learn start"
    who = some if learning > len(fresh) else "No layer starts"
    return f"{who} from the imported weights; {named} {finds} none of the same name and shape. {kept}"


def layer_start_notes(subject: Subject, node_id: str) -> Items:
    """Of one layer; none if it learns nothing or nothing was imported."""
    own = _parameters(subject)[node_id] if subject.model.weights else 0
    if not own:
        return []
    try:
        given = imported_parameters(subject.model.weights).get(node_id)
    except RunError:  # the whole model says so
        return []
    if given is None:
        return [_note("Starts from random weights: the imported file has none of this name.")]
    if given == own:
        return [_note("Starts from the imported weights.")]
    return [_note(f"The imported file has {count(given)} values for it: those of another shape are left out.")]


def _parameters(subject: Subject) -> dict[str, int]:
    """Of each layer alone, however often its group repeats."""
    repeats = {name: group.repeat for group in subject.model.groups for name in group.members}
    return {name: row.parameters // repeats.get(name, 1) for name, row in subject.rows.items()}


def _note(words: str) -> Item:
    return note(words, "upload_file")
