"""Proposes types, roles, target and task for the columns of a table."""

import difflib
from pathlib import Path

from builder.data.tables.guessing import Guess, guess
from builder.data.tables.reading import RawTable, read_table
from builder.errors import DataError
from builder.spec.data import NUMERIC_TYPES, Column, Role, TableData, TableReading
from builder.spec.sources import Source

TARGET_NAMES = (
    "target", "class", "label", "labels", "species", "y", "outcome", "diagnosis", "survived", "churn", "category",
    "response", "result", "quality", "income", "progression", "price", "medv",
)  # fmt: skip
MOST_CLASSES_OF_A_NUMBER = 20
MOST_ONEHOT = 50
MOST_CATEGORIES = 1000


def propose_table(source: Source, path: Path, place: str, target: str | None, reading: TableReading) -> TableData:
    """Raises: DataError if the file cannot be read, or has no such target."""
    table = read_table(path, place, reading)
    guesses = {name: guess(name, raw, reading.missing) for name, raw in table.columns_to_guess(table.names)}
    target = _check_target(target, guesses, table) if target is not None else _find_target(guesses, table)
    is_classes = _is_classes(guesses[target])
    columns = tuple(
        _target_column(name, found, is_classes) if name == target else _feature_column(name, found)
        for name, found in guesses.items()
    )
    if not any(column.role == "feature" for column in columns):
        raise DataError(f"{place} has no column that can be a feature of '{target}': each is constant, text or an identifier. Choose another file or target.")  # fmt: skip
    return TableData(
        source=source, reading=reading, columns=columns, task="classification" if is_classes else "regression"
    )


def _check_target(target: str, guesses: dict[str, Guess], table: RawTable) -> str:
    if target not in guesses:
        near = difflib.get_close_matches(target, guesses, n=1) or list(guesses)[-1:]
        raise DataError(f"{table.place} has no column '{target}' to be the target. Did you mean '{near[0]}'?")
    found = guesses[target]
    if found.distinct < 2:
        got = "has one value only" if found.distinct else "has no value in any row"
        raise DataError(
            f"{table.place}: the target column '{target}' {got}, so there is nothing to learn. Choose another target."
        )
    if found.type == "date":
        raise DataError(f"{table.place}: the target column '{target}' holds dates, which cannot be predicted. Choose another target, or write them as numbers.")  # fmt: skip
    if not _can_be_target(found):
        raise DataError(f"{table.place}: the target column '{target}' has {found.distinct:,} different texts in {found.count:,} rows, too many for classes. Choose another target, or mend its numbers.")  # fmt: skip
    return target


def _find_target(guesses: dict[str, Guess], table: RawTable) -> str:
    """First a column with a telling name, else the last that can be learnt."""
    usable = [name for name, found in guesses.items() if _can_be_target(found)]
    by_name = {name.strip().casefold(): name for name in reversed(usable)}
    for word in TARGET_NAMES:
        found = next(
            (name for key, name in by_name.items() if key == word or key.endswith((f"_{word}", f" {word}"))), None
        )
        if found:
            return found
    if not usable:
        raise DataError(
            f"{table.place} has no column that can be the target: each is constant, text or an identifier. Name the target."
        )
    return usable[-1]


def _can_be_target(found: Guess) -> bool:
    if found.type in NUMERIC_TYPES:
        return found.type == "number" and found.distinct > 1
    return 1 < found.distinct <= MOST_CATEGORIES and (found.distinct <= 20 or found.distinct <= 0.5 * found.count)


def _is_classes(found: Guess) -> bool:
    """Texts are classes, and so are few different whole numbers."""
    few = found.distinct <= MOST_CLASSES_OF_A_NUMBER and found.count >= 5 * found.distinct
    return found.type not in NUMERIC_TYPES or (found.is_whole and (few or found.distinct == 2))


def _target_column(name: str, found: Guess, is_classes: bool) -> Column:
    kind = "boolean" if found.type == "boolean" else "category" if is_classes else "number"
    return Column(name=name, type=kind, role="target", impute="most_frequent" if is_classes else "median")


def _feature_column(name: str, found: Guess) -> Column:
    if found.type in NUMERIC_TYPES:
        return Column(name=name, type=found.type, role=_role(found))
    impute = "own_category" if found.missing else "most_frequent"
    encoding = "onehot" if found.distinct <= MOST_ONEHOT else "ordinal"
    return Column(name=name, type=found.type, role=_role(found), impute=impute, encoding=encoding)


def _role(found: Guess) -> Role:
    """Left out: what says nothing (constant), or something else in every row."""
    is_category = found.type in ("category", "boolean")
    most = MOST_ONEHOT if found.odd_text is not None else MOST_CATEGORIES
    usable = (is_category and found.distinct <= most) or found.type in NUMERIC_TYPES
    return "feature" if usable and found.distinct > 1 else "ignored"
