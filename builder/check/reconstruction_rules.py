"""Rules for a model that gives back its own input."""

from collections.abc import Iterator

from builder.catalogue.activations import Activation
from builder.check.edits import UpdateData
from builder.check.problem import Fix, Problem, error
from builder.spec.data import NUMERIC_TYPES, DataSpec, ImageData
from builder.spec.project import Project

MOST_NAMED = 5
_REACHING = dict.fromkeys(("unit", "minmax"), ("all", "positive", "unit", "signed")) | {"signed": ("all", "signed")}
"""What an activation has to reach to give every input, by how the input is scaled."""


def feature_problems(project: Project) -> Iterator[Problem]:
    """Whether every feature can be given back in its own unit, as only numbers can."""
    data = project.data
    if data.task != "reconstruction" or isinstance(data, ImageData):
        return
    names = [column.name for column in data.features if column.type not in NUMERIC_TYPES]
    if not names:
        return
    shown = ", ".join(f"'{name}'" for name in names[:MOST_NAMED])
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    way_out = "Leave such columns out." if len(names) < len(data.features) else "Choose another task, or give numbers."
    yield error("Features", f"must be numbers to be given back; got {shown}{more}. {way_out}", *_fixes(data, names))


def _fixes(data: DataSpec, names: list[str]) -> tuple[Fix, ...]:
    """Leaving them out, if something is left."""
    if len(names) == len(data.features):
        return ()
    columns = [column.model_dump(mode="json") for column in data.columns]
    ignored = [column | {"role": "ignored"} if column["name"] in names else column for column in columns]
    return (Fix("Leave them out", (UpdateData(changes={"columns": ignored}),)),)


def gives_every_input(data: DataSpec, activation: Activation) -> bool:
    """Whether an activation's range holds every value of the scaled input."""
    if data.task != "reconstruction":
        return False
    scales = {data.normalization} if isinstance(data, ImageData) else {column.scale for column in data.features}
    return all(activation.reaches in _REACHING.get(scale, ("all",)) for scale in scales)
