"""Recurrent modules of any length. This text is printed into generated scripts, so it depends on torch alone.

Legend: N examples, L steps, F features, H hidden features, D directions.
"""

import torch
from torch import Tensor, nn


class Recurrence(nn.Module):
    """What RNN, LSTM and GRU share: batch first, all steps or the last state, and an ONNX export of any length.

    torch's own export unrolls the steps or fails on a second model; ONNX has the whole layer as one operator.
    Input shape:  (N, L, F)
    Output shape: (N, L, D*H); with `last` (N, D*H), the state in which each direction ends
    """

    operator: str
    order: tuple[int, ...]
    """Where ONNX has torch's gates: torch stacks i f g o (LSTM) and r z n (GRU), ONNX i o f g and z r n."""

    def __init__(self, last: bool, **sizes):
        super().__init__(batch_first=True, **sizes)
        self.last = last

    def forward(self, x_NLF: Tensor) -> Tensor:
        if torch.onnx.is_in_onnx_export():
            steps, state = self.onnx_forward(x_NLF)
        else:
            steps, state = super().forward(x_NLF)
            state = state[0] if isinstance(state, tuple) else state
        if not self.last:
            return steps
        return torch.cat((state[-2], state[-1]), dim=1) if self.bidirectional else state[-1]

    def onnx_forward(self, x_NLF: Tensor) -> tuple[Tensor, Tensor]:
        """All steps of the last layer, and the state (D, N, H) in which it ends."""
        x, state = x_NLF.transpose(0, 1), None
        for layer in range(self.num_layers):
            y_LDNH, state = self.onnx_layer(x, layer)
            x = y_LDNH.transpose(1, 2).flatten(2)
        return x.transpose(0, 1), state

    def onnx_layer(self, x_LNF: Tensor, layer: int) -> tuple[Tensor, Tensor]:
        length, batch, directions = x_LNF.shape[0], x_LNF.shape[1], 2 if self.bidirectional else 1
        state = (directions, batch, self.hidden_size)
        shapes = ((length, *state), state, state) if self.operator == "LSTM" else ((length, *state), state)
        outputs = torch.onnx.ops.symbolic_multi_out(
            self.operator, (x_LNF, *self.onnx_weights(layer, directions)), self.onnx_attributes(directions),
            dtypes=(x_LNF.dtype,) * len(shapes), shapes=shapes, version=None,
        )  # fmt: skip
        return outputs[0], outputs[1]

    def onnx_attributes(self, directions: int) -> dict:
        attributes = {"hidden_size": self.hidden_size, "direction": "bidirectional" if directions == 2 else "forward"}
        if self.operator == "GRU":
            attributes["linear_before_reset"] = 1
        if self.operator == "RNN":
            attributes["activations"] = [self.nonlinearity.capitalize()] * directions
        return attributes

    def onnx_weights(self, layer: int, directions: int) -> tuple[Tensor, ...]:
        """W (D, gates*H, F), R (D, gates*H, H) and B (D, 2*gates*H)."""
        ends = [f"l{layer}", f"l{layer}_reverse"][:directions]
        parts = [
            torch.stack([self.reordered(getattr(self, f"{name}_{end}")) for end in ends])
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        ]
        return parts[0], parts[1], torch.cat(parts[2:], dim=1)

    def reordered(self, weight: Tensor) -> Tensor:
        gates = weight.chunk(len(self.order))
        return torch.cat([gates[place] for place in self.order])


class RNN(Recurrence, nn.RNN):
    """torch's RNN."""

    needs = (Recurrence,)
    operator, order = "RNN", (0,)


class LSTM(Recurrence, nn.LSTM):
    """torch's LSTM."""

    needs = (Recurrence,)
    operator, order = "LSTM", (0, 3, 1, 2)


class GRU(Recurrence, nn.GRU):
    """torch's GRU."""

    needs = (Recurrence,)
    operator, order = "GRU", (1, 0, 2)
