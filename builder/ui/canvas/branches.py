"""Finds where branches of a graph part and meet, and how wide each must stand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import pairwise

Wires = dict[str, tuple[str, ...]]
"""What each thing on the canvas takes; each comes after what it takes."""


@dataclass
class Branches:
    """Every unit under the nearest one that all ways to it go through: its dominator.

    Source: Cooper, Harvey and Kennedy, A Simple, Fast Dominance Algorithm, 2001.
    """

    order: list[str] = field(default_factory=list)
    parents: dict[str, str] = field(default_factory=dict)
    depths: dict[str, int] = field(default_factory=dict)
    branches: dict[str, list[str]] = field(default_factory=dict)
    joins: dict[str, list[str]] = field(default_factory=dict)
    extents: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Columns that a unit with all below it takes to the left and to the right."""
    lowest: dict[str, int] = field(default_factory=dict)
    """Last row of all below it."""

    @classmethod
    def of(cls, wires: Wires) -> "Branches":
        tree = cls()
        for unit, sources in wires.items():
            reached = [source for source in dict.fromkeys(sources) if source in tree.depths]
            if reached or not tree.order:  # the first one is where all begins
                tree._add(unit, reached)
        return tree

    def _add(self, unit: str, sources: Sequence[str]) -> None:
        self.order.append(unit)
        self.branches[unit], self.joins[unit], self.depths[unit] = [], [], 0
        if sources:
            parent = reduce(self._common, sources)
            self.parents[unit], self.depths[unit] = parent, self.depths[parent] + 1
            (self.joins if len(sources) > 1 else self.branches)[parent].append(unit)

    def _common(self, one: str, other: str) -> str:
        while one != other:
            if self.depths[one] >= self.depths[other]:
                one = self.parents[one]
            else:
                other = self.parents[other]
        return one

    def measure(self, rows: dict[str, int]) -> None:
        for unit in reversed(self.order):
            self.lowest[unit] = max([rows[unit], *(self.lowest[child] for child in self._below(unit))])
            shifts = self.shifts(unit).items()
            self.extents[unit] = (
                max([0.5, *(self.extents[child][0] - shift for child, shift in shifts)]),
                max([0.5, *(self.extents[child][1] + shift for child, shift in shifts)]),
            )

    def shifts(self, unit: str) -> dict[str, float]:
        """Columns by which each child stands beside its dominator."""
        branches = self.branches[unit]
        if len(branches) == 2:  # the longer way goes straight on
            branches = sorted(branches, key=self.lowest.__getitem__, reverse=True)
        lefts = [0.0]
        for one, other in pairwise(branches):
            lefts.append(lefts[-1] + self.extents[one][1] + self.extents[other][0])
        middle = lefts[-1] / 2 if len(branches) > 2 else 0.0
        beside = {child: left - middle for child, left in zip(branches, lefts, strict=False)}
        return beside | dict.fromkeys(self.joins[unit], 0.0)

    def _below(self, unit: str) -> list[str]:
        return [*self.branches[unit], *self.joins[unit]]
