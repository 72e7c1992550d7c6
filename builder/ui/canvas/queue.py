"""Reads the queue of operations that the browser sends; nothing in it is trusted."""

from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from builder.spec.base import Spec
from builder.ui.canvas import operations, settings
from builder.ui.canvas.operation import Operation

_KINDS = tuple(
    kind for module in (operations, settings) for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Operation) and "op" in kind.model_fields
)  # fmt: skip
_OPERATION = TypeAdapter(Annotated[reduce(or_, _KINDS), Field(discriminator="op")])


class Queue(Spec):
    """What one mount of the canvas has sent and not seen acknowledged; `palette`, `peeks` and `version` are marks of what it has."""

    mount: str = Field(pattern=r"^[0-9a-f]{8,64}$")
    project: str = Field("", max_length=64)
    """The project that they are about: the tab may have another one open by now."""
    version: str | None = Field(None, max_length=64)
    """Of what is drawn there."""
    palette: str | None = Field(None, max_length=64)
    peeks: tuple[Annotated[str, Field(max_length=64)], ...] = Field((), max_length=10_000)
    operations: tuple[dict[str, Any], ...] = Field((), max_length=10_000)

    @staticmethod
    def read(value: Any) -> "Queue | None":
        """None if there is no queue, or something that is none."""
        try:
            return Queue.model_validate(value)
        except ValidationError:
            return None

    def after(self, number: int) -> Iterator[tuple[int, Operation | None]]:
        """Every later operation in order with its number; None for one that cannot be read."""
        for item in self.operations:
            own = item.get("number")
            if isinstance(own, int) and not isinstance(own, bool) and own > number:
                number = own
                yield own, _read(item)


def _read(item: dict[str, Any]) -> Operation | None:
    try:
        return _OPERATION.validate_python(item)
    except ValidationError:
        return None
