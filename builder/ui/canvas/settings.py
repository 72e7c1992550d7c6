"""What the inspector may ask for of a layer, as strict declarations, and the edits that each stands for."""

from typing import Annotated, Any, Literal

from pydantic import Field

from builder.catalogue.component import Component
from builder.check.edits import AddWire, RemoveWire, ReplaceLayer, UpdateLayer
from builder.check.edits.titles import titled
from builder.errors import SpecError
from builder.ui.canvas.adding import Desk
from builder.ui.canvas.operation import Edits, Id, Ids, Operation
from builder.ui.canvas.replacing import in_place_of
from builder.ui.fields import FieldForm, form_of
from builder.ui.values import read_value


class Setting(Operation):
    """Of the field at a path: one of the layer's own, or one of a component that is such a field."""

    id: Id
    path: Annotated[tuple[Id, ...], Field(min_length=1, max_length=2)]

    def edits(self, desk: Desk) -> Edits:
        return (UpdateLayer(id=self.id, changes=self._changes(desk.node(self.id).layer, self.path)),)

    def label(self, desk: Desk) -> str:
        """By this kind's own titles: the same field is a convolution's kernel size and a pooling's window."""
        return f"Set {titled(self.path[:1], type(desk.node(self.id).layer))} of {self.id}"

    def json_value(self, form: FieldForm, present: Any) -> Any:
        """What the field is to be. Raises: SpecError."""
        raise NotImplementedError

    def _changes(self, component: Component, path: tuple[str, ...]) -> dict[str, Any]:
        form = form_of(type(component), path[0])
        present = getattr(component, form.name)
        if len(path) == 1:
            return {form.name: self.json_value(form, present)}
        if not isinstance(present, Component):
            raise SpecError(f"{form.title} of {self.id} has no settings any more. Choose another one first.")
        return {form.name: _json(present) | self._changes(present, path[1:])}


class Set(Setting):
    op: Literal["set"]
    value: Any
    """Read by the kind of the field."""

    def json_value(self, form: FieldForm, present: Any) -> Any:
        if isinstance(present, Component) and self.value == present.name:
            return _json(present)  # picked again: it keeps its settings
        return read_value(form, self.value)


class Reset(Setting):
    """Back to the default."""

    op: Literal["reset"]

    def json_value(self, form: FieldForm, present: Any) -> Any:
        return form.json_default


class Replace(Operation):
    """Puts a layer of another kind in the place of a layer."""

    op: Literal["replace"]
    id: Id
    value: Id

    def edits(self, desk: Desk) -> Edits:
        new = desk.layer(self.value, last=desk.is_last(self.id))
        return (ReplaceLayer(id=self.id, layer=in_place_of(desk.node(self.id).layer, new)),)


class Takes(Operation):
    """Says what a layer takes: one value, or several for one that merges, where what stays keeps its place."""

    op: Literal["takes"]
    id: Id
    value: Id | Ids

    def edits(self, desk: Desk) -> Edits:
        wanted = (self.value,) if isinstance(self.value, str) else tuple(dict.fromkeys(self.value))
        most, before = desk.node(self.id).layer.inputs_max, desk.inputs_of(self.id)
        if most is not None and len(wanted) > most:
            raise SpecError(f"{self.id} takes {most} at most; got {len(wanted)}. Take one away first.")
        if most == 1:
            return tuple(AddWire(source=name, target=self.id) for name in wanted if name not in before)
        gone = [RemoveWire(source=name, target=self.id) for name in before if name not in wanted]
        return (*gone, *(AddWire(source=name, target=self.id) for name in wanted if name not in before))


def _json(component: Component) -> dict[str, Any]:
    return component.model_dump(mode="json")
