"""The initializations: what weights begin as."""

from functools import reduce
from operator import or_
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from builder.catalogue.component import Component, TorchCall, accept_name, choice, real, registry


def _gain() -> float:
    return real(1.0, "Gain", "Factor of all weights; 1 for sigmoid and linear layers, 5/3 for tanh.", gt=0, le=100)


class Initialization(Component):
    """Of all weights."""

    def torch_call(self) -> TorchCall | None:
        """The function that fills a weight, with its settings; None leaves all as torch has it."""
        return None


class TorchDefault(Initialization):
    kind: Literal["TorchDefault"] = "TorchDefault"
    label = "As torch has it"
    help = "Each layer's own in PyTorch: He's, uniform, for most. Good enough nearly always."
    source = "torch.nn.Module.reset_parameters"


class Filling(Initialization):
    """Of linear, convolutional and recurrent layers; tables and normalizations begin as torch has them."""

    zero_bias: bool = choice(True, "Biases begin at 0", "Otherwise they begin as torch has them.")

    def torch_call(self) -> TorchCall:
        return TorchCall(self.source, self.model_dump(exclude={"kind", "zero_bias"}))


class XavierUniform(Filling):
    kind: Literal["XavierUniform"] = "XavierUniform"
    label = "Xavier, uniform"
    help = "Keeps values and gradients of one size through layers with tanh or sigmoid."
    source = "torch.nn.init.xavier_uniform_"
    gain: float = _gain()


class XavierNormal(Filling):
    kind: Literal["XavierNormal"] = "XavierNormal"
    label = "Xavier, normal"
    help = "As the uniform one, from a bell curve."
    source = "torch.nn.init.xavier_normal_"
    gain: float = _gain()


class _Kaiming(Filling):
    mode: Literal["fan_in", "fan_out"] = choice("fan_in", "Keeps the size of", "fan_in: of the values; fan_out: of the gradients.")  # fmt: skip
    nonlinearity: Literal["relu", "leaky_relu", "tanh", "selu", "linear"] = choice(
        "relu", "Made for", "Activation behind the layers; linear gives LeCun's."
    )


class HeUniform(_Kaiming):
    kind: Literal["HeUniform"] = "HeUniform"
    label = "He, uniform"
    help = "Keeps values of one size through layers with ReLU, which lets half of them through."
    source = "torch.nn.init.kaiming_uniform_"


class HeNormal(_Kaiming):
    kind: Literal["HeNormal"] = "HeNormal"
    label = "He, normal"
    help = "As the uniform one, from a bell curve: the usual choice for deep networks with ReLU."
    source = "torch.nn.init.kaiming_normal_"


class Orthogonal(Filling):
    kind: Literal["Orthogonal"] = "Orthogonal"
    label = "Orthogonal"
    help = "Every layer turns its input without stretching it: for recurrent and very deep networks."
    source = "torch.nn.init.orthogonal_"
    gain: float = _gain()


class TruncatedNormal(Filling):
    kind: Literal["TruncatedNormal"] = "TruncatedNormal"
    label = "Normal, cut off"
    help = "A bell curve of a width that is given, without its tails: usual for transformers."
    source = "torch.nn.init.trunc_normal_"
    std: float = real(0.02, "Deviation", "Standard deviation of the weights.", gt=0, le=1)


INITIALIZATIONS = registry(TorchDefault, HeNormal, HeUniform, XavierUniform, XavierNormal, Orthogonal, TruncatedNormal)
AnyInitialization = Annotated[
    reduce(or_, INITIALIZATIONS.values()), Field(discriminator="kind"), BeforeValidator(accept_name)
]  # fmt: skip
