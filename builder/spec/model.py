"""What a project says about its model: a graph of layers, edited as a stack."""

from pydantic import Field, model_validator

from builder.catalogue.layers import AnyLayer
from builder.spec.base import Spec

INPUT = "input"
"""Id that stands for the data itself in a node's `inputs`."""


class Node(Spec):
    """One layer in the graph; without `inputs` it takes the output of the node before it."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")
    layer: AnyLayer
    inputs: tuple[str, ...] | None = Field(None, min_length=1, max_length=64)


class ModelSpec(Spec):
    """Nodes in an order in which each comes after its inputs; the last one is the output."""

    nodes: tuple[Node, ...] = Field((), max_length=2000)

    @model_validator(mode="after")
    def _ids_are_known_and_unique(self) -> "ModelSpec":
        seen = {INPUT}
        for node in self.nodes:
            if node.id in seen:
                raise ValueError(f"node ids must differ; '{node.id}' stands there twice")
            for source in node.inputs or ():
                if source not in seen:
                    raise ValueError(
                        f"node '{node.id}' takes '{source}', which is not a node before it; connect it to one that is"
                    )
            seen.add(node.id)
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
