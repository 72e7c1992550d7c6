"""When to end a training that no longer improves."""

from typing import Literal

from builder.catalogue.component import choice, figure, real, whole
from builder.catalogue.metrics import FigureName
from builder.catalogue.regularization.base import Regularization


class EarlyStopping(Regularization):
    kind: Literal["EarlyStopping"] = "EarlyStopping"
    label = "Early stopping"
    help = "Ends training when a validation figure has not improved for a while."
    source = "Prechelt 1998"
    patience: int = whole(20, "Patience", "Epochs to wait for an improvement.", ge=1, le=10_000, unit="epochs")
    min_delta: float = real(
        0.0, "Least improvement", "Smaller improvements do not count, in the figure's own unit.", ge=0
    )
    metric: FigureName | None = figure(
        "Watches", "Validation figure that has to improve: the loss or a chosen metric; if left open, the one that picks the best epoch.", "as the best epoch"
    )  # fmt: skip
    restore_best: bool = choice(
        True, "Keep the best epoch", "Keeps the weights of the best epoch; off, those of the last, and judges and exports them."
    )  # fmt: skip
