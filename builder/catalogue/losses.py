"""The losses: what training makes small. Those for classes take logits, never probabilities."""

from functools import reduce
from operator import or_
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from builder.catalogue.component import Component, TorchCall, accept_name, real, registry
from builder.catalogue.task import CLASSIFICATION, REGRESSION, Task


class Loss(Component):
    """Mean over the batch of how far the outputs are from the targets.

    Input shape: (batch, outputs) as the last layer gives them; targets (batch,) class numbers, or (batch, 1) values.
    """

    tasks: ClassVar[tuple[Task, ...]]
    unsuited_activations: ClassVar[tuple[str, ...]] = ()
    """Activations of the last layer that this loss would apply a second time."""
    takes_column: ClassVar[bool] = False
    """Whether targets come as a column (batch, 1) of floats rather than as class numbers (batch,)."""
    answer: ClassVar[str] = "builder.nn.answers.SoftmaxAnswer"
    """The module that turns the outputs into probabilities or values."""
    wanted_activation: ClassVar[str | None] = None
    """The activation that the last layer must have, where the loss does not apply it itself."""

    def outputs(self, class_count: int) -> int:
        """Number of outputs the last layer needs; `class_count` is 0 for regression."""
        return class_count or 1

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

    def outputs(self, class_count: int) -> int:
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
    help = "For numbers: the usual choice; large misses weigh most."
    source = "torch.nn.MSELoss"
    tasks = REGRESSION
    takes_column = True
    answer = "builder.nn.answers.ValueAnswer"


class L1(Loss):
    kind: Literal["L1"] = "L1"
    label = "Mean absolute error"
    help = "For numbers with outliers: every unit of miss weighs the same."
    source = "torch.nn.L1Loss"
    tasks = REGRESSION
    takes_column = True
    answer = "builder.nn.answers.ValueAnswer"


class Huber(Loss):
    kind: Literal["Huber"] = "Huber"
    label = "Huber"
    help = "For numbers: squared for small misses, absolute for large ones."
    source = "torch.nn.HuberLoss"
    tasks = REGRESSION
    takes_column = True
    answer = "builder.nn.answers.ValueAnswer"
    delta: float = real(
        1.0, "Delta", "Miss at which it turns from squared to absolute, in standard deviations of the target.", gt=0, le=100
    )  # fmt: skip


LOSSES = registry(CrossEntropy, BCEWithLogits, NLL, MSE, L1, Huber)
AnyLoss = Annotated[reduce(or_, LOSSES.values()), Field(discriminator="kind"), BeforeValidator(accept_name)]
