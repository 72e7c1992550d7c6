"""The schedulers: how the learning rate changes while training goes on."""

from functools import reduce
from operator import or_
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from builder.catalogue.component import Component, TorchCall, accept_name, real, registry, whole


def _lowest() -> float:
    return real(0.0, "Lowest share", "Share of the learning rate that it never falls below.", ge=0, lt=1)


def _gamma(default: float, help: str) -> float:
    return real(default, "Factor", help, gt=0, le=1)


class Scheduler(Component):
    """Gives each step its share of the learning rate, by a function of `builder.catalogue.rates`."""

    function: ClassVar[str]
    """Its name there."""
    rises: ClassVar[bool] = False
    """Whether it begins low by itself, so that a warm-up would be a second one."""
    follows_figure: ClassVar[bool] = False
    """Whether it depends on how training goes, so that it cannot be planned whole."""
    warmup: float = Field(
        0.0, ge=0, le=1000, title="Warm-up", description="Epochs over which it rises evenly to where its schedule begins.",
        json_schema_extra={"unit": "epochs"},
    )  # fmt: skip

    @property
    def is_constant(self) -> bool:
        return False

    def schedule_call(self) -> TorchCall:
        """The function by its dotted name, with its settings."""
        return TorchCall(f"builder.catalogue.rates.{self.function}", self._settings())

    def first_change(self, epochs: int) -> int:
        """The epoch after which it first changes the rate."""
        return 0

    def _settings(self) -> dict[str, Any]:
        return self.model_dump(exclude={"kind", "warmup"})


class Constant(Scheduler):
    kind: Literal["Constant"] = "Constant"
    label = "Constant"
    help = "The same learning rate throughout: simple, and good enough for most small models."
    source = "torch.optim.lr_scheduler.ConstantLR"
    function = "constant"

    @property
    def is_constant(self) -> bool:
        return self.warmup == 0


class StepDecay(Scheduler):
    kind: Literal["StepDecay"] = "StepDecay"
    label = "Step"
    help = "Falls by a factor every so many epochs."
    source = "torch.optim.lr_scheduler.StepLR"
    function = "step_decay"
    step_size: int = whole(10, "Every", "Epochs between two falls.", ge=1, le=100_000, unit="epochs")
    gamma: float = _gamma(0.5, "What the rate is multiplied by each time.")

    def first_change(self, epochs: int) -> int:
        return self.step_size


class MultiStepDecay(Scheduler):
    kind: Literal["MultiStepDecay"] = "MultiStepDecay"
    label = "Multi-step"
    help = "Falls by a factor after each of the epochs that are named."
    source = "torch.optim.lr_scheduler.MultiStepLR"
    function = "multi_step_decay"
    milestones: tuple[Annotated[int, Field(ge=1, le=100_000)], ...] = Field(
        (25, 40), min_length=1, max_length=8, title="After epochs", description="Epochs after which it falls."
    )
    gamma: float = _gamma(0.1, "What the rate is multiplied by each time.")

    def first_change(self, epochs: int) -> int:
        return min(self.milestones)


class ExponentialDecay(Scheduler):
    kind: Literal["ExponentialDecay"] = "ExponentialDecay"
    label = "Exponential"
    help = "Falls by the same factor after every epoch."
    source = "torch.optim.lr_scheduler.ExponentialLR"
    function = "exponential_decay"
    gamma: float = _gamma(0.95, "What the rate is multiplied by after each epoch.")


class CosineDecay(Scheduler):
    kind: Literal["CosineDecay"] = "CosineDecay"
    label = "Cosine"
    help = "Falls along half a cosine to the last step: the usual choice for a known number of epochs."
    source = "torch.optim.lr_scheduler.CosineAnnealingLR"
    function = "cosine_decay"
    lowest: float = _lowest()


class WarmRestarts(Scheduler):
    kind: Literal["WarmRestarts"] = "WarmRestarts"
    label = "Warm restarts"
    help = "Falls along half a cosine, jumps back up and falls again: may leave a poor valley for a better one."
    source = "torch.optim.lr_scheduler.CosineAnnealingWarmRestarts"
    function = "warm_restarts"
    first: int = whole(10, "First fall", "Epochs to the first restart.", ge=1, le=100_000, unit="epochs")
    factor: int = whole(2, "Longer by", "Each fall takes so many times as long as the one before.", ge=1, le=10)
    lowest: float = _lowest()


class OneCycle(Scheduler):
    kind: Literal["OneCycle"] = "OneCycle"
    label = "One cycle"
    help = "Rises to the learning rate, then falls far below where it began: allows large rates and few epochs."
    source = "torch.optim.lr_scheduler.OneCycleLR"
    function = "one_cycle"
    rises = True
    pct_start: float = real(0.3, "Rise", "Share of the steps in which it rises.", gt=0, lt=1)
    div_factor: float = real(25.0, "Begins at 1 /", "What the learning rate is divided by at first.", ge=1, le=1e6)
    final_div_factor: float = real(1e4, "Ends at 1 /", "What that is divided by once more in the end.", ge=1, le=1e9)

    def _settings(self) -> dict[str, Any]:
        start = 1 / self.div_factor
        return {"rise": self.pct_start, "start": start, "end": start / self.final_div_factor}


class PolynomialDecay(Scheduler):
    kind: Literal["PolynomialDecay"] = "PolynomialDecay"
    label = "Polynomial"
    help = "Falls evenly to the last step, or along a power of what is left."
    source = "torch.optim.lr_scheduler.PolynomialLR"
    function = "polynomial_decay"
    power: float = real(1.0, "Power", "1 falls evenly; above 1 it falls early, below 1 late.", gt=0, le=10)
    lowest: float = _lowest()


class Plateau(Scheduler):
    kind: Literal["Plateau"] = "Plateau"
    label = "On a plateau"
    help = "Falls by a factor whenever the figure that picks the best epoch has not improved for a while."
    source = "torch.optim.lr_scheduler.ReduceLROnPlateau"
    function = "constant"
    follows_figure = True
    factor: float = real(0.5, "Factor", "What the rate is multiplied by each time.", gt=0, lt=1)
    patience: int = whole(5, "Patience", "Epochs without improvement that are waited.", ge=0, le=10_000, unit="epochs")
    min_delta: float = real(
        0.0, "Least improvement", "Smaller improvements do not count, in the figure's own unit.", ge=0
    )
    lowest: float = _lowest()

    def first_change(self, epochs: int) -> int:
        return self.patience + 1

    def share_call(self, higher_is_better: bool) -> TorchCall:
        """What follows the figure."""
        settings = self.model_dump(exclude={"kind", "warmup"})
        return TorchCall("builder.catalogue.rates.PlateauShare", settings | {"higher_is_better": higher_is_better})

    def _settings(self) -> dict[str, Any]:
        return {}


SCHEDULERS = registry(
    Constant, CosineDecay, OneCycle, WarmRestarts, StepDecay, MultiStepDecay, ExponentialDecay, PolynomialDecay, Plateau
)
AnyScheduler = Annotated[
    reduce(or_, SCHEDULERS.values()), Field(discriminator="kind"), BeforeValidator(accept_name)
]  # fmt: skip
