"""Warns of what in a table would mislead a model or the person who reads its figures."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from builder.data.tables.guessing import guess
from builder.data.tables.statistics import ColumnProfile, profile_columns

if TYPE_CHECKING:
    from builder.data.tables.dataset import TableDataset

FEWEST_OF_A_CLASS = 10
MOST_MISSING = 0.5
SMALLEST_SPREAD = 1e-5
"""Standard deviation over mean; float32 carries seven digits."""


@dataclass(frozen=True)
class DataWarning:
    severity: Literal["warning", "info"]
    column: str | None
    message: str
    """A whole sentence with a way out."""


def warn_of_table(dataset: "TableDataset") -> tuple[DataWarning, ...]:
    """Every warning, rows first, then column by column."""
    return (
        *_of_rows(dataset), *_of_classes(dataset), *_of_mixed_columns(dataset), *_of_features(dataset), *_of_leaks(dataset),
    )  # fmt: skip


def _of_rows(dataset: "TableDataset") -> Iterator[DataWarning]:
    target = dataset.preprocessing.target
    unlabelled = len(dataset) - sum(dataset.split.row_counts)
    if unlabelled:
        yield DataWarning(
            "warning",
            target,
            f"{unlabelled:,} of {len(dataset):,} rows have no '{target}' and are left out. Fill in their target to use them.",
        )
    used = [column.name for column in dataset.data.features] + [target] * bool(target)
    twice = _repeats(dataset, used)
    if twice:
        yield DataWarning(
            "warning",
            None,
            f"{twice:,} of {len(dataset):,} rows repeat an earlier row, so the same row may be learnt from and tested on. Remove repeats unless they are real.",
        )


def _repeats(dataset: "TableDataset", names: list[str]) -> int:
    """Rows that repeat an earlier one."""
    if dataset.rows.is_held:
        return int(dataset.rows.frame[names].duplicated().sum())
    fingerprints = np.sort(dataset.rows.fingerprints(names))
    return int((fingerprints[1:] == fingerprints[:-1]).sum())


def _of_classes(dataset: "TableDataset") -> Iterator[DataWarning]:
    classes, target = dataset.preprocessing.classes, dataset.preprocessing.target
    if classes:
        yield from warn_of_tiny_classes(classes, dataset.target_values(), target, "rows")
        yield from warn_of_alike(classes, target, f"classes of '{target}'")


def warn_of_alike(names: Iterable[str], column: str, called: str) -> Iterator[DataWarning]:
    """One sentence for all names that a person would take for the same."""
    groups: dict[str, list[str]] = {}
    for name in sorted(names):
        groups.setdefault(name.strip().casefold(), []).append(name)
    alike = [" and ".join(f"'{name}'" for name in group) for group in groups.values() if len(group) > 1]
    if alike:
        more = f", and {len(alike) - 5} more" if len(alike) > 5 else ""
        yield DataWarning(
            "warning",
            column,
            f"Some {called} differ only by case or spaces: {', '.join(alike[:5])}{more}. Write them alike if they mean the same.",
        )


def warn_of_tiny_classes(classes: tuple[str, ...], labels: np.ndarray, target: str, rows: str) -> Iterator[DataWarning]:
    """One sentence for all classes too small to be learnt and tested."""
    counts = np.bincount(labels[labels >= 0], minlength=len(classes))
    tiny = [
        f"'{name}' ({count})" for name, count in zip(classes, counts.tolist(), strict=True) if count < FEWEST_OF_A_CLASS
    ]
    if tiny:
        more = f" and {len(tiny) - 5} more" if len(tiny) > 5 else ""
        yield DataWarning(
            "warning",
            target,
            f"Some classes have fewer than {FEWEST_OF_A_CLASS} {rows}: {', '.join(tiny[:5])}{more}. Gather more, or join classes.",
        )


def _of_mixed_columns(dataset: "TableDataset") -> Iterator[DataWarning]:
    """Columns read as categories that hold numbers but for some text."""
    table, missing = dataset.table, dataset.data.reading.missing
    columns = {
        column.name: column for column in dataset.data.columns if column.type in ("category", "text", "identifier")
    }
    for name, raw in table.columns_to_guess(list(columns)):
        odd = guess(name, raw, missing).odd_text
        if odd is not None:
            outcome = "so it is read as categories" if columns[name].role != "ignored" else "so it is left out"
            way_out = (
                "Write numbers with a decimal point and no other mark."
                if "," in odd
                else "Correct it, or add it to the missing marks and set the type to number."
            )
            yield DataWarning(
                "warning",
                name,
                f"{table.place_of(name, odd)}: column '{name}' holds numbers, but here stands '{odd}', {outcome}. {way_out}",
            )


def _of_features(dataset: "TableDataset") -> Iterator[DataWarning]:
    profiles = {profile.name: profile for profile in profile_columns(dataset)}
    for column in dataset.data.features:
        found, name = profiles[column.name], column.name
        share = found.missing / len(dataset)
        if found.distinct < 2:
            yield DataWarning(
                "warning",
                name,
                f"Column '{name}' has {'one value only' if found.distinct else 'no value'} and tells nothing. Leave it out.",
            )
        elif share > MOST_MISSING:
            yield DataWarning(
                "warning",
                name,
                f"Column '{name}' is missing in {share:.0%} of the rows. Leave it out unless the gaps mean something.",
            )
        if found.numbers is None:
            yield from warn_of_alike(dataset.rows.text_counts(name)[1].index, name, f"categories of '{name}'")
        if found.distinct > 1 and _names_the_row(dataset, found):
            yield DataWarning(
                "warning",
                name,
                f"Column '{name}' looks like an identifier: it differs in every row, so nothing learnt from it holds for new rows. Leave it out.",
            )
        if found.numbers is not None and 0 < found.numbers.std < SMALLEST_SPREAD * abs(found.numbers.mean):
            yield DataWarning(
                "warning",
                name,
                f"Column '{name}' varies too little for its size ({found.numbers.min:.9g} to {found.numbers.max:.9g}): the model counts in 7 digits. Subtract a constant from it.",
            )


def _names_the_row(dataset: "TableDataset", found: ColumnProfile) -> bool:
    """Texts that all differ, or whole numbers that count upwards row by row."""
    if found.distinct < len(dataset) or len(dataset) <= 20:
        return False
    if found.numbers is None:
        return True
    span = found.numbers.max - found.numbers.min
    may_count = abs(span - (len(dataset) - 1)) < 1  # otherwise the column need not be read
    return may_count and bool((np.diff(dataset.rows[found.name]) == 1).all())


def _of_leaks(dataset: "TableDataset") -> Iterator[DataWarning]:
    target = dataset.preprocessing.target
    for name, how in dataset.leaks():
        yield DataWarning(
            "warning",
            name,
            f"Column '{name}' alone gives '{target}' away ({how}). If it is only known together with the answer, leave it out.",
        )
