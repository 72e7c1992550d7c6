"""Rules for a single layer in its place: its wires, its size, and the shapes that it takes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from builder.catalogue.component import Shape
from builder.catalogue.layer import Layer
from builder.catalogue.layers import Concat
from builder.check.edits import (
    AddWire,
    Connect,
    Edit,
    InsertOnWire,
    PasteNodes,
    RemoveNode,
    RemoveNodes,
    ReplaceLayer,
    UpdateGroup,
    UpdateLayer,
)
from builder.check.edits.edit import new_id
from builder.check.mending import USUAL_WIDTH, Mending, output_of
from builder.check.outcome import Outcome
from builder.check.problem import Fix, Problem, error
from builder.spec.model import INPUT, ModelSpec, Node


@dataclass(frozen=True)
class LayerRow:
    """One layer with what reaches it and what leaves it; a shape is None where it cannot be known."""

    node_id: str
    place: str
    input_shapes: tuple[Shape, ...]
    output_shape: Shape | None
    parameters: int = 0
    multiply_adds: int = 0
    saved_elements: int = 0


@dataclass(frozen=True)
class Spot:
    """A layer where it stands: its node in the project's model, the how-manieth repetition, and the rows before it."""

    model: ModelSpec
    index: int
    repetition: int
    place: str
    before: Mapping[str, LayerRow]

    @property
    def node(self) -> Node:
        return self.model.nodes[self.index]

    @property
    def sources(self) -> tuple[str, ...]:
        return self.model.inputs_of(self.index)

    def problem(self, message: str, *fixes: Fix, field: str | None = None) -> Problem:
        return error(self.place, message, *fixes, node_id=self.node.id, field=field)


def size_problems(spot: Spot, layer: Layer) -> Iterator[Problem]:
    """A size that only the output layer may leave to the data."""
    field = layer.follows_data
    if field is not None and getattr(layer, field) is None:
        edit = UpdateLayer(id=spot.node.id, changes={field: USUAL_WIDTH})
        message = (
            f"needs {field}; got nothing. Only the last layer takes its size from the data: give this one a number."
        )
        title = type(layer).model_fields[field].title.lower()
        yield spot.problem(message, Fix(f"Set {title} to {USUAL_WIDTH}", (edit,)), field=field)


def takes_count(layer: Layer, count: int) -> bool:
    return layer.inputs_min <= count <= (layer.inputs_max or count)


def wire_problems(spot: Spot, layer: Layer) -> Iterator[Problem]:
    """Too few wires, or too many."""
    got = len(spot.sources)
    if takes_count(layer, got):
        return
    fixes = list(_wirings(spot, layer))
    at = 0 if _is_apart(spot) else len(fixes)  # what nobody feeds and nobody reads was only put down
    fixes.insert(at, Fix(f"Remove {layer.label}", (RemoveNode(id=spot.node.id),)))
    yield spot.problem(f"needs {_count(layer)}; got {got}. Pick its inputs.", *fixes, field="inputs")


def _count(layer: Layer) -> str:
    least, most = layer.inputs_min, layer.inputs_max
    if most is None:
        return f"{least} or more inputs"
    return f"{least}{f' to {most}' if most > least else ''} input{'s' if most > 1 else ''}"


def _is_apart(spot: Spot) -> bool:
    behind = range(spot.index + 1, len(spot.model.nodes))
    return bool(behind) and not any(spot.node.id in spot.model.inputs_of(at) for at in behind)


def _wirings(spot: Spot, layer: Layer) -> Iterator[Fix]:
    sources, node_id = spot.sources, spot.node.id
    if len(sources) > layer.inputs_min:
        yield from _joined(spot, layer)
        kept = sources[: layer.inputs_max]
        label = "Keep the first input" if len(kept) == 1 else f"Keep the first {len(kept)}"
        yield Fix(label, (Connect(id=node_id, inputs=kept),))
        return
    missing = _missing_sources(spot, layer)
    if missing:
        yield Fix(
            f"Connect it to {' and '.join(missing)}", tuple(AddWire(source=name, target=node_id) for name in missing)
        )


def _joined(spot: Spot, layer: Layer) -> Iterator[Fix]:
    """By Concat, where the layer takes what comes of it."""
    sources, node_id = spot.sources, spot.node.id
    shapes = tuple(spot.before[name].output_shape for name in sources)
    joined = None if None in shapes else output_of(Concat(), shapes)
    if layer.inputs_max == 1 and joined is not None and output_of(layer, (joined,)) is not None:
        joint = new_id({node.id for node in spot.model.nodes}, Concat().kind)
        edits = (
            Connect(id=node_id, inputs=sources[:1]), InsertOnWire(source=sources[0], target=node_id, layer=Concat()),
            Connect(id=joint, inputs=sources),
        )  # fmt: skip
        yield Fix("Join them by Concat", edits)


def _missing_sources(spot: Spot, layer: Layer) -> tuple[str, ...]:
    """The nearest values before it that it takes beside those it has."""
    shapes = {name: row.output_shape for name, row in reversed(spot.before.items()) if row.output_shape}
    taken, found = list(spot.sources), []
    for name, shape in shapes.items():
        if len(taken) == layer.inputs_min:
            break
        known = [shapes.get(source) for source in taken]
        if name not in taken and None not in known:
            enough = len(taken) + 1 == layer.inputs_min
            if not enough or output_of(layer, (*known, shape)) is not None:
                taken.append(name)
                found.append(name)
    return tuple(found) if len(taken) == layer.inputs_min else ()


def refusals(spot: Spot, layer: Layer, found: Outcome) -> Iterator[Problem]:
    """A shape that the layer does not take."""
    if not found.refusal:
        return
    fixes = [Fix(mending.label, edits) for mending in found.mendings if (edits := _edits(spot, mending))]
    removed = f"Remove {layer.label}"
    if removed not in [fix.label for fix in fixes]:
        fixes.append(Fix(removed, (RemoveNode(id=spot.node.id),)))
    upstream = _flattened_before(spot, layer)
    says = found.refusal
    if upstream:
        fixes.insert(0, upstream)
        says = f"{says.removesuffix('.')}, or {upstream.label[:1].lower()}{upstream.label[1:]}."
    if spot.repetition > 1:
        fixes.insert(0, _fewer_repetitions(spot))
    yield spot.problem(says, *fixes)


def _fewer_repetitions(spot: Spot) -> Fix:
    """What went well until this repetition is carried out no more often."""
    group, times = spot.model.group_of(spot.node.id), spot.repetition - 1
    label = f"Repeat the group {times} times" if times > 1 else "Carry the group out once"
    return Fix(label, (UpdateGroup(id=group.id, changes={"repeat": times}),))


def _flattened_before(spot: Spot, layer: Layer) -> Fix | None:
    """Takes a Flatten away that stands before a layer for images, with what only passes values on between them."""
    gone, name = [], spot.sources[0]
    while layer.inputs_max == 1 and name != INPUT:
        row, node = spot.before[name], spot.model.nodes[spot.model.index(name)]
        if row.parameters or len(row.input_shapes) != 1:
            return None
        gone.append(name)
        if len(row.output_shape or ()) < len(row.input_shapes[0]):
            fits = output_of(layer, row.input_shapes) is not None
            return Fix(f"Remove the {node.layer.label} before it", (RemoveNodes(ids=tuple(gone)),)) if fits else None
        name = spot.model.inputs_of(spot.model.index(name))[0]
    return None


def _edits(spot: Spot, mending: Mending) -> tuple[Edit, ...]:
    if mending.layer is None:
        return (RemoveNode(id=spot.node.id),)
    if not mending.before:
        return (ReplaceLayer(id=spot.node.id, layer=mending.layer),)
    if spot.repetition > 1:
        return ()
    taken = {node.id for node in spot.model.nodes}
    edits: list[Edit] = []
    for source, parts in zip(spot.sources, mending.before, strict=False):
        edits += _on_wire(spot, source, parts, taken) if parts else ()
    return tuple(edits)


def _on_wire(spot: Spot, source: str, parts: tuple[Layer, ...], taken: set[str]) -> Iterator[Edit]:
    """The layers one after the other between the source and this node, or before the whole group that it repeats in."""
    group = spot.model.group_of(spot.node.id)
    if group is not None and group.repeat > 1 and source not in group.members:
        names = [f"new_{number}" for number in range(len(parts))]
        chain = zip(names, parts, [source, *names], strict=False)
        yield PasteNodes(
            nodes=tuple(Node(id=name, layer=part, inputs=(fed,)) for name, part, fed in chain), after=source
        )
        return
    for part in parts:
        yield InsertOnWire(source=source, target=spot.node.id, layer=part)
        source = new_id(taken, part.kind)
        taken.add(source)
