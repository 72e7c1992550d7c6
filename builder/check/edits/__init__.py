"""Changes to a project as data, applied by pure functions; the editor, the fixes and the history all speak them."""

from builder.check.edits.arranging import Arrange, ArrangeAll
from builder.check.edits.edit import Edit, apply, describe
from builder.check.edits.fragments import AddBlock, DuplicateNodes, LoadModel, PasteNodes, RemoveNodes
from builder.check.edits.groups import GroupNodes, Ungroup, UpdateGroup
from builder.check.edits.nodes import (
    AddNode,
    DuplicateNode,
    MoveNode,
    RemoveNode,
    RenameNode,
    ReplaceLayer,
    UpdateLayer,
)
from builder.check.edits.settings import Rename, UpdateData, UpdateTraining
from builder.check.edits.wires import AddWire, Connect, InsertOnWire, PlaceNode, RemoveWire

__all__ = [
    "AddBlock", "AddNode", "AddWire", "Arrange", "ArrangeAll", "Connect", "DuplicateNode", "DuplicateNodes", "Edit",
    "GroupNodes", "InsertOnWire", "LoadModel", "MoveNode", "PasteNodes", "PlaceNode", "RemoveNode",
    "RemoveNodes", "RemoveWire", "Rename", "RenameNode", "ReplaceLayer", "Ungroup", "UpdateData", "UpdateGroup",
    "UpdateLayer", "UpdateTraining", "apply", "describe",
]  # fmt: skip
