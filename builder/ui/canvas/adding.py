"""What an operation is understood by, and what is added at a place: the layer or block that is useful there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from builder.catalogue.activations import ReLU
from builder.catalogue.component import Shape
from builder.catalogue.layer import Layer
from builder.catalogue.layers import LAYERS
from builder.check.edits.splicing import Piece
from builder.check.output_layer import USUAL_WIDTH
from builder.check.problem import Problem
from builder.check.shapes import output_index
from builder.errors import SpecError
from builder.spec.blocks import BLOCKS, Block, fitted
from builder.spec.model import INPUT, Group, ModelSpec, Node
from builder.ui.canvas.offered import OWN, READY


def is_block(name: str) -> bool:
    """Whether a thing of the palette is a block, not a layer."""
    return name.startswith((READY, OWN))


@dataclass(frozen=True)
class Desk:
    """The model, the shape behind each of its nodes, what was copied, the user's own blocks, and what is wrong."""

    model: ModelSpec
    shape_behind: Callable[[str], Shape | None]
    clipboard: Piece = field(default_factory=Piece)
    own_blocks: Mapping[str, Block] = field(default_factory=dict)
    problems: Callable[[], tuple[Problem, ...]] = tuple

    def node(self, node_id: str) -> Node:
        """Raises: SpecError if it is gone."""
        found = next((node for node in self.model.nodes if node.id == node_id), None)
        if found is None:
            raise SpecError(f"There is no layer '{node_id}' any more. Select another one.")
        return found

    def inputs_of(self, node_id: str) -> tuple[str, ...]:
        """Ids of what the node takes. Raises: SpecError if it is gone."""
        return self.model.inputs_of(self.model.nodes.index(self.node(node_id)))

    def group(self, group_id: str) -> Group:
        """Raises: SpecError if it is gone."""
        found = next((group for group in self.model.groups if group.id == group_id), None)
        if found is None:
            raise SpecError(f"There is no group '{group_id}' any more. Select another one.")
        return found

    def end(self) -> str:
        """Id of what a new layer stands behind if no place is named: all but the output layer."""
        nodes = self.model.nodes
        before = len(nodes) - (output_index(self.model) == len(nodes) - 1)
        return nodes[before - 1].id if before else INPUT

    def is_last(self, node_id: str) -> bool:
        return node_id == (self.model.nodes[-1].id if self.model.nodes else INPUT)

    def layer(self, kind: str, *, last: bool = False) -> Layer:
        """As it is useful at its place: inside the model with a size and, if it learns, an activation."""
        if kind not in LAYERS:
            raise SpecError(f"There is no layer '{kind}'. Reload the page to see what there is.")
        layer = LAYERS[kind]()
        if last:
            return layer
        changes = {layer.follows_data: USUAL_WIDTH} if layer.follows_data else {}
        if layer.learns and "activation" in type(layer).model_fields:
            changes["activation"] = ReLU()
        return layer.model_copy(update=changes)

    def block(self, name: str, after: str) -> Block:
        """Fitted to the shape of what it is put behind. Raises: SpecError if it takes no such shape."""
        if name.startswith(OWN):
            return self._own(name.removeprefix(OWN))
        ready = BLOCKS.get(name.removeprefix(READY))
        if ready is None:
            raise SpecError(f"There is no block '{name}'. Reload the page to see what there is.")
        return fitted(ready, self.shape_behind(after))

    def _own(self, name: str) -> Block:
        if name not in self.own_blocks:
            raise SpecError(f"Your block '{name}' is gone. Reload the page to see what there is.")
        return self.own_blocks[name]
