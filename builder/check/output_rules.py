"""Rules for the end of the model: its size, its activation and the loss that reads it."""

from collections.abc import Iterator

from builder.catalogue.activations import LogSoftmax
from builder.catalogue.component import Shape
from builder.catalogue.layer import show
from builder.catalogue.layers import Flatten, Linear
from builder.catalogue.losses import LOSSES, MSE, BCEWithLogits, CrossEntropy, Loss
from builder.catalogue.task import Task
from builder.check.edits import AddNode, RemoveNode, UpdateLayer, UpdateTraining
from builder.check.problem import Fix, Problem, error, warning
from builder.check.shapes import output_index, place_of
from builder.spec.facts import DataFacts
from builder.spec.model import INPUT, ModelSpec, Node
from builder.spec.project import Project

_BOUNDED = (
    "Sigmoid",
    "Tanh",
    "Softmax",
    "LogSoftmax",
    "ReLU",
    "Softplus",
    "Hardswish",
    "ELU",
    "SELU",
    "SiLU",
    "GELU",
    "Mish",
)
"""Activations that cannot give every number, as a standardised target and logits need."""

_HIDDEN = tuple(kind for kind in _BOUNDED if kind not in ("Sigmoid", "Tanh", "Softmax", "LogSoftmax"))
"""Activations that nobody gives an output layer on purpose."""

_PASSING = ("Regularization", "Shape")
"""Families of layers through which probabilities or logits pass as such."""


def suited_loss(task: Task) -> Loss:
    """The loss to start with for a task."""
    return {"binary": BCEWithLogits(), "multiclass": CrossEntropy(), "regression": MSE()}[task]


def describe_task(facts: DataFacts) -> str:
    if facts.task == "regression":
        return f"a number ('{facts.target}')"
    return f"{len(facts.classes)} classes of '{facts.target}'"


def loss_problems(project: Project, facts: DataFacts) -> Iterator[Problem]:
    """Whether the loss fits the target."""
    loss = project.training.loss
    if facts.task in loss.tasks:
        return
    suited = suited_loss(facts.task)
    fix = Fix(f"Use {suited.label}", (UpdateTraining(changes={"loss": suited.model_dump()}),))
    others = ", ".join(kind.label for kind in LOSSES.values() if facts.task in kind.tasks)
    message = f"{loss.label} does not fit {describe_task(facts)}. Use {others}."
    yield error("Loss", message, fix, field="loss")


def output_problems(project: Project, facts: DataFacts, output: Shape | None) -> Iterator[Problem]:
    """Whether the model ends in as many values as the loss needs."""
    wanted = project.training.loss.outputs(facts.target_size)
    if output is None or output == (wanted,):
        return
    says = f"must be ({wanted},) for {describe_task(facts)} with {project.training.loss.label}; got {show(output)}"
    index = output_index(project.model)
    if index is not None and len(output) == 1 and _keeps_size_after(project.model, index):
        node = project.model.nodes[index]
        fixes = [Fix("Let the data set the size", (UpdateLayer(id=node.id, changes={node.layer.follows_data: None}),))]
        if final_activation(node) in _HIDDEN:
            fixes.insert(0, _add_output_layer(project.model, output))
        yield error("Output", f"{says}. Free or correct the size of {place_of(project.model, index)}.", *fixes, node_id=node.id, field=node.layer.follows_data)  # fmt: skip
        return
    yield error("Output", f"{says}. Add an output layer.", _add_output_layer(project.model, output))


def empty_problems(project: Project, facts: DataFacts) -> Iterator[Problem]:
    if not project.model.nodes:
        fix = _add_output_layer(project.model, facts.input_shape)
        yield error("Model", "has no layers. Add at least an output layer.", fix)


def activation_problems(project: Project, facts: DataFacts) -> Iterator[Problem]:
    """A softmax or sigmoid that the loss applies itself, one that it needs, one that cannot reach the target."""
    if not project.model.nodes or facts.task not in project.training.loss.tasks:
        return
    loss, index = project.training.loss, _last_word(project.model)
    node, place = project.model.nodes[index], place_of(project.model, index)
    kind = final_activation(node)
    if kind in loss.unsuited_activations:
        message = f"ends the model in {kind}, but {loss.label} takes logits and applies it itself: training would be slow and wrong. Remove the {kind}."
        yield error(place, message, _remove_activation(node, kind), node_id=node.id, field="activation")
    elif loss.wanted_activation and kind != loss.wanted_activation:
        message = f"must end in {loss.wanted_activation} for {loss.label}; got {kind or 'no activation'}. Add it, or use Cross-entropy, which includes it."
        yield error(place, message, *_wanted_fixes(node), node_id=node.id, field="activation")
    elif kind in _BOUNDED and kind != loss.wanted_activation:
        needed = (
            f"value of '{facts.target}'" if facts.task == "regression" else "logit, so it cannot be sure of every class"
        )
        message = f"ends the model in {kind}, which cannot give every {needed}. Leave the output layer linear."
        yield warning(place, message, _remove_activation(node, kind), node_id=node.id, field="activation")


def _last_word(model: ModelSpec) -> int:
    """Place of the last layer that changes what the values mean, as dropout and flattening do not."""
    changing = [index for index, node in enumerate(model.nodes) if node.layer.family not in _PASSING]
    return changing[-1] if changing else len(model.nodes) - 1


def final_activation(node: Node) -> str | None:
    """Kind of the activation that has the last word, on the layer or as the layer itself."""
    activation = getattr(node.layer, "activation", None)
    if activation is not None:
        return activation.kind
    return node.layer.kind if node.layer.family == "Activation" else None


def _remove_activation(node: Node, kind: str) -> Fix:
    if node.layer.family == "Activation":
        return Fix(f"Remove the {kind}", (RemoveNode(id=node.id),))
    return Fix(f"Remove the {kind}", (UpdateLayer(id=node.id, changes={"activation": None}),))


def _wanted_fixes(node: Node) -> tuple[Fix, Fix]:
    cross_entropy = Fix("Use Cross-entropy", (UpdateTraining(changes={"loss": CrossEntropy().model_dump()}),))
    return Fix("Add LogSoftmax", (AddNode(layer=LogSoftmax(), after=node.id),)), cross_entropy


def _keeps_size_after(model: ModelSpec, index: int) -> bool:
    """Whether the output layer's size still reaches the end: no branches are joined behind it."""
    return all(node.layer.inputs_max == 1 for node in model.nodes[index + 1 :])


def _add_output_layer(model: ModelSpec, shape: Shape) -> Fix:
    last = model.nodes[-1].id if model.nodes else INPUT
    adds = [AddNode(layer=Linear(), after=last)]
    if len(shape) > 1:
        adds.append(AddNode(layer=Flatten(), after=last))
    pinned = output_index(model)
    return Fix("Add the output layer", (*_pin(model, pinned), *adds))


def _pin(model: ModelSpec, index: int | None) -> tuple[UpdateLayer, ...]:
    """What was the output layer needs a size of its own once another comes behind it."""
    if index is None or getattr(model.nodes[index].layer, model.nodes[index].layer.follows_data) is not None:
        return ()
    return (UpdateLayer(id=model.nodes[index].id, changes={model.nodes[index].layer.follows_data: 64}),)
