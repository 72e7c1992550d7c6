"""What every optimizer declares: its settings, what it takes of the model, and how it goes through the rows."""

from typing import Any, ClassVar, Literal

from builder.catalogue.component import Component, TorchCall, choice, real


def lr_field(default: float) -> Any:
    return real(default, "Learning rate", "Size of each step; too large diverges, too small crawls.", gt=0, le=10)


def decay_field(default: float, help: str) -> Any:
    return real(default, "Weight decay", help, ge=0, le=1)


def epsilon_field(default: float) -> Any:
    return real(default, "Epsilon", "Keeps the division from blowing up.", gt=0, le=0.1)


def momentum_field(default: float) -> Any:
    return real(default, "Momentum", "Share of the last step that is kept.", ge=0, lt=1)


COUPLED = "Adds this times the weight to its gradient."
DECOUPLED = "Shrinks each weight by this times the learning rate at each step."


class Optimizer(Component):
    lr: float
    fused: ClassVar[bool] = False
    """Whether torch has a fused CPU kernel for it; never slower where it exists (measured)."""
    values_kept: ClassVar[int] = 2
    """Numbers of state per weight, for the memory estimate."""
    is_full_batch: ClassVar[bool] = False
    """Whether each step is over all training rows, in parts of the batch size."""
    takes_channels_last: ClassVar[bool] = True
    """Whether the weights may lie in memory as images do, which makes convolutions quicker."""
    takes_closure: ClassVar[bool] = False
    """Whether a step computes the loss several times; each time it has to be the same function of the weights."""
    takes_shards: ClassVar[bool] = True
    """Whether a process that holds a share of the weights alone makes the same step of it."""

    @property
    def takes(self) -> Literal["parameters", "groups", "model"]:
        """What it is made of: all parameters, those that decay apart from those that do not, or the model."""
        return "groups" if self._spares_some() else "parameters"

    def torch_call(self) -> TorchCall:
        """The constructor, but for its first argument."""
        kwargs = self.model_dump(exclude={"kind", "beta1", "beta2", "decays_all"})
        if hasattr(self, "beta1"):
            kwargs["betas"] = (self.beta1, self.beta2)
        return TorchCall(self.source, kwargs | ({"fused": True} if self.fused else {}))

    def _spares_some(self) -> bool:
        """Whether its decay leaves norms and biases out."""
        return False


class DecoupledDecay(Optimizer):
    """Its decay shrinks the weights directly, norms and biases left out unless asked for. Source: arXiv:1711.05101"""

    weight_decay: float
    decays_all: bool = choice(
        False, "Decay norms and biases", "Shrinks biases and the scales of normalizations as well, which seldom helps."
    )

    def _spares_some(self) -> bool:
        return self.weight_decay > 0 and not self.decays_all
