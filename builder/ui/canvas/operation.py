"""The base of everything that the canvas and the inspector may ask for."""

from typing import Annotated

from pydantic import Field

from builder.check.edits import Edit
from builder.spec.base import Spec
from builder.ui.canvas.adding import Desk

Id = Annotated[str, Field(max_length=64)]
Ids = Annotated[tuple[Id, ...], Field(max_length=5000)]
Edits = tuple[Edit, ...]


class Operation(Spec):
    """One thing that the user did; `number` counts them within one mount of the canvas."""

    number: int = Field(ge=0)

    def edits(self, desk: Desk) -> Edits:
        """Raises: SpecError if it names something that is not there."""
        return ()

    def label(self, desk: Desk) -> str | None:
        """For the undo list, where it says more than the labels of the edits. Raises: SpecError."""
        return None
