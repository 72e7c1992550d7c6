"""Curves that only ever grow, thinned for any stretch of them without a look at every point."""

from bisect import bisect_left, bisect_right
from typing import NamedTuple

import numpy as np

from builder.runs.thinning import lowest_and_highest, minmax_rows

BLOCK = 256
"""Points of which the lowest and the highest are remembered."""
AROUND = 8
"""What lies on either side of the part in view gets an eighth of its points."""


class View(NamedTuple):
    """The part of the horizontal axis that a person has zoomed to."""

    low: float
    high: float


class GrowingArray:
    """Numbers, or records of them, in one piece of memory that doubles when it is full."""

    def __init__(self, dtype: np.dtype | type = float) -> None:
        self._numbers = np.empty(1024, dtype)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def extend(self, numbers: np.ndarray) -> None:
        end = self._count + len(numbers)
        if end > len(self._numbers):
            grown = np.empty(max(end, 2 * len(self._numbers)), self._numbers.dtype)
            grown[: self._count] = self._numbers[: self._count]
            self._numbers = grown
        self._numbers[self._count : end] = numbers
        self._count = end

    @property
    def numbers(self) -> np.ndarray:
        return self._numbers[: self._count]


class GrowingCurve:
    """The heights of a curve, with the lowest and the highest point of each block of it."""

    def __init__(self) -> None:
        self._y = GrowingArray()
        self._lowest, self._highest = GrowingArray(np.int64), GrowingArray(np.int64)

    def __len__(self) -> int:
        return len(self._y)

    @property
    def y(self) -> np.ndarray:
        return self._y.numbers

    def extend(self, y: np.ndarray) -> None:
        self._y.extend(y)
        first, end = len(self._lowest) * BLOCK, len(self._y) // BLOCK * BLOCK
        if first < end:
            lowest, highest = lowest_and_highest(self.y[first:end].reshape(-1, BLOCK))
            self._lowest.extend(first + lowest)
            self._highest.extend(first + highest)

    def rows(self, start: int, end: int, points: int) -> np.ndarray:
        """About `points` places from `start` to before `end`, in order, that draw the same picture as all of them."""
        if end - start <= 2 * BLOCK * points:
            return start + minmax_rows(self.y[start:end], points)
        first, last = -(-start // BLOCK), end // BLOCK
        ragged = (
            start + minmax_rows(self.y[start : first * BLOCK], 4),
            last * BLOCK + minmax_rows(self.y[last * BLOCK : end], 4),
        )
        return np.unique(np.concatenate([[start], *ragged, *self._of_blocks(first, last, points - 8), [end - 1]]))

    def _of_blocks(self, first: int, last: int, points: int) -> list[np.ndarray]:
        """The lowest and the highest point of each stretch of whole blocks."""
        stretch = -(-(last - first) // max(points // 2, 1))
        whole = first + (last - first) // stretch * stretch
        kept = []
        for begin, stop, width in ((first, whole, stretch), (whole, last, last - whole)):
            if begin < stop:
                low, high = self._lowest.numbers[begin:stop], self._highest.numbers[begin:stop]
                kept += [
                    low[lowest_and_highest(self.y[low].reshape(-1, width))[0]],
                    high[lowest_and_highest(self.y[high].reshape(-1, width))[1]],
                ]
        return kept


def rows_in_view(
    x: np.ndarray, curve: GrowingCurve, view: View | None, points: int, end: int | None = None
) -> np.ndarray:
    """The places to draw of a curve's first `end` points: all in view if they are few, and an outline on either side.

    `x` does not fall. Without the outline a person who pans would see an empty chart until the answer comes.
    """
    end = len(curve) if end is None else min(end, len(curve))
    if view is None:
        return curve.rows(0, end, points)
    # One more on either side: their lines run into the view.
    first = max(bisect_left(x, view.low, hi=end) - 1, 0)
    last = min(bisect_right(x, view.high, lo=first, hi=end) + 1, end)
    parts = (
        curve.rows(0, first, points // AROUND),
        curve.rows(first, last, points),
        curve.rows(last, end, points // AROUND),
    )
    return np.concatenate(parts)
