"""What every loss declares: what it compares, how many outputs it needs, how those become answers."""

from typing import ClassVar

from builder.catalogue.component import Component, TorchCall
from builder.catalogue.task import TargetFacts, Task


class Loss(Component):
    """Mean over the batch of how far the outputs are from the targets.

    Input shape: (batch, outputs) as the last layer gives them; targets (batch,) class numbers, or values in the shape
    of the outputs.
    """

    tasks: ClassVar[tuple[Task, ...]]
    compares: ClassVar[str]
    """Ends the sentence "It compares …", which says why it does not fit another target."""
    unsuited_activations: ClassVar[tuple[str, ...]] = ()
    """Activations of the last layer that this loss would apply a second time."""
    takes_column: ClassVar[bool] = False
    """Whether a target of its own comes as a column (batch, 1) of floats rather than as class numbers (batch,)."""
    answer: ClassVar[str] = "builder.nn.answers.SoftmaxAnswer"
    """The module that turns the outputs into probabilities or values."""
    wanted_activation: ClassVar[str | None] = None
    """The activation that the last layer must have, where the loss does not apply it itself."""

    @classmethod
    def misfit(cls, facts: TargetFacts) -> str | None:
        """Why it does not fit the target, as the second half of a sentence; None if it fits."""
        return None if facts.task in cls.tasks else f"it compares {cls.compares}"

    def outputs(self, target_size: int) -> int:
        """Number of outputs the last layer needs; `target_size` is the facts' own."""
        return target_size

    def target_scaling(self, shift: float, scale: float) -> tuple[float, float]:
        """What is taken from a number and what it is divided by, given the training rows' mean and deviation."""
        return shift, scale

    def answer_call(self, shift: float, scale: float) -> TorchCall:
        """The module that turns outputs into answers; of numbers with the scaling of the target."""
        return TorchCall(self.answer, {})

    def torch_call(self, facts: TargetFacts) -> TorchCall:
        return TorchCall(self.source, self.model_dump(exclude={"kind"}))
