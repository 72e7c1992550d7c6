"""What a project says about its model: a graph of layers in order, some of them in groups that may repeat."""

from typing import Annotated

from pydantic import Field, model_validator

from builder.catalogue.layers import AnyLayer
from builder.spec.base import Spec

INPUT = "input"
"""Id that stands for the data itself in a node's `inputs`."""
NODE_ID = r"^[a-z][a-z0-9_]{0,59}$"
MOST_NODES = 2000
"""Nodes of a model, every repetition counted."""
MOST_INPUTS = 64
FARTHEST = 1_000_000
"""Pixels from the canvas's origin."""
Position = tuple[Annotated[int, Field(ge=-FARTHEST, le=FARTHEST)], Annotated[int, Field(ge=-FARTHEST, le=FARTHEST)]]
"""Left and top on the canvas, in pixels."""


class Node(Spec):
    """One layer in the graph; without `inputs` it takes the output of the node before it, with `()` nothing yet."""

    id: str = Field(pattern=NODE_ID)
    layer: AnyLayer
    inputs: tuple[str, ...] | None = Field(None, max_length=MOST_INPUTS)
    position: Position | None = Field(
        None, description="Left and top on the canvas in pixels; empty means laid out automatically."
    )


class Group(Spec):
    """Nodes that stand together: one frame on the canvas, carried out `repeat` times one after the other.

    Each repetition has weights of its own and takes what the one before it gives.
    """

    id: str = Field(pattern=NODE_ID)
    title: str = Field(min_length=1, max_length=80)
    members: tuple[str, ...] = Field(min_length=1)
    repeat: int = Field(1, ge=1, le=64, title="Repeat", description="Times in a row.")
    folded: bool = Field(False, title="Folded", description="Drawn as one node.")


class ModelSpec(Spec):
    """Nodes in an order in which each comes after its inputs; the last one is the output."""

    nodes: tuple[Node, ...] = Field((), max_length=MOST_NODES)
    groups: tuple[Group, ...] = Field((), max_length=MOST_NODES)
    weights: str | None = Field(
        None, pattern=r"^[0-9a-f]{64}$",
        description="SHA-256 of the safetensors file with the weights that training starts from; empty means fresh ones.",
    )  # fmt: skip

    @model_validator(mode="after")
    def _ids_are_known_and_unique(self) -> "ModelSpec":
        seen = {INPUT}
        for node in self.nodes:
            if node.id == INPUT:
                raise ValueError(f"no node can be called '{INPUT}', which stands for the data; give it another id")
            if len(node.inputs or ()) > MOST_INPUTS:
                raise ValueError(
                    f"node '{node.id}' takes {len(node.inputs)} values; at most {MOST_INPUTS} are possible"
                )
            if node.id in seen:
                raise ValueError(f"node ids must differ; '{node.id}' stands there twice")
            for source in node.inputs or ():
                if source not in seen:
                    raise ValueError(
                        f"node '{node.id}' takes '{source}', which is not a node before it; connect it to one that is"
                    )
            seen.add(node.id)
        return self

    @model_validator(mode="after")
    def _groups_hold_together(self) -> "ModelSpec":
        places, taken, names = {node.id: at for at, node in enumerate(self.nodes)}, set(), set()
        for group in self.groups:
            unknown = [member for member in group.members if member not in places]
            if unknown:
                raise ValueError(f"group '{group.id}' names '{unknown[0]}', which is not a node")
            first = places[group.members[0]]
            if [places[member] for member in group.members] != list(range(first, first + len(group.members))):
                raise ValueError(f"the members of group '{group.id}' must stand one after the other in the model")
            if group.id in names or taken & set(group.members):
                raise ValueError(f"group '{group.id}' shares its id or a member with another group")
            names.add(group.id)
            taken.update(group.members)
        total = len(self.nodes) + sum(len(group.members) * (group.repeat - 1) for group in self.groups)
        if total > MOST_NODES:
            raise ValueError(f"the model has {total} layers with every repetition; at most {MOST_NODES} are possible")
        return self

    def inputs_of(self, index: int) -> tuple[str, ...]:
        """Ids of what the node at `index` takes, the previous node if it names none."""
        if self.nodes[index].inputs is not None:
            return self.nodes[index].inputs
        return (self.nodes[index - 1].id if index else INPUT,)

    def index(self, node_id: str) -> int:
        """Raises: KeyError if there is no such node."""
        for index, node in enumerate(self.nodes):
            if node.id == node_id:
                return index
        raise KeyError(node_id)

    def group_of(self, node_id: str) -> Group | None:
        return next((group for group in self.groups if node_id in group.members), None)
