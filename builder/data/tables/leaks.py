"""Finds features that give the target away on their own."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from builder.data.preprocessing import class_texts
from builder.spec.data import NUMERIC_TYPES

if TYPE_CHECKING:
    from builder.data.tables.dataset import TableDataset

FEWEST_ROWS = 30
MOST_ROWS = 20_000
NEARLY_ALL = 0.995
SAME_ORDER = 0.9995


def find_leaks(dataset: "TableDataset") -> Iterator[tuple[str, str]]:
    """Names of columns with what was seen, judged on the rows that have a target."""
    if dataset.data.task == "reconstruction":
        return
    rows = np.sort(np.concatenate(list(dataset.split.parts().values())))
    rows = rows[:: max(1, -(-len(rows) // MOST_ROWS))]
    if len(rows) < FEWEST_ROWS:
        return
    targets, columns = dataset.target_values()[rows], dataset.rows.take(rows)
    for column in dataset.data.features:
        values = columns[column.name].to_numpy()
        is_number = column.type in NUMERIC_TYPES
        if dataset.data.task == "regression":
            found = _same_order(values, targets) if is_number else 0.0
            if found >= SAME_ORDER:
                yield column.name, f"it rises or falls with it in {found:.2%} of its order"
            continue
        found = _share_by_intervals(values, targets) if is_number else _share_by_value(class_texts(values), targets)
        usual = np.bincount(targets).max() / len(targets)
        if found >= NEARLY_ALL and 1 - found <= 0.1 * (1 - usual):
            yield column.name, f"a rule on it is right in {found:.1%} of the rows"


def _share_by_intervals(values: np.ndarray, labels: np.ndarray) -> float:
    """Share of rows that a small tree on this column gets right: two intervals for each class."""
    present = np.isfinite(values)
    if present.sum() < FEWEST_ROWS:
        return 0.0
    values, labels_there = values[present], labels[present]
    classes = np.count_nonzero(np.bincount(labels))
    ordered = _by_value(values, labels_there)
    if (np.diff(ordered) != 0).sum() > 4 * classes + 0.05 * len(ordered):  # no few intervals can part these
        return 0.0
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(max_leaf_nodes=max(2, 2 * classes), min_samples_leaf=2, random_state=0)
    right = tree.fit(values[:, None], labels_there).predict(values[:, None]) == labels_there
    return float(right.sum() / len(labels))


def _by_value(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The labels in the order of the values, sorted where these are equal; quicker than np.lexsort."""
    order, classes = np.argsort(values), labels.max() + 1
    ordered = values[order]
    ranks = np.cumsum(np.append(False, ordered[1:] != ordered[:-1]))
    return np.sort(ranks * classes + labels[order]) % classes


def _share_by_value(texts: np.ndarray, labels: np.ndarray) -> float:
    """Share of rows whose class is the usual one of the other rows with the same text."""
    import pandas as pd

    table = pd.crosstab(pd.Series(texts).fillna(""), labels).to_numpy()
    return float((table.max(axis=1) * (table.sum(axis=1) > 1)).sum() / len(labels))


def _same_order(values: np.ndarray, targets: np.ndarray) -> float:
    """Spearman's rank correlation, its sign left out."""
    import pandas as pd

    present = np.isfinite(values)
    if present.mean() < 0.9 or len(np.unique(values[present])) < 20:
        return 0.0
    ranks = (pd.Series(part[present]).rank().to_numpy() for part in (values, targets))
    return float(abs(np.corrcoef(*ranks)[0, 1]))
