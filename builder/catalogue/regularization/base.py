"""What every regularization is."""

from typing import ClassVar

from builder.catalogue.component import Component
from builder.catalogue.task import TargetFacts


class Regularization(Component):
    """Each kind may be used once in a project."""

    takes_shards: ClassVar[bool] = True
    """Whether a process that holds a share of the weights alone can do it."""

    @classmethod
    def misfit(cls, facts: TargetFacts) -> str | None:
        """Why it cannot be used for this target or these inputs, as the second half of a sentence; None if it can."""
        return None
