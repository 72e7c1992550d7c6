"""Rules for the end of the model: its size, its activation and the loss that reads it."""

from collections.abc import Iterator

from builder.catalogue.activations import Activation, LogSoftmax
from builder.catalogue.component import Shape
from builder.catalogue.layer import show
from builder.catalogue.losses import MSE, BCEWithLogits, CrossEntropy, Loss, losses_for
from builder.catalogue.task import NUMBERS, Task
from builder.check.edits import AddNode, RemoveNode, UpdateLayer, UpdateTraining
from builder.check.output_layer import add_output_layer
from builder.check.problem import Fix, Problem, error, warning
from builder.check.reconstruction_rules import gives_every_input
from builder.check.shapes import output_index, place_of
from builder.spec.facts import DataFacts
from builder.spec.model import ModelSpec, Node
from builder.spec.project import Project

_PASSING = ("Regularization", "Shape", "Pooling", "Reduction")
"""Families of layers through which probabilities or logits pass as such."""


def suited_loss(task: Task) -> Loss:
    """The loss to start with for a task."""
    return {"binary": BCEWithLogits(), "multiclass": CrossEntropy()}.get(task, MSE())


def describe_task(facts: DataFacts) -> str:
    if facts.task == "regression":
        return f"a number ('{facts.target}')"
    if facts.task == "reconstruction":
        return "the reconstruction of its own input"
    return f"{len(facts.classes)} classes of '{facts.target}'"


def loss_problems(project: Project, facts: DataFacts) -> Iterator[Problem]:
    """Whether the loss fits the target."""
    loss = project.training.loss
    reason = loss.misfit(facts)
    if reason is None:
        return
    suited = suited_loss(facts.task)
    fix = Fix(f"Use {suited.label}", (UpdateTraining(changes={"loss": suited.model_dump()}),))
    others = ", ".join(kind.label for kind in losses_for(facts).values())
    message = f"{loss.label} does not fit {describe_task(facts)}: {reason}. Use {others}."
    yield error("Loss", message, fix, field="loss")


def output_problems(project: Project, facts: DataFacts, output: Shape | None) -> Iterator[Problem]:
    """Whether the model ends in the shape that the loss needs."""
    wanted = wanted_shape(project, facts)
    if output is None or output == wanted:
        return
    says = f"must be {show(wanted)} for {describe_task(facts)} with {project.training.loss.label}; got {show(output)}"
    index = output_index(project.model)
    if index is not None and len(output) == len(wanted) == 1 and _keeps_size_after(project.model, index):
        node = project.model.nodes[index]
        fixes = [Fix("Let the data set the size", (UpdateLayer(id=node.id, changes={node.layer.follows_data: None}),))]
        if (final := final_activation(node)) and final.reaches == "positive":  # one of a hidden layer
            fixes.insert(0, add_output_layer(project.model, output, wanted))
        yield error("Output", f"{says}. Free or correct the size of {place_of(project.model, index)}.", *fixes, node_id=node.id, field=node.layer.follows_data)  # fmt: skip
        return
    yield error("Output", f"{says}. Add an output layer.", add_output_layer(project.model, output, wanted))


def wanted_shape(project: Project, facts: DataFacts) -> Shape:
    """What has to leave the model: a row of values, or the input itself if that is to be given back."""
    return facts.input_shape if facts.task == "reconstruction" else (project.training.loss.outputs(facts.target_size),)


def empty_problems(project: Project, facts: DataFacts) -> Iterator[Problem]:
    if not project.model.nodes:
        fix = add_output_layer(project.model, facts.input_shape, wanted_shape(project, facts))
        yield error("Model", "has no layers. Add at least an output layer.", fix)


def activation_problems(project: Project, facts: DataFacts) -> Iterator[Problem]:
    """A softmax or sigmoid that the loss applies itself, one that it needs, one that cannot reach the target."""
    if not project.model.nodes or project.training.loss.misfit(facts):
        return
    loss, index = project.training.loss, _last_word(project.model)
    node, place = project.model.nodes[index], place_of(project.model, index)
    final = final_activation(node)
    kind = final and final.kind
    if kind in loss.unsuited_activations:
        message = f"ends the model in {kind}, but {loss.label} takes logits and applies it itself: training would be slow and wrong. Remove the {kind}."
        yield error(place, message, _remove_activation(node, kind), node_id=node.id, field="activation")
    elif loss.wanted_activation and kind != loss.wanted_activation:
        message = f"must end in {loss.wanted_activation} for {loss.label}; got {kind or 'no activation'}. Add it, or use Cross-entropy, which includes it."
        yield error(place, message, *_wanted_fixes(node), node_id=node.id, field="activation")
    elif (
        final
        and final.reaches != "all"
        and kind != loss.wanted_activation
        and not gives_every_input(project.data, final)
    ):
        needed = f"value of '{facts.target}'" if facts.task in NUMBERS else "logit, so it cannot be sure of every class"
        message = f"ends the model in {kind}, which cannot give every {needed}. Leave the output layer linear."
        yield warning(place, message, _remove_activation(node, kind), node_id=node.id, field="activation")


def _last_word(model: ModelSpec) -> int:
    """Place of the last layer that changes what the values mean, as dropout and flattening do not."""
    changing = [
        index for index, node in enumerate(model.nodes)
        if node.layer.family not in _PASSING or getattr(node.layer, "activation", None) is not None
    ]  # fmt: skip
    return changing[-1] if changing else len(model.nodes) - 1


def final_activation(node: Node) -> Activation | None:
    """The one that has the last word, on the layer or as the layer itself."""
    return node.layer if isinstance(node.layer, Activation) else getattr(node.layer, "activation", None)


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
