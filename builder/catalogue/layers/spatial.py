"""What layers over one, two or three spatial axes share: their texts, sizes for each axis, and the shapes they take."""

import inspect
from typing import Annotated, Any, ClassVar, NamedTuple, TypeVar

from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from builder.catalogue.component import Shape
from builder.catalogue.layer import Layer
from builder.catalogue.layers.reshaping import Permute, Reshape

LARGEST = 512
"""Bound of every kernel, stride and padding."""


class Space(NamedTuple):
    """How a shape with so many spatial axes is spoken of."""

    thing: str
    letters: tuple[str, ...]
    axes: tuple[str, ...]
    unit: str
    one_number: str
    sides: str


SPACES = {
    1: Space("a sequence", ("L",), ("length",), "steps", "", "left, right"),
    2: Space(
        "an image", ("H", "W"), ("height", "width"), "pixels", "; one number for both", "left, right, top, bottom"
    ),
    3: Space(
        "a volume",
        ("D", "H", "W"),
        ("depth", "height", "width"),
        "voxels",
        "; one number for all",
        "left, right, top, bottom, front, back",
    ),
}


def one_sentence(lowest: int, *ways: str) -> WrapValidator:
    """Refuses a wrong size once, where pydantic would tell of each type that it tried."""

    def check(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(tuple(value) if isinstance(value, list) else value)  # JSON has lists alone
        except ValidationError:
            raise ValueError(", or ".join((f"must be a whole number from {lowest} to {LARGEST}", *ways))) from None

    return WrapValidator(check)


Size = Annotated[int, Field(ge=1, le=LARGEST)]
Pair = Annotated[Size | tuple[Size, Size], one_sentence(1, "two of them")]
"""One number for both axes, or (height, width)."""
Triple = Annotated[Size | tuple[Size, Size, Size], one_sentence(1, "three of them")]
"""One number for all axes, or (depth, height, width)."""
Margin = Annotated[int, Field(ge=0, le=LARGEST)]
MarginPair = Annotated[Margin | tuple[Margin, Margin], one_sentence(0, "two of them")]
MarginTriple = Annotated[Margin | tuple[Margin, Margin, Margin], one_sentence(0, "three of them")]

Sizes = TypeVar("Sizes")
"""Size, Pair or Triple, as the layer has axes."""
Margins = TypeVar("Margins")
"""Margin, MarginPair or MarginTriple, as the layer has axes."""

Sides = TypeVar("Sides")
"""One number for all sides, or one for each."""


def sizes(default: int | None, title: str, help: str) -> Any:
    """A field for one number, or one for each axis."""
    return Field(default, title=title, description=help, json_schema_extra={"unit": "{unit}"})


class Spatial(Layer):
    """A layer over `rank` axes behind the channels. Texts in braces are filled in for each rank; see `_words`."""

    rank: ClassVar[int]
    label = "{kind}"
    source = "torch.nn.{kind}"
    by_name: ClassVar[dict[str, type["Spatial"]]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "rank" in vars(cls):
            cls.by_name[cls.__name__] = cls
            cls.axes = ("channels", *SPACES[cls.rank].axes)
            cls._fill_in(_words(cls.__name__, SPACES[cls.rank]))

    @classmethod
    def _fill_in(cls, words: dict[str, str]) -> None:
        for text in ("label", "help", "source", "formula"):
            setattr(cls, text, getattr(cls, text).format(**words))
        cls.__doc__ = inspect.getdoc(cls).format(**(words | {"source": cls.source}))
        for field in cls.model_fields.values():
            field.title, field.description = (
                text and text.format(**words) for text in (field.title, field.description)
            )
            if field.json_schema_extra:
                field.json_schema_extra = {"unit": field.json_schema_extra["unit"].format(**words)}

    def each(self, value: int | tuple[int, ...]) -> tuple[int, ...]:
        """One number for each spatial axis."""
        return (value,) * self.rank if isinstance(value, int) else value

    def require_channels(self, inputs: tuple[Shape, ...]) -> Shape:
        """The input, channels first. Raises: Refusal if it has another number of axes, or channels not yet known."""
        shape, space = inputs[0], SPACES[self.rank]
        if len(shape) == self.rank + 1 and shape[0] is not None:
            return shape
        needs = f"{space.thing} (C, {', '.join(space.letters)})"
        if len(shape) == self.rank + 1:
            way_out = "Put the channels first by a Permute before it"
            remedy = (Permute(dims=(2, 1)),) if self.rank == 1 and shape[1] is not None else ()
            raise self.refuse(inputs, f"{needs} with a known number of channels", way_out=way_out, remedy=remedy)
        if self.rank == 1 and len(shape) == 1:
            way_out = "Add a Reshape to (1, -1) before it, which reads the row as a sequence of one channel"
            raise self.refuse(inputs, needs, way_out=way_out, remedy=(Reshape(shape=(1, -1)),))
        raise self.refuse(inputs, needs, way_out=self._other_way(shape))

    def _other_way(self, shape: Shape) -> str:
        """What to do about another number of axes."""
        if len(shape) == 1:
            return "Use Linear instead" if self.learns else f"Remove the {self.label}"
        other = f"{self.kind.removesuffix(f'{self.rank}d')}{len(shape) - 1}d"
        return f"Use {other} instead" if other in self.by_name else f"Use it on {SPACES[self.rank].thing} alone"


def _words(kind: str, space: Space) -> dict[str, str]:
    """What the braces in the texts of a spatial layer stand for; for Conv2d `{shape}` is "H, W"."""
    names = " and ".join(filter(None, (", ".join(space.axes[:-1]), space.axes[-1])))
    return {
        "kind": kind,
        "rank": str(len(space.axes)),
        "thing": space.thing,
        "word": space.thing.split()[1],
        "shape": ", ".join(space.letters),
        "shape_out": ", ".join(f"{letter}_out" for letter in space.letters),
        "X": space.letters[0],
        "sizes": names,
        "Sizes": names.capitalize(),
        "one_number": space.one_number,
        "unit": space.unit,
        "sides": space.sides,
    }
