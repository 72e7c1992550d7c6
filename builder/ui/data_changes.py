"""What follows from a change of the data: columns that stay consistent, and a loss and metrics that fit the new task."""

from collections.abc import Mapping
from typing import Any

from builder.check.edits import Edit, UpdateTraining
from builder.check.edits.titles import titled
from builder.check.suggest import suggest_training
from builder.spec.data import FEATURE_TYPES, NUMERIC_TYPES, Column, DataSpec, TableData
from builder.spec.facts import DataFacts
from builder.spec.training import TrainingSpec

_FOLLOWS_THE_TASK = ("loss", "metrics", "best_by", "best_direction")


def with_cells(columns: tuple[Column, ...], cells: Mapping[int, Mapping[str, Any]]) -> tuple[Column, ...]:
    """The columns after cells of the table of columns were edited; `cells` is row number → field → value."""
    return tuple(_with_fields(column, cells.get(row, {})) for row, column in enumerate(columns))


def _with_fields(column: Column, fields: Mapping[str, Any]) -> Column:
    changed = column.model_copy(update={name: value for name, value in fields.items() if value is not None})
    if changed.type == column.type:
        return changed
    if changed.role == "feature" and changed.type not in FEATURE_TYPES and "role" not in fields:
        changed = changed.model_copy(update={"role": "ignored"})
    return changed if "impute" in fields else changed.model_copy(update={"impute": fitting_impute(changed)})


def fitting_impute(column: Column) -> str:
    """The column's own way with missing values if it fits the type, else the usual one."""
    if column.type in NUMERIC_TYPES:
        return column.impute if column.impute in ("median", "mean", "zero") else "median"
    return column.impute if column.impute in ("most_frequent", "own_category") else "most_frequent"


def retargeted(data: TableData, proposed: TableData) -> dict[str, Any]:
    """Changes that take over the target and task of `proposed`, and leave what the user has set for the other columns."""
    concerned = {column.name for column in (data.target, proposed.target) if column is not None}
    found = {column.name: column for column in proposed.columns}
    columns = [found[column.name] if column.name in concerned else column for column in data.columns]
    return {
        "columns": [column.model_dump(mode="json") for column in columns],
        "task": proposed.task,
        "positive": None,
        "split": data.split.model_dump(mode="json") | {"stratify": proposed.split.stratify},
    }


def training_edits(before: DataFacts, after: DataFacts) -> tuple[Edit, ...]:
    """A fitting loss and metrics if the task is another one; else nothing."""
    if before.task == after.task:
        return ()
    suggested = suggest_training(after).model_dump(mode="json")
    return (UpdateTraining(changes={name: suggested[name] for name in _FOLLOWS_THE_TASK}),)


def told(training: TrainingSpec, after: DataFacts) -> str:
    """What the user should know about a change of task."""
    task = {
        "binary": "predicts two classes", "multiclass": f"predicts {len(after.classes)} classes",
        "regression": "predicts a number", "reconstruction": "gives back its own input",
    }[after.task]  # fmt: skip
    metrics = ", ".join(metric.label for metric in training.metrics)
    return f"The model now {task}. Its loss is {training.loss.label}; it is judged by {metrics}."


def change_label(before: DataSpec, after: DataSpec) -> str:
    """For the undo list: `Set type of petal length`, or the titles of the fields that differ."""
    differ = [name for name in type(after).model_fields if getattr(after, name) != getattr(before, name, None)]
    if differ == ["columns"]:
        return _columns_label(before.columns, after.columns)
    return f"Set {titled(differ, type(after))} of the data"


def _columns_label(before: tuple[Column, ...], after: tuple[Column, ...]) -> str:
    old = {column.name: column for column in before}
    changed = [column for column in after if column != old.get(column.name)]
    if len(changed) != 1 or changed[0].name not in old:
        return f"Set {len(changed)} columns of the data"
    (column,) = changed
    fields = [name for name in Column.model_fields if getattr(column, name) != getattr(old[column.name], name)]
    return f"Set {titled(fields, Column)} of column {column.name}"
