"""Columns that are gathered some rows at a time: numbers in memory that is taken once, of which a frame with texts is a copy."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


class Gathered:
    """Float64 numbers lie in one block, so a frame costs nothing for each of them; texts are objects with None."""

    def __init__(self, count: int, are_numbers: dict[str, bool]):
        self._names = list(are_numbers)
        self._places = {name: at for at, name in enumerate(name for name in self._names if are_numbers[name])}
        self._numbers = np.empty((len(self._places), count))
        self._texts = {name: np.empty(count, object) for name in self._names if not are_numbers[name]}

    def columns(self) -> dict[str, np.ndarray]:
        return {name: self._column(name) for name in self._names}

    def _column(self, name: str) -> np.ndarray:
        return self._texts[name] if name in self._texts else self._numbers[self._places[name]]

    def add(self, part: dict[str, np.ndarray], rows: slice, chosen: np.ndarray | slice = slice(None)) -> None:
        """`chosen` of the part's rows are put in the place of `rows`."""
        for name in self._names:
            self._column(name)[rows] = part[name][chosen]

    def frame(self) -> "pd.DataFrame":
        import pandas as pd

        numbers = pd.DataFrame(self._numbers.T, columns=list(self._places), copy=False)
        if not self._texts:
            return numbers
        # The dtype keeps text as object with None.
        texts = pd.DataFrame(self._texts, columns=list(self._texts), dtype=object, copy=False)
        return pd.concat([numbers, texts], axis=1)[self._names]
