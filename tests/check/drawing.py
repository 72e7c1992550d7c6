"""Draws edits: of every kind, aimed at nodes and groups that are there, and now and then at none."""

from collections.abc import Callable
from random import Random

from builder.catalogue.activations import ReLU
from builder.catalogue.layers import Add, BatchNorm2d, Concat, Conv2d, Dropout, Flatten, Linear
from builder.catalogue.losses import MSE
from builder.check import edits
from builder.check.edits import Edit
from builder.check.edits.splicing import copied
from builder.spec.blocks import BLOCKS, fitted
from builder.spec.model import INPUT, ModelSpec

HIDDEN = Linear(out_features=4, activation=ReLU())
LAYERS = (HIDDEN, Linear(), Add(), Concat(), Dropout(), Flatten(), Conv2d(out_channels=4), BatchNorm2d())
SHAPES = {1: (6,), 2: (5, 8), 3: (4, 8, 8), 4: (4, 4, 8, 8)}
LAYER_CHANGES = ({"out_features": 7}, {"out_features": None}, {"p": 0.4}, {"activation": "GELU"}, {"p": 3}, {})
GROUP_CHANGES = ({"repeat": 3}, {"repeat": 1}, {"repeat": 0}, {"folded": True}, {"title": "Block"}, {"title": ""})
SETTINGS = ({"epochs": 3}, {"epochs": 0}, {"loss": MSE().model_dump()}, {"best_by": "F1"})


class EditDrawer:
    """Draws edits of a project with this model; `piece` is another model to paste and to load."""

    def __init__(self, rng: Random, model: ModelSpec, piece: ModelSpec):
        self.rng, self.model, self.piece = rng, model, piece
        self.ids = [node.id for node in model.nodes]

    def draw(self) -> Edit:
        return self.rng.choice(MAKERS)(self)

    def node(self) -> str:
        return self.rng.choice([*self.ids * 5, "gone"])

    def source(self) -> str:
        return self.rng.choice([INPUT, *self.ids * 5, "gone"])

    def after(self) -> str | None:
        return self.rng.choice([None, self.source(), self.source()])

    def several(self) -> tuple[str, ...]:
        return tuple(self.rng.sample(self.ids, min(len(self.ids), self.rng.randint(1, 4)))) or ("gone",)

    def wire(self) -> tuple[str, str]:
        wires = [(name, node.id) for at, node in enumerate(self.model.nodes) for name in self.model.inputs_of(at)]
        return self.rng.choice([*wires * 5, (self.source(), self.node())])

    def group(self) -> str:
        return self.rng.choice([*[group.id for group in self.model.groups] * 5, "gone"])

    def layer(self):
        return self.rng.choice(LAYERS)

    def place(self) -> tuple[int, int]:
        return self.rng.randint(-500, 2000), self.rng.randint(-500, 2000)

    def pasted(self) -> Edit:
        piece = copied(self.model, self.several())
        return edits.PasteNodes(nodes=piece.nodes, groups=piece.groups, after=self.after())

    def block(self):
        block = self.rng.choice(list(BLOCKS.values()))
        return fitted(block, SHAPES[self.rng.choice(block.ranks)])


MAKERS: tuple[Callable[[EditDrawer], Edit], ...] = (
    lambda d: edits.AddNode(layer=d.layer(), after=d.after()),
    lambda d: edits.RemoveNode(id=d.node()),
    lambda d: edits.MoveNode(id=d.node(), by=d.rng.randint(-4, 4)),
    lambda d: edits.DuplicateNode(id=d.node()),
    lambda d: edits.ReplaceLayer(id=d.node(), layer=d.layer()),
    lambda d: edits.UpdateLayer(id=d.node(), changes=d.rng.choice(LAYER_CHANGES)),
    lambda d: edits.RenameNode(id=d.node(), new_id=d.rng.choice([*d.ids, "branch", "x" * 60, INPUT])),
    lambda d: edits.Connect(id=d.node(), inputs=d.rng.choice([None, (), (d.source(),), (d.source(), d.source())])),
    lambda d: edits.AddWire(source=d.source(), target=d.node()),
    lambda d: edits.RemoveWire(**dict(zip(("source", "target"), d.wire(), strict=True))),
    lambda d: edits.InsertOnWire(**dict(zip(("source", "target"), d.wire(), strict=True)), layer=d.layer()),
    lambda d: edits.PlaceNode(layer=d.layer(), position=d.place()),
    lambda d: edits.RemoveNodes(ids=d.several()),
    lambda d: edits.DuplicateNodes(ids=d.several()),
    lambda d: d.pasted(),
    lambda d: edits.PasteNodes(nodes=d.piece.nodes, after=d.after()),
    lambda d: edits.AddBlock(block=d.block(), after=d.after()),
    lambda d: edits.GroupNodes(ids=d.several(), title="Block"),
    lambda d: edits.GroupNodes(ids=d.several()),
    lambda d: edits.Ungroup(id=d.group()),
    lambda d: edits.UpdateGroup(id=d.group(), changes=d.rng.choice(GROUP_CHANGES)),
    lambda d: edits.UpdateGroup(id=d.group(), changes={"repeat": 2}),
    lambda d: edits.Arrange(positions={d.node(): d.place(), d.node(): None}),
    lambda d: edits.ArrangeAll(),
    lambda d: edits.LoadModel(model=d.piece, title="Load a model"),
    lambda d: edits.UpdateTraining(changes=d.rng.choice(SETTINGS)),
    lambda d: edits.UpdateData(changes={"license": d.rng.choice(["CC0", ""])}),
    lambda d: edits.Rename(name=d.rng.choice(["Other", ""])),
)
