"""Recurrent layers, which read a sequence step by step."""

from typing import ClassVar, Literal

from builder.catalogue.activations import AnyActivation, activation_field
from builder.catalogue.component import Shape, TorchCall, choice, real, whole
from builder.catalogue.layer import UNKNOWN_LENGTH, Layer
from builder.catalogue.layers.reshaping import require_sequence


class _Recurrent(Layer):
    """Reads a sequence step by step and carries a state along.

    Input shape:  (length, features)
    Output shape: output 'last': (directions * hidden_size,); 'all': (length, directions * hidden_size)
    Raises:       ShapeError if the input is not (length, features).
    """

    family: ClassVar[str] = "Recurrent"
    axes: ClassVar[tuple[str, ...] | None] = ("length", "features")
    learns = True
    gates: ClassVar[int]
    """Matrices for each layer and direction."""
    hidden_size: int = whole(64, "Hidden size", "Features of the state.", ge=1, le=8192, unit="features")
    num_layers: int = whole(1, "Layers", "Recurrent layers, each reading the one before it.", ge=1, le=16, unit="layers")  # fmt: skip
    output: Literal["last", "all"] = choice(
        "last", "Output", "The state at the end of the sequence, or the output of every step for a layer that reads on."
    )
    bidirectional: bool = choice(False, "Both directions", "Reads from the end too and joins both states.")
    dropout: float = real(0.0, "Dropout", "Share of values switched off between layers; one layer has none.", ge=0, lt=1)  # fmt: skip
    bias: bool = choice(True, "Bias", "Adds learned numbers to each gate.")
    activation: AnyActivation | None = activation_field()

    @property
    def directions(self) -> int:
        return 2 if self.bidirectional else 1

    def output_shape(self, *inputs: Shape) -> Shape:
        length, _ = require_sequence(self, inputs)
        features = self.directions * self.hidden_size
        return (features,) if self.output == "last" else (length, features)

    def torch_call(self, *inputs: Shape) -> TorchCall:
        options = self.kwargs("output", "dropout") | {"dropout": self.dropout if self.num_layers > 1 else 0.0}
        sizes = {"input_size": inputs[0][1], **options, "last": self.output == "last"}
        return TorchCall(f"builder.nn.modules.recurrent.{self.kind}", sizes)

    def parameter_count(self, *inputs: Shape) -> int:
        biases = 2 * self.gates * self.hidden_size * self.num_layers * self.directions if self.bias else 0
        return self._weights(inputs[0]) + biases

    def multiply_adds(self, *inputs: Shape) -> int:
        return self._steps(inputs[0]) * self._weights(inputs[0])

    def saved_elements(self, *inputs: Shape) -> int:
        states = self.directions * self.num_layers * self.hidden_size
        return self._steps(inputs[0]) * states * (3 * self.gates - 1)

    def _weights(self, shape: Shape) -> int:
        later = (self.num_layers - 1) * (self.directions + 1) * self.hidden_size
        return self.directions * self.gates * self.hidden_size * (shape[1] + self.hidden_size + later)

    @staticmethod
    def _steps(shape: Shape) -> int:
        return UNKNOWN_LENGTH if shape[0] is None else shape[0]


class RNN(_Recurrent):
    __doc__ = _Recurrent.__doc__ + "    Source:       torch.nn.RNN; Elman 1990\n"

    kind: Literal["RNN"] = "RNN"
    label = "RNN"
    help = "The plain recurrent layer: quick, but forgets within some ten steps."
    source = "torch.nn.RNN"
    formula = "h_t = tanh(W x_t + b + U h_(t-1) + c)"
    gates = 1
    nonlinearity: Literal["tanh", "relu"] = choice("tanh", "Nonlinearity", "Function applied to the state.")


class LSTM(_Recurrent):
    __doc__ = _Recurrent.__doc__ + "    Source:       torch.nn.LSTM; Hochreiter and Schmidhuber 1997\n"

    kind: Literal["LSTM"] = "LSTM"
    label = "LSTM"
    help = "Recurrent layer with a memory cell: remembers over hundreds of steps."
    source = "torch.nn.LSTM"
    formula = "c_t = f * c_(t-1) + i * g; h_t = o * tanh(c_t)"
    gates = 4


class GRU(_Recurrent):
    __doc__ = _Recurrent.__doc__ + "    Source:       torch.nn.GRU; Cho et al. 2014\n"

    kind: Literal["GRU"] = "GRU"
    label = "GRU"
    help = "Recurrent layer with two gates: close to an LSTM with a quarter fewer weights."
    source = "torch.nn.GRU"
    formula = "h_t = (1 - z) * n + z * h_(t-1)"
    gates = 3
