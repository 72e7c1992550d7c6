"""Layers that add a margin around a sequence, an image or a volume."""

from typing import Annotated, ClassVar, Generic, Literal

from pydantic import Field

from builder.catalogue.component import Shape, TorchCall, real
from builder.catalogue.layers.spatial import SPACES, Margin, Sides, Spatial, one_sentence

Two = Annotated[Margin | tuple[Margin, Margin], one_sentence(0, "two of them")]
"""One number for both sides, or (left, right)."""
Four = Annotated[Margin | tuple[Margin, Margin, Margin, Margin], one_sentence(0, "four of them")]
"""One number for all sides, or (left, right, top, bottom)."""
Six = Annotated[Margin | tuple[Margin, Margin, Margin, Margin, Margin, Margin], one_sentence(0, "six of them")]
"""One number for all sides, or (left, right, top, bottom, front, back)."""


def check_margins(layer: Spatial, shape: Shape, margins: tuple[tuple[int, int], ...], mode: str) -> None:
    """Raises: Refusal if a margin is longer than what there is to mirror (reflect) or to repeat (circular)."""
    spare = {"reflect": 1, "circular": 0}.get(mode)
    if spare is None:
        return
    for size, sides in zip(shape[1:], margins, strict=True):
        if size is not None and max(sides) > size - spare:
            needs = f"{SPACES[layer.rank].thing} of more than {max(sides) + spare - 1} along each padded axis"
            raise layer.refuse((shape,), needs, way_out="Pad less, or pad with zeros")


class _Pad(Spatial, Generic[Sides]):
    family: ClassVar[str] = "Padding"
    formula: ClassVar[str] = "{X}_out = {X} + margins of {X}"
    mode: ClassVar[str]
    padding: Sides = Field(
        1, title="Padding", json_schema_extra={"unit": "{unit}"},
        description="Margin on every side; or one number for each side, in the order {sides}.",
    )  # fmt: skip

    def output_shape(self, *inputs: Shape) -> Shape:
        shape, margins = self.require_channels(inputs), self._margins()
        check_margins(self, shape, margins, self.mode)
        sizes = (size if size is None else size + sum(sides) for size, sides in zip(shape[1:], margins, strict=True))
        return (shape[0], *sizes)

    def _margins(self) -> tuple[tuple[int, int], ...]:
        """(before, after) for each spatial axis; torch lists the last axis first."""
        sides = (self.padding,) * (2 * self.rank) if isinstance(self.padding, int) else self.padding
        return tuple(zip(sides[-2::-2], sides[-1::-2], strict=True))

    def torch_call(self, *inputs: Shape) -> TorchCall:
        return TorchCall(self.source, self.kwargs())


class _ZeroPad(_Pad[Sides], Generic[Sides]):
    """Adds zeros around {thing}.

    Input shape:  (C, {shape})
    Output shape: (C, {shape_out}), {X}_out = {X} + margins of {X}
    Raises:       ShapeError if the input is not (C, {shape}).
    Source:       {source}
    """

    help = "Adds a margin of zeros, so that {thing} gets larger."
    mode = "zeros"


class ZeroPad1d(_ZeroPad[Two]):
    kind: Literal["ZeroPad1d"] = "ZeroPad1d"
    rank = 1


class ZeroPad2d(_ZeroPad[Four]):
    kind: Literal["ZeroPad2d"] = "ZeroPad2d"
    rank = 2


class ZeroPad3d(_ZeroPad[Six]):
    kind: Literal["ZeroPad3d"] = "ZeroPad3d"
    rank = 3


class _ConstantPad(_Pad[Sides], Generic[Sides]):
    """Adds one number around {thing}.

    Input shape:  (C, {shape})
    Output shape: (C, {shape_out}), {X}_out = {X} + margins of {X}
    Raises:       ShapeError if the input is not (C, {shape}).
    Source:       {source}
    """

    help = "Adds a margin that is filled with one number."
    mode = "constant"
    value: float = real(0.5, "Value", "Number that fills the margin.", ge=-1e6, le=1e6)


class ConstantPad1d(_ConstantPad[Two]):
    kind: Literal["ConstantPad1d"] = "ConstantPad1d"
    rank = 1


class ConstantPad2d(_ConstantPad[Four]):
    kind: Literal["ConstantPad2d"] = "ConstantPad2d"
    rank = 2


class ConstantPad3d(_ConstantPad[Six]):
    kind: Literal["ConstantPad3d"] = "ConstantPad3d"
    rank = 3


class _ReflectionPad(_Pad[Sides], Generic[Sides]):
    """Mirrors {thing} at its border.

    Input shape:  (C, {shape})
    Output shape: (C, {shape_out}), {X}_out = {X} + margins of {X}
    Raises:       ShapeError if the input is not (C, {shape}), or a margin is not smaller than its axis.
    Source:       {source}
    """

    help = "Adds a margin that mirrors what lies inside, so that no edge of zeros is learned."
    mode = "reflect"


class ReflectionPad1d(_ReflectionPad[Two]):
    kind: Literal["ReflectionPad1d"] = "ReflectionPad1d"
    rank = 1


class ReflectionPad2d(_ReflectionPad[Four]):
    kind: Literal["ReflectionPad2d"] = "ReflectionPad2d"
    rank = 2


class ReflectionPad3d(_ReflectionPad[Six]):
    kind: Literal["ReflectionPad3d"] = "ReflectionPad3d"
    rank = 3


class _ReplicationPad(_Pad[Sides], Generic[Sides]):
    """Repeats the border of {thing}.

    Input shape:  (C, {shape})
    Output shape: (C, {shape_out}), {X}_out = {X} + margins of {X}
    Raises:       ShapeError if the input is not (C, {shape}).
    Source:       {source}
    """

    help = "Adds a margin that repeats the outermost values."
    mode = "replicate"


class ReplicationPad1d(_ReplicationPad[Two]):
    kind: Literal["ReplicationPad1d"] = "ReplicationPad1d"
    rank = 1


class ReplicationPad2d(_ReplicationPad[Four]):
    kind: Literal["ReplicationPad2d"] = "ReplicationPad2d"
    rank = 2


class ReplicationPad3d(_ReplicationPad[Six]):
    kind: Literal["ReplicationPad3d"] = "ReplicationPad3d"
    rank = 3


class _CircularPad(_Pad[Sides], Generic[Sides]):
    """Goes on at the opposite border of {thing}, as on a ring.

    Input shape:  (C, {shape})
    Output shape: (C, {shape_out}), {X}_out = {X} + margins of {X}
    Raises:       ShapeError if the input is not (C, {shape}), or a margin is larger than its axis.
    Source:       {source}
    """

    help = "Adds a margin that goes on at the opposite border, for what has no end, such as angles or hours."
    mode = "circular"


class CircularPad1d(_CircularPad[Two]):
    kind: Literal["CircularPad1d"] = "CircularPad1d"
    rank = 1


class CircularPad2d(_CircularPad[Four]):
    kind: Literal["CircularPad2d"] = "CircularPad2d"
    rank = 2


class CircularPad3d(_CircularPad[Six]):
    kind: Literal["CircularPad3d"] = "CircularPad3d"
    rank = 3
