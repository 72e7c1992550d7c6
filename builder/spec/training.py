"""What a project says about its training."""

from typing import Literal

from pydantic import Field, field_validator

from builder.catalogue.initializations import AnyInitialization, TorchDefault
from builder.catalogue.losses import AnyLoss
from builder.catalogue.metrics import AnyMetric
from builder.catalogue.optimizers import AdamW, AnyOptimizer
from builder.catalogue.regularization import SWA, AnyRegularization, Averaging, EarlyStopping, Mixing, Regularization
from builder.catalogue.schedulers import AnyScheduler, Constant
from builder.spec.base import Spec

LOSS = "loss"
"""Stands for the validation loss where a metric is named."""


class TrainingSpec(Spec):
    loss: AnyLoss
    optimizer: AnyOptimizer = AdamW()
    scheduler: AnyScheduler = Constant()
    initialization: AnyInitialization = TorchDefault()
    regularization: tuple[AnyRegularization, ...] = Field((), max_length=20)
    metrics: tuple[AnyMetric, ...] = Field((), max_length=20)
    best_by: str = Field(
        LOSS, title="Best epoch by", description="Validation figure that picks the weights to keep: 'loss' or one of the metrics."
    )  # fmt: skip
    best_direction: Literal["auto", "higher", "lower"] = Field(
        "auto", title="Better is", description="Which direction of that figure is better, for the weights to keep, early stopping and a plateau; by itself the figure's own."
    )  # fmt: skip
    epochs: int = Field(50, ge=1, le=100_000, title="Epochs", description="Passes over the training rows.")
    time_budget_min: float | None = Field(
        None, gt=0, le=100_000, title="Time budget", description="Minutes of training after which it ends, with the best weights kept; empty for none. Schedules are planned over all epochs nevertheless.",
        json_schema_extra={"unit": "min", "empty": "none"},
    )  # fmt: skip
    batch_size: int = Field(32, ge=1, le=65_536, title="Batch size", description="Rows per training step.")
    largest_batch: bool = Field(
        False, title="Largest batch that fits", description="The batch size is found by trial when a run begins: the largest power of two that fits into memory and leaves 10 steps in an epoch."
    )  # fmt: skip
    accumulation: int = Field(
        1, ge=1, le=1000, title="Gradient accumulation", description="Batches whose gradients make one step: as a larger batch, in the memory of a small one."
    )  # fmt: skip
    step_metrics: bool = Field(
        False, title="At each step too", description="Measures the metrics that are means over rows on the batch of each step as well: about half a millisecond a step for each."
    )  # fmt: skip
    device: Literal["auto", "cpu", "cuda"] = Field(
        "auto", title="Device", description="What trains: auto takes an NVIDIA card if there is one, else the processor."
    )  # fmt: skip
    precision: Literal["float32", "mixed"] = Field(
        "float32", title="Precision", description="Mixed computes layers in 16 bits and keeps weights, loss and figures in 32: quicker on most NVIDIA cards and few processors."
    )  # fmt: skip
    channels_last: bool = Field(
        True, title="Channels last", description="Images lie in memory pixel by pixel instead of channel by channel: the same figures but for rounding, mostly quicker."
    )  # fmt: skip
    loaders: int | None = Field(
        None, ge=0, le=16, title="Loaders", description="Processes that change the images of the coming steps while the model learns from others: the same result, sooner. By itself one for each core if that is worth it; 0 changes them in between.",
        json_schema_extra={"empty": "automatic"},
    )  # fmt: skip
    seed: int = Field(0, ge=0, lt=2**31, title="Seed", description="Of first weights, order of rows, dropout and augmentation.")  # fmt: skip

    @field_validator("regularization", "metrics")
    @classmethod
    def _each_kind_once(cls, components):
        kinds = [component.kind for component in components]
        if len(set(kinds)) < len(kinds):
            raise ValueError(f"each kind may stand there once; got {', '.join(kinds)}")
        return components

    @property
    def lays_channels_last(self) -> bool:
        """Whether images and filters lie so in memory, which not every optimizer takes."""
        return self.channels_last and self.optimizer.takes_channels_last

    @property
    def metrics_of_steps(self) -> tuple[AnyMetric, ...]:
        """Those that are measured on the batch of each step."""
        return tuple(metric for metric in self.metrics if metric.is_cheap) if self.step_metrics else ()

    def rows_per_step(self, train_rows: int) -> int:
        """Training rows whose gradients make one step; they are computed in parts of the batch size."""
        return train_rows if self.optimizer.is_full_batch else self.batch_size * self.accumulation

    def steps_per_epoch(self, train_rows: int) -> int:
        """A last step of one row joins the one before it, as `builder.nn.batches` deals them."""
        whole, rest = divmod(train_rows, self.rows_per_step(train_rows))
        return whole + (rest > 1 or (rest == 1 and whole == 0))

    @property
    def mixing(self) -> tuple[Mixing, ...]:
        """The ways of mixing rows that are on; chance picks one for each batch."""
        return tuple(item for item in self.regularization if isinstance(item, Mixing))

    @property
    def keeps_best(self) -> bool:
        """Whether the weights of the best epoch are kept, or those of the last."""
        stopping = self.regularizer(EarlyStopping)
        return stopping is None or stopping.restore_best

    @property
    def first_judged_epoch(self) -> int:
        """The epoch from which on epochs are compared: the first that has an average, where weights are averaged."""
        averaging = self.regularizer(Averaging)
        return 1 if averaging is None else averaging.first_epoch(self.epochs)

    def held_rate(self, train_rows: int) -> tuple[int, float] | None:
        """The step, counted from 0, from which on the learning rate is held, and that rate; None if none is set."""
        swa = self.regularizer(SWA)
        if swa is None or swa.lr is None:
            return None
        return (swa.first_epoch(self.epochs) - 1) * self.steps_per_epoch(train_rows), swa.lr

    def is_higher_better(self, figure: str) -> bool:
        """Of a validation figure: of the one that picks the best epoch as it is asked for, of others by themselves."""
        if figure == self.best_by and self.best_direction != "auto":
            return self.best_direction == "higher"
        return self.is_by_itself_higher_better(figure)

    def is_by_itself_higher_better(self, figure: str) -> bool:
        """The loss is better when it is lower."""
        return next((metric.higher_is_better for metric in self.metrics if metric.kind == figure), False)

    def regularizer(self, kind: type[Regularization]) -> Regularization | None:
        """The regularization of this kind, or None if it is off."""
        return next((item for item in self.regularization if isinstance(item, kind)), None)
