"""Finds what would make a layer take the shapes that reach it, by asking the declarations themselves."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from builder.catalogue.component import Shape
from builder.catalogue.layer import Layer, Refusal, elements, possible, show
from builder.catalogue.layers import LAYERS, Linear
from builder.check.adapting import adapters

USUAL_WIDTH = 64
"""Outputs of a layer that nobody gave a size."""
_MOST_TRIED = 64
"""Smaller values of one setting that are tried."""

_MOST_REMEDIES = 3

MOST_VALUES = 2**40
"""Values that a layer may give for one example: far more than any machine holds, few enough to calculate with."""


class Mending(NamedTuple):
    """One way out: `layer`, None for no layer, stands in its place and takes `inputs`.

    `before` are the layers that bring each input to that.
    """

    label: str
    layer: Layer | None
    inputs: tuple[Shape, ...]
    before: tuple[tuple[Layer, ...], ...] = ()


def mendings(layer: Layer, inputs: tuple[Shape, ...], refusal: Refusal) -> tuple[Mending, ...]:
    """The ways out that work, the least intrusive first."""
    tried = (
        _between(layer, inputs), _other_settings(layer, inputs), _remedy(layer, inputs, refusal),
        _other_rank(layer, inputs), _linear(layer, inputs), _without_activation(layer, inputs),
    )  # fmt: skip
    return tuple(mending for mending in tried if mending is not None)


def output_of(layer: Layer, inputs: tuple[Shape, ...]) -> Shape | None:
    """What leaves it, None if it does not take these."""
    try:
        return required_output(layer, inputs)
    except Refusal:
        return None


def required_output(layer: Layer, inputs: tuple[Shape, ...]) -> Shape:
    """What leaves it behind its activation. Raises: Refusal if it does not take these, or would make far too much."""
    output, activation = layer.output_shape(*inputs), getattr(layer, "activation", None)
    if elements(output) > MOST_VALUES:
        needs = f"to give at most {MOST_VALUES:,} values"
        raise layer.refuse(inputs, needs, got=show(output), way_out="Make its settings or what reaches it smaller")
    return output if activation is None else activation.output_shape(output)


def _between(layer: Layer, inputs: tuple[Shape, ...]) -> Mending | None:
    """Branches of different sizes are brought to one."""
    if layer.inputs_max == 1:
        return None
    before = adapters(inputs, lambda adapted: output_of(layer, adapted) is not None)
    if before is None:
        return None
    adapted = tuple(_through(parts, shape) for parts, shape in zip(before, inputs, strict=True))
    names = dict.fromkeys(part.label for parts in before for part in parts)
    return Mending(f"Adapt the branches by {', '.join(names)}", layer, adapted, before)


def _through(layers: tuple[Layer, ...], shape: Shape) -> Shape:
    for layer in layers:
        shape = layer.output_shape(shape)
    return shape


def _other_settings(layer: Layer, inputs: tuple[Shape, ...]) -> Mending | None:
    """One setting back at its default, or as large as fits."""
    for name, value in _settings(layer):
        changed = _changed(layer, {name: value})
        output = changed and output_of(changed, inputs)
        if not output:
            continue
        title = type(layer).model_fields[name].title or name
        does_nothing = value == 1 and output == inputs[0] and not changed.parameter_count(*inputs)
        if does_nothing and type(layer).model_fields[name].default != 1:
            return Mending(f"Remove {layer.label}", None, inputs)
        return Mending(f"Set {title.lower()} to {value}", changed, inputs)
    return None


def _settings(layer: Layer) -> Iterator[tuple[str, Any]]:
    """Defaults first, then smaller and smaller values; sizes that are only the layer's output never help."""
    fields = type(layer).model_fields
    current = {name: getattr(layer, name) for name in fields if name not in ("kind", "activation")}
    for name, value in current.items():
        if not fields[name].is_required() and fields[name].default not in (value, None):
            yield name, fields[name].default
    for name, value in current.items():
        largest = max(value) if isinstance(value, tuple) and value else value
        if isinstance(largest, int) and not isinstance(largest, bool):
            yield from ((name, smaller) for smaller in range(largest - 1, max(0, largest - 1 - _MOST_TRIED), -1))


def _changed(layer: Layer, changes: dict[str, Any]) -> Layer | None:
    return possible(type(layer), **(layer.model_dump() | changes))


def _remedy(layer: Layer, inputs: tuple[Shape, ...], refusal: Refusal) -> Mending | None:
    """What the layer itself wants before it, and what it wants before that works."""
    before: tuple[Layer, ...] = ()
    for _ in range(_MOST_REMEDIES):
        if not refusal.remedy:
            return None
        before += refusal.remedy
        try:
            mended = (_through(before, inputs[0]), *inputs[1:])
            required_output(layer, mended)
            label = f"Insert {', '.join(part.label for part in before)} before it"
            return Mending(label, layer, mended, (before,))
        except Refusal as next_refusal:
            refusal = next_refusal
    return None


def _other_rank(layer: Layer, inputs: tuple[Shape, ...]) -> Mending | None:
    """BatchNorm1d for BatchNorm2d: the same layer for another number of axes."""
    name = re.fullmatch(r"(\w+)[123]d", layer.kind)
    for kind in (LAYERS.get(f"{name[1]}{rank}d") for rank in (1, 2, 3)) if name else ():
        if kind is None or isinstance(layer, kind):
            continue
        shared = {key: value for key, value in layer.model_dump(exclude={"kind"}).items() if key in kind.model_fields}
        other = possible(kind, **{name: value for name, value in shared.items() if not isinstance(value, tuple)})
        if other and output_of(other, inputs):
            return Mending(f"Use {other.label} instead", other, inputs)
    return None


def _linear(layer: Layer, inputs: tuple[Shape, ...]) -> Mending | None:
    """On a flat row every layer that learns can be a Linear."""
    if not layer.learns or layer.inputs_max != 1 or len(inputs[0]) != 1:
        return None
    width, activation = getattr(layer, "out_channels", USUAL_WIDTH), getattr(layer, "activation", None)
    linear = Linear(out_features=width, activation=activation)
    return Mending("Use Linear instead", linear, inputs) if output_of(linear, inputs) else None


def _without_activation(layer: Layer, inputs: tuple[Shape, ...]) -> Mending | None:
    """Where only the layer's own activation refuses, as one along an axis that is not there."""
    activation = getattr(layer, "activation", None)
    plain = layer if activation is None else layer.model_copy(update={"activation": None})
    works = activation is not None and output_of(plain, inputs) is not None
    return Mending(f"Remove the {activation.label}", plain, inputs) if works else None
