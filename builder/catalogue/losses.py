"""The losses: what training makes small. Those for classes take logits, never probabilities."""

from functools import reduce
from operator import or_
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from builder.catalogue.component import Component, TorchCall, accept_name, real, registry
from builder.catalogue.task import CLASSIFICATION, NUMBERS, Task


class Loss(Component):
    """Mean over the batch of how far the outputs are from the targets.

    Input shape: (batch, outputs) as the last layer gives them; targets (batch,) class numbers, or values in the shape
    of the outputs.
    """

    tasks: ClassVar[tuple[Task, ...]]
    unsuited_activations: ClassVar[tuple[str, ...]] = ()
    """Activations of the last layer that this loss would apply a second time."""
    takes_column: ClassVar[bool] = False
    """Whether a target of its own comes as a column (batch, 1) of floats rather than as class numbers (batch,)."""
    answer: ClassVar[str] = "builder.nn.answers.SoftmaxAnswer"
    """The module that turns the outputs into probabilities or values."""
    wanted_activation: ClassVar[str | None] = None
    """The activation that the last layer must have, where the loss does not apply it itself."""

    def outputs(self, target_size: int) -> int:
        """Number of outputs the last layer needs; `target_size` is the facts' own."""
        return target_size

    def torch_call(self) -> TorchCall:
        return TorchCall(self.source, self.model_dump(exclude={"kind"}))


class CrossEntropy(Loss):
    kind: Literal["CrossEntropy"] = "CrossEntropy"
    label = "Cross-entropy"
    help = "For two or more classes: one logit per class, softmax included."
    source = "torch.nn.CrossEntropyLoss"
    tasks = CLASSIFICATION
    unsuited_activations = ("Softmax", "LogSoftmax", "Sigmoid")


class BCEWithLogits(Loss):
    kind: Literal["BCEWithLogits"] = "BCEWithLogits"
    label = "Binary cross-entropy"
    help = "For two classes: one logit, sigmoid included."
    source = "torch.nn.BCEWithLogitsLoss"
    tasks = ("binary",)
    takes_column = True
    answer = "builder.nn.answers.SigmoidAnswer"
    unsuited_activations = ("Sigmoid", "Softmax", "LogSoftmax")

    def outputs(self, target_size: int) -> int:
        return 1


class NLL(Loss):
    kind: Literal["NLL"] = "NLL"
    label = "Negative log-likelihood"
    help = "Like cross-entropy, for a model whose last activation is log-softmax."
    source = "torch.nn.NLLLoss"
    tasks = CLASSIFICATION
    unsuited_activations = ("Softmax", "Sigmoid")
    wanted_activation = "LogSoftmax"


class MSE(Loss):
    kind: Literal["MSE"] = "MSE"
    label = "Mean squared error"
    help = "For numbers and reconstructions: the usual choice; large misses weigh most."
    source = "torch.nn.MSELoss"
    tasks = NUMBERS
    takes_column = True
    answer = "builder.nn.answers.ValueAnswer"


class L1(Loss):
    kind: Literal["L1"] = "L1"
    label = "Mean absolute error"
    help = "For numbers with outliers: every unit of miss weighs the same."
    source = "torch.nn.L1Loss"
    tasks = NUMBERS
    takes_column = True
    answer = "builder.nn.answers.ValueAnswer"


class Huber(Loss):
    kind: Literal["Huber"] = "Huber"
    label = "Huber"
    help = "For numbers: squared for small misses, absolute for large ones."
    source = "torch.nn.HuberLoss"
    tasks = NUMBERS
    takes_column = True
    answer = "builder.nn.answers.ValueAnswer"
    delta: float = real(
        1.0, "Delta", "Miss at which it turns from squared to absolute, in standard deviations of the target.", gt=0, le=100
    )  # fmt: skip


LOSSES = registry(CrossEntropy, BCEWithLogits, NLL, MSE, L1, Huber)
AnyLoss = Annotated[reduce(or_, LOSSES.values()), Field(discriminator="kind"), BeforeValidator(accept_name)]
