"""What every metric declares: which answers it judges, which direction is better, and how torchmetrics is asked."""

from typing import Any, ClassVar

from builder.catalogue.component import Component, TorchCall
from builder.catalogue.task import NUMBERS, Task


class Metric(Component):
    """A torchmetrics metric: of probabilities, of values in the target's own unit, or of inputs as the model takes them."""

    tasks: ClassVar[tuple[Task, ...]]
    higher_is_better: ClassVar[bool] = True
    own_unit: ClassVar[str] = ""
    """Of numbers: `target`, `target²`, or empty for a plain number."""
    average: ClassVar[str | None] = "macro"
    """Over several classes: `macro` and `micro` are torchmetrics'; `none` gives one figure for each class, and the mean
    is taken over those that have rows (torchmetrics would count the others as 0); None if it takes no average."""
    rows_min: ClassVar[int] = 1
    """Fewest rows for which it is defined."""
    sums: ClassVar[str] = ""
    """Metrics with the same word here are made of the same sums, which are kept once; empty if no other has its own."""
    is_usual: ClassVar[bool] = False
    """Whether every report has it; the others are in those of projects that chose them."""
    is_cheap: ClassVar[bool] = False
    """Whether it is a mean over rows, which can be had for each training step and means something there."""

    def mended(self, class_count: int) -> tuple[str, "Metric"] | None:
        """Why it says nothing of so many classes, as the rest of a sentence, and what would; None if it does."""
        return None

    def torch_call(self, task: Task, class_count: int) -> TorchCall:
        return TorchCall(self.source, self._of_task(task, class_count) | self._options(task))

    def _of_task(self, task: Task, class_count: int) -> dict[str, Any]:
        if task in NUMBERS:
            return {}
        if task == "binary":
            return {"task": "binary"}
        averaged = {"average": self.average} if self.average else {}
        return {"task": "multiclass", "num_classes": class_count} | averaged

    def _options(self, task: Task) -> dict[str, Any]:
        """What torchmetrics is told besides: the fields, as they are."""
        return self.model_dump(exclude={"kind"})
