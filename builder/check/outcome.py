"""What one layer makes of the shapes that reach it: its output and cost, or its refusal with the ways to mend it."""

from functools import lru_cache
from typing import NamedTuple

from builder.catalogue.component import Shape
from builder.catalogue.layer import Layer, Refusal, elements
from builder.check.mending import Mending, mendings, required_output


class Outcome(NamedTuple):
    """Of a layer that refuses, as if it were mended the first way; `output` is None if there is none."""

    output: Shape | None
    parameters: int = 0
    multiply_adds: int = 0
    saved_elements: int = 0
    refusal: str = ""
    mendings: tuple[Mending, ...] = ()


@lru_cache(maxsize=8192)  # the same few layers meet the same shapes at every keystroke and in every repetition
def outcome(layer: Layer, inputs: tuple[Shape, ...]) -> Outcome:
    """For at least as many inputs as the layer needs."""
    try:
        return _accepted(layer, inputs)
    except Refusal as refusal:
        return _mended(layer, inputs, refusal)._replace(refusal=str(refusal))


def _mended(layer: Layer, inputs: tuple[Shape, ...], refusal: Refusal) -> Outcome:
    try:
        ways = mendings(layer, inputs, refusal)
    except Exception:  # what was tried is a guess: the refusal has to be told, a way out or not
        ways = ()
    if not ways:
        return Outcome(None)
    instead, reaching = ways[0].layer, ways[0].inputs
    found = Outcome(reaching[0]) if instead is None else _accepted(instead, reaching)
    return found._replace(mendings=ways)


def _accepted(layer: Layer, inputs: tuple[Shape, ...]) -> Outcome:
    output = required_output(layer, inputs)
    parameters, saved = layer.parameter_count(*inputs), layer.saved_elements(*inputs)
    activation = getattr(layer, "activation", None)
    if activation is not None:
        parameters += activation.parameter_count(output)
        # an activation keeps what it gives; what went into it, the layer's own output, is let go
        saved += activation.saved_elements(output) - elements(output)
    return Outcome(output, parameters, layer.multiply_adds(*inputs), saved)
