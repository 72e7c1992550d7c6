"""Fixes of the model's layers, made for the project as it stands now."""

from collections.abc import Iterator
from typing import NamedTuple

from builder.catalogue.activations import ACTIVATIONS, Activation
from builder.catalogue.initializations import HeNormal
from builder.catalogue.layer import Layer
from builder.catalogue.layers import LAYERS, Dropout, LayerNorm, Linear
from builder.catalogue.regularization import EarlyStopping
from builder.check.edits import AddNode, Edit, ReplaceLayer, UpdateLayer
from builder.check.problem import Fix
from builder.check.shapes import output_index
from builder.runs.doctor.evidence import Evidence
from builder.runs.doctor.remedies import set_training, with_regularizer
from builder.spec.model import ModelSpec, Node
from builder.spec.project import Project

FEWEST_UNITS, USUAL_UNITS = 4, 64
MOST_DROPPED, USUAL_DROP = 0.5, 0.5
_SIZES = ("out_features", "out_channels")


class Narrow(NamedTuple):
    """Nodes that let too little through; none where the model has no hidden layer at all."""

    node_ids: tuple[str, ...]
    why: str


def hidden_layers(model: ModelSpec) -> tuple[Node, ...]:
    """Those that mix features by weights, but for the one that gives the answers."""
    last = output_index(model)
    return tuple(node for index, node in enumerate(model.nodes) if node.layer.learns and index != last)


def narrowest(evidence: Evidence) -> Narrow | None:
    """What holds the model back; None where nothing stands out, or where squeezing is the point."""
    model, facts = evidence.project.model, evidence.facts
    if facts.task == "reconstruction" or any(len(node.inputs or ()) > 1 for node in model.nodes):
        return None
    dropped = {node.id: node.layer.p for node in model.nodes if getattr(node.layer, "p", 0) > MOST_DROPPED}
    if dropped:
        return Narrow(tuple(dropped), f"switching off {max(dropped.values()):.0%} of the values holds the model back")
    widths = {node.id: _width(node.layer) for node in hidden_layers(model)}
    if not widths and not any(node.layer.learns for node in model.nodes[:-1]):
        return Narrow((), "without a hidden layer the model can only draw straight lines")
    fewest = max(FEWEST_UNITS, facts.target_size // 3)
    narrow = {name: width for name, width in widths.items() if width is not None and width < fewest}
    if not narrow:
        return None
    name = min(narrow, key=narrow.get)
    return Narrow(tuple(narrow), f"all that is known has to pass the {narrow[name]} units of '{name}'")


def _width(layer: Layer) -> int | None:
    return next((getattr(layer, name) for name in _SIZES if hasattr(layer, name)), None)


def widened(project: Project, narrow: Narrow) -> tuple[Fix, ...]:
    """More units where there are too few, less dropout where there is too much, a hidden layer where there is none."""
    model = project.model
    if not narrow.node_ids:
        last = output_index(model)
        if last is None:
            return ()
        hidden = Linear(out_features=USUAL_UNITS, activation=ACTIVATIONS["ReLU"]())
        return (Fix(f"Add a hidden layer of {USUAL_UNITS} units", (AddNode(layer=hidden, after=model.inputs_of(last)[0]),)),)  # fmt: skip
    nodes = [node for node in model.nodes if node.id in narrow.node_ids]
    edits = tuple(UpdateLayer(id=node.id, changes=_loosened(node.layer)) for node in nodes)
    label = "Drop fewer values" if any(hasattr(node.layer, "p") for node in nodes) else f"Give it {USUAL_UNITS} units"
    return (Fix(label, edits),)


def _loosened(layer: Layer) -> dict[str, float]:
    if hasattr(layer, "p"):
        return {"p": 0.2}
    return {next(name for name in _SIZES if hasattr(layer, name)): USUAL_UNITS}


def against_memorizing(project: Project, best_epoch: int) -> tuple[Fix, ...]:
    """Dropout behind the hidden layers, and an end when the validation no longer improves."""
    training = project.training
    patience = max(5, min(training.epochs // 5, best_epoch))  # as long as it took to learn what can be learned
    stopping = with_regularizer(training, EarlyStopping(patience=patience))
    both = Fix("Add dropout and early stopping", (*_with_dropout(project.model), stopping))
    return (both, Fix("Add early stopping", (stopping,)))


def _with_dropout(model: ModelSpec) -> Iterator[Edit]:
    """Half the values of each hidden row are switched off; dropout that is there is only made stronger."""
    there = [node for node in model.nodes if isinstance(node.layer, Dropout)]
    for node in there:
        if node.layer.p < USUAL_DROP:
            yield UpdateLayer(id=node.id, changes={"p": USUAL_DROP})
    if not there:
        for node in hidden_layers(model):
            if isinstance(node.layer, Linear):
                yield AddNode(layer=Dropout(p=USUAL_DROP), after=node.id)


def leaking(evidence: Evidence) -> tuple[Fix, ...]:
    """Activations that let something of negative values through."""
    model, leaky = evidence.present.model, ACTIVATIONS["LeakyReLU"](negative_slope=0.1)
    edits = tuple(_revived(model, leaky))
    if not edits:
        return ()
    started = set_training(initialization=HeNormal())
    return (Fix("Use Leaky ReLU and He's initialization", (*edits, started)), *freely_flowing(evidence))


def _revived(model: ModelSpec, activation: Layer) -> Iterator[Edit]:
    """This activation for those whose units can die, be they a layer's own or layers by themselves."""
    for node in model.nodes:
        own = getattr(node.layer, "activation", None)
        if own is not None and own.can_die:
            yield UpdateLayer(id=node.id, changes={"activation": activation.model_dump(mode="json")})
        elif isinstance(node.layer, Activation) and node.layer.can_die:
            yield ReplaceLayer(id=node.id, layer=activation)


def freely_flowing(evidence: Evidence, further: tuple[Edit, ...] = (), words: str = "") -> tuple[Fix, ...]:
    """ReLU behind a normalization for every hidden layer, begun as He et al. have it."""
    model = evidence.present.model
    edits = [edit for node in hidden_layers(model) for edit in _normalized(model, node)]
    start = set_training(initialization=HeNormal())
    label = f"Use ReLU, normalization and He's initialization{words}"
    return (Fix(label, (*edits, start, *further)),) if edits else ()


def _normalized(model: ModelSpec, node: Node) -> Iterator[Edit]:
    """A layer with its activation behind a normalization, unless one follows it already."""
    takers = [other for index, other in enumerate(model.nodes) if node.id in model.inputs_of(index)]
    relu = ACTIVATIONS["ReLU"]()
    if any(other.layer.family == "Normalization" for other in takers):
        return
    has_own = getattr(node.layer, "activation", None) is not None
    if has_own:
        yield UpdateLayer(id=node.id, changes={"activation": None})
    yield AddNode(layer=_norm(node.layer, relu if has_own else None), after=node.id)


def _norm(layer: Layer, activation: Layer | None) -> Layer:
    """Over the batch behind a convolution, over the row elsewhere, where batches may be small."""
    rank = getattr(layer, "rank", None)
    kind = LAYERS[f"BatchNorm{rank}d"] if layer.family == "Convolution" and rank else LayerNorm
    return kind(activation=activation)
