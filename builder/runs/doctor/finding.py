"""What the doctor says: an illness in one sentence with the figure that was seen, and fixes to click."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from builder.check.problem import Fix
from builder.runs.doctor.evidence import Evidence

Kind = Literal[
    "not_finite", "lr_too_high", "lr_too_low", "exploding", "vanishing", "dead_units", "leak", "imbalance", "overfitting",
    "underfitting", "stopped_early", "plateau", "data_bound",
]  # fmt: skip

TITLES: dict[Kind, str] = {
    "not_finite": "Loss not finite", "lr_too_high": "Learning rate too high", "lr_too_low": "Learning rate too low",
    "exploding": "Exploding gradients", "vanishing": "Vanishing gradients", "dead_units": "Dead units",
    "leak": "Leaking feature", "imbalance": "Class imbalance", "overfitting": "Overfitting",
    "underfitting": "Model too small", "stopped_early": "Stopped too early", "plateau": "Plateau",
    "data_bound": "Waiting for data",
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """`lr_now` is a learning rate that would help already while the run goes on."""

    kind: Kind
    sentence: str
    fixes: tuple[Fix, ...] = ()
    lr_now: float | None = None

    @property
    def title(self) -> str:
        return TITLES[self.kind]


Rule = Callable[[Evidence], Finding | None]
