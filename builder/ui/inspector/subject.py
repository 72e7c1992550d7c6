"""What the inspector speaks about: the project with its data, its report and what is selected."""

from dataclasses import dataclass
from functools import cached_property

from builder.catalogue.layer import Layer
from builder.check.report import Report
from builder.check.shapes import LayerRow, output_index
from builder.spec.facts import DataFacts
from builder.spec.model import INPUT, Group, ModelSpec
from builder.spec.project import Project
from builder.ui.canvas.adding import Desk
from builder.ui.peek import Peeked, peeked


@dataclass(frozen=True)
class Subject:
    project: Project
    facts: DataFacts
    report: Report
    selected: tuple[str, ...]

    @property
    def model(self) -> ModelSpec:
        return self.project.model

    @cached_property
    def rows(self) -> dict[str, LayerRow]:
        return {row.node_id: row for row in self.report.rows}

    @cached_property
    def layers(self) -> tuple[str, ...]:
        """Those that are selected; the input or the answer may be, too."""
        return tuple(name for name in self.selected if name in self.rows)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Those that are selected whole, or that hold the one layer selected."""
        chosen = set(self.layers)
        return tuple(
            group for group in self.model.groups
            if chosen and (chosen == set(group.members) or (len(chosen) == 1 and chosen <= set(group.members)))
        )  # fmt: skip

    @cached_property
    def peeked(self) -> Peeked:
        """What each layer gave when a batch was last run through it."""
        return peeked(self.project)

    @cached_property
    def desk(self) -> Desk:
        return Desk(self.model, lambda name: self.rows[name].output_shape if name in self.rows else None)

    def layer_of(self, source: str) -> Layer | None:
        """What makes the value of this name; None for the data."""
        return None if source == INPUT else self.model.nodes[self.model.index(source)].layer

    def as_built(self, node_id: str) -> Layer:
        """The layer with the size that it takes from the data, if it does."""
        index = self.model.index(node_id)
        layer = self.model.nodes[index].layer
        field = layer.follows_data
        if field is None or getattr(layer, field) is not None or index != output_index(self.model):
            return layer
        return layer.model_copy(update={field: self.project.training.loss.outputs(self.facts.target_size)})
