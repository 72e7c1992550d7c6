"""What the canvas may ask for, as strict declarations, and the edits that each stands for."""

import re
from typing import Annotated, Literal

from pydantic import Field

from builder.catalogue.layers import Add as AddLayer
from builder.catalogue.layers import Concat
from builder.check.edits import (
    AddBlock,
    AddNode,
    AddWire,
    Arrange,
    ArrangeAll,
    DuplicateNodes,
    GroupNodes,
    InsertOnWire,
    MoveNode,
    PasteNodes,
    PlaceNode,
    RemoveNodes,
    RemoveWire,
    RenameNode,
    Ungroup,
    UpdateGroup,
)
from builder.errors import SpecError
from builder.spec.model import NODE_ID
from builder.ui.canvas.adding import Desk, is_block
from builder.ui.canvas.layout import moved
from builder.ui.canvas.operation import Edits, Id, Ids, Operation

Pixels = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
Wire = tuple[Id, Id]

_MERGING = {"replace": None, "add": AddLayer(), "concat": Concat()}


class Hello(Operation):
    """The browser lacks something that it was thought to have: the palette, the drawing or a peek."""

    op: Literal["hello"]


class Select(Operation):
    op: Literal["select"]
    ids: Ids


class Undo(Operation):
    op: Literal["undo"]


class Redo(Operation):
    op: Literal["redo"]


class Jump(Operation):
    """Goes to where so many steps of the history are past."""

    op: Literal["jump"]
    place: int = Field(ge=0, le=10_000)


class Copy(Operation):
    op: Literal["copy"]
    ids: Ids


class Add(Operation):
    """Puts a layer or block after a node; without one before the output layer."""

    op: Literal["add"]
    kind: Id
    after: Id | None = None

    def edits(self, desk: Desk) -> Edits:
        after = self.after or desk.end()
        if is_block(self.kind):
            return (AddBlock(block=desk.block(self.kind, after), after=after),)
        return (AddNode(layer=desk.layer(self.kind, last=desk.is_last(after)), after=after),)


class Place(Operation):
    """Puts a layer at a place of the canvas, connected to nothing; a block goes where it can work."""

    op: Literal["place"]
    kind: Id
    position: tuple[Pixels, Pixels]

    def edits(self, desk: Desk) -> Edits:
        if is_block(self.kind):
            return Add(op="add", kind=self.kind, number=self.number).edits(desk)
        return (PlaceNode(layer=desk.layer(self.kind), position=self.position),)


class Insert(Operation):
    """Puts a layer on a wire; a block goes behind the wire's source."""

    op: Literal["insert"]
    kind: Id
    source: Id
    target: Id

    def edits(self, desk: Desk) -> Edits:
        if is_block(self.kind):
            return (AddBlock(block=desk.block(self.kind, self.source), after=self.source),)
        return (InsertOnWire(source=self.source, target=self.target, layer=desk.layer(self.kind)),)


class Move(Operation):
    op: Literal["move"]
    positions: dict[Id, tuple[Pixels, Pixels]] = Field(min_length=1, max_length=5000)

    def edits(self, desk: Desk) -> Edits:
        places = moved(desk.model, self.positions)
        return (Arrange(positions=places),) if places else ()


class Shift(Operation):
    """Moves a layer in the order, as the outline shows it."""

    op: Literal["shift"]
    id: Id
    by: int = Field(ge=-1, le=1)

    def edits(self, desk: Desk) -> Edits:
        return (MoveNode(id=self.id, by=self.by),)


class ArrangeAutomatically(Operation):
    op: Literal["arrange"]

    def edits(self, desk: Desk) -> Edits:
        return (ArrangeAll(),)


class ConnectNodes(Operation):
    """Draws a wire; `how` says what becomes of the input that a full layer has."""

    op: Literal["connect"]
    source: Id
    target: Id
    how: Literal["replace", "add", "concat"] = "replace"

    def edits(self, desk: Desk) -> Edits:
        return (AddWire(source=self.source, target=self.target, through=_MERGING[self.how]),)


class Remove(Operation):
    op: Literal["remove"]
    ids: Ids = ()
    wires: Annotated[tuple[Wire, ...], Field(max_length=5000)] = ()

    def edits(self, desk: Desk) -> Edits:
        cut = [RemoveWire(source=source, target=target) for source, target in self.wires if target not in self.ids]
        return (*cut, RemoveNodes(ids=self.ids)) if self.ids else tuple(cut)


class Cut(Operation):
    op: Literal["cut"]
    ids: Ids

    def edits(self, desk: Desk) -> Edits:
        return (RemoveNodes(ids=self.ids),)


class Paste(Operation):
    op: Literal["paste"]
    after: Id | None = None

    def edits(self, desk: Desk) -> Edits:
        if not desk.clipboard.nodes:
            raise SpecError("There is nothing to paste. Copy a layer first: select it and press Ctrl+C.")
        return (PasteNodes(nodes=desk.clipboard.nodes, groups=desk.clipboard.groups, after=self.after or desk.end()),)


class Duplicate(Operation):
    op: Literal["duplicate"]
    ids: Ids

    def edits(self, desk: Desk) -> Edits:
        return (DuplicateNodes(ids=self.ids),)


class RenameLayer(Operation):
    op: Literal["rename"]
    id: Id
    name: Annotated[str, Field(max_length=200)]

    def edits(self, desk: Desk) -> Edits:
        name = self.name.strip()
        if not re.fullmatch(NODE_ID, name):
            raise SpecError(
                f"A layer's name needs small letters, digits and _ behind a letter; got '{name}'. "
                "Choose one such as encoder_1."
            )
        return (RenameNode(id=self.id, new_id=name),) if name != self.id else ()


class GroupLayers(Operation):
    op: Literal["group"]
    ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=5000)]

    def edits(self, desk: Desk) -> Edits:
        return (GroupNodes(ids=self.ids),)


class UngroupLayers(Operation):
    op: Literal["ungroup"]
    id: Id

    def edits(self, desk: Desk) -> Edits:
        return (Ungroup(id=self.id),)


class Fold(Operation):
    op: Literal["fold"]
    id: Id
    folded: bool

    def edits(self, desk: Desk) -> Edits:
        return (UpdateGroup(id=self.id, changes={"folded": self.folded}),)


class Repeat(Operation):
    op: Literal["repeat"]
    id: Id
    times: int

    def edits(self, desk: Desk) -> Edits:
        return (UpdateGroup(id=self.id, changes={"repeat": self.times}),)


class Title(Operation):
    op: Literal["title"]
    id: Id
    title: Annotated[str, Field(max_length=200)]

    def edits(self, desk: Desk) -> Edits:
        return (UpdateGroup(id=self.id, changes={"title": self.title}),)


class Keep(Operation):
    """Saves a group as a block that every project offers."""

    op: Literal["keep"]
    id: Id


class Fix(Operation):
    """Mends a problem by one of its fixes; `mark` is the problem's own."""

    op: Literal["fix"]
    mark: Id
    fix: int = Field(ge=0, le=100)

    def edits(self, desk: Desk) -> Edits:
        problem = next((problem for problem in desk.problems() if problem.mark == self.mark), None)
        if problem is None or self.fix >= len(problem.fixes):
            raise SpecError("That problem is gone already.")
        return problem.fixes[self.fix].edits
