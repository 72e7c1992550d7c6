"""Prints a model as a plain torch.nn.Module class, equal to the one that was trained."""

import inspect
from collections.abc import Iterable

from builder.catalogue.component import TorchCall
from builder.catalogue.printing import constructor
from builder.nn.graph import Step, attribute_name, named
from builder.spec.model import INPUT


def model_class(steps: tuple[Step, ...]) -> str:
    """Source of `class Model(nn.Module)`; it needs `torch`, `nn` and `own_classes(steps)`."""
    built = [f"        self.{step.name} = {constructor(step.call)}" for step in steps]
    lines = ["class Model(nn.Module):", "    def __init__(self):", "        super().__init__()", *built, ""]
    return "\n".join([*lines, "    def forward(self, x):", *_forward(steps)]) + "\n"


def own_classes(steps: tuple[Step, ...]) -> str:
    """Source of the modules of our own that the steps use; it needs `torch`, `Tensor`, `nn`, `F` and `math`."""
    return class_sources(step.call for step in steps)


def class_sources(calls: Iterable[TorchCall]) -> str:
    """Source of those of our own among them, each once."""
    names = dict.fromkeys(call.name for call in calls if call.name.startswith("builder."))
    kinds = dict.fromkeys(kind for name in names for kind in _with_needs(named(name)))
    return "\n\n\n".join(inspect.getsource(kind).rstrip("\n") for kind in kinds)


def _with_needs(kind: type) -> list[type]:
    """The class or function after those that its attribute `needs` names."""
    return [*(needed for direct in getattr(kind, "needs", ()) for needed in _with_needs(direct)), kind]


def _forward(steps: tuple[Step, ...]) -> list[str]:
    """One variable `x` for a plain stack, one for each node otherwise."""
    names = {INPUT: "x"} | {step.output: attribute_name(step.output) for step in steps}
    before = [INPUT, *(step.output for step in steps)]
    if all(step.inputs == (previous,) for step, previous in zip(steps, before, strict=False)):
        names = dict.fromkeys(names, "x")
    lines = [
        f"        {names[step.output]} = self.{step.name}({', '.join(names[source] for source in step.inputs)})"
        for step in steps
    ]
    return [*lines, f"        return {names[steps[-1].output]}"]
