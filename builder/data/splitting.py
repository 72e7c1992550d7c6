"""Deals rows to training, validation and test, the same way for the same seed."""

from dataclasses import dataclass

import numpy as np

from builder.errors import DataError
from builder.spec.data import Split


@dataclass(frozen=True)
class SplitIndex:
    """Sorted row numbers of each part."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray

    def parts(self) -> dict[str, np.ndarray]:
        return {"train": self.train, "validation": self.validation, "test": self.test}

    @property
    def row_counts(self) -> tuple[int, int, int]:
        return len(self.train), len(self.validation), len(self.test)


def deal(rows: np.ndarray, labels: np.ndarray | None, shares: tuple[float, ...], seed: int) -> list[np.ndarray]:
    """Deals `rows` to one part for each share, none of them empty.

    With `labels` (one for each of `rows`) every class is spread evenly over the order in which rows are dealt, so each
    part gets its share of each class, give or take a row; a class of a single row goes to the first part.
    """
    random = np.random.default_rng(seed)
    place = random.permutation(len(rows)) / max(len(rows), 1)
    if labels is not None:
        _, counts = np.unique(labels, return_counts=True)
        offsets = np.zeros(len(counts))
        offsets[counts > 1] = random.random(np.count_nonzero(counts > 1))
        even = np.arange(len(rows), dtype=np.float64)  # changed in place: there may be many millions
        even -= np.repeat(np.cumsum(counts) - counts, counts)
        even += np.repeat(offsets, counts)
        even /= np.repeat(counts, counts)
        place[np.lexsort((place, labels))] = even  # class by class
    sizes = [max(1, round(share * len(rows))) for share in shares[1:]]
    while len(rows) - sum(sizes) < 1:
        sizes[sizes.index(max(sizes))] -= 1
    cuts = len(rows) - np.cumsum(sizes[::-1])[::-1]
    return [np.sort(part) for part in np.split(rows[np.argsort(place, kind="stable")], cuts)]


def split_rows(rows: np.ndarray, labels: np.ndarray | None, split: Split, place: str) -> SplitIndex:
    """Deals all `rows`. Raises: DataError if there are fewer than three."""
    _need(rows, 3, "training, validation and test", place)
    shares = (split.train, split.validation, split.test)
    return SplitIndex(*deal(rows, labels if split.stratify else None, shares, split.seed))


def split_around_test(
    rows: np.ndarray, labels: np.ndarray, test: np.ndarray, split: Split, place: str
) -> SplitIndex:  # fmt: skip
    """Deals `rows` to training and validation alone; `test` is given. Raises: DataError if there are fewer than two."""
    _need(rows, 2, "training and validation", place)
    whole = split.train + split.validation
    shares = (split.train / whole, split.validation / whole)
    return SplitIndex(*deal(rows, labels if split.stratify else None, shares, split.seed), test)


def _need(rows: np.ndarray, count: int, parts: str, place: str) -> None:
    if len(rows) < count:
        raise DataError(
            f"{place} must have at least {count} rows with a target, one each for {parts}; got {len(rows)}. Add rows."
        )
