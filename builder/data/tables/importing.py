"""Types the columns of an imported table and keeps them as Parquet."""

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from builder.data.storage import key_of, open_once
from builder.data.tables.batches import rows_per_batch, write_tables
from builder.data.tables.columns import CommaCheck, typed_column, typed_values
from builder.data.tables.reading import FORMAT, RawTable, read_in_passing
from builder.data.tables.typed import TypedRows
from builder.errors import DataError
from builder.spec.data import NUMERIC_TYPES, Column, TableData

if TYPE_CHECKING:
    import pandas as pd


def import_table(table: RawTable, data: TableData) -> TypedRows:
    """The rows with the types of `data.columns`, typed once and kept. Raises: DataError."""
    columns = [[column.name, column.type] for column in data.columns]
    key = key_of("typed", FORMAT, table.folder.name, columns, list(data.reading.missing))
    return open_once(
        key,
        lambda unfinished: _write(table, data, unfinished / "typed.parquet"),
        lambda folder: TypedRows(folder, data.columns),
    )


@contextmanager
def open_rows(path: Path, data: TableData) -> Iterator[RawTable]:
    """A further file, not yet typed and not kept. Raises: DataError if it lacks a feature."""
    if not path.exists():
        raise DataError(f"There is no file {path}. Check the path.")
    has_names = not all(re.fullmatch(r"column_\d+_*", column.name) for column in data.features)
    settings = {"sheet": None, "header": has_names if data.reading.header is None else data.reading.header}
    with read_in_passing(path, path.name, data.reading.model_copy(update=settings)) as table:
        absent = [column.name for column in data.features if column.name not in table.names]
        if absent:
            raise DataError(
                f"{table.place} has no column {_list(absent)}. Add {'it' if len(absent) == 1 else 'them'}; the model needs every feature."
            )
        yield table


def type_rows(table: RawTable, raw: dict[str, Any], columns: Sequence[Column], missing: Collection[str]) -> "pd.DataFrame":  # fmt: skip
    """Rows of a further file, `raw` as pyarrow ChunkedArrays. Raises: DataError with the line."""
    import pandas as pd

    return pd.DataFrame({
        column.name: _series(typed_column(raw[column.name], column, missing, table, is_new=False)) for column in columns
    })  # fmt: skip


def _write(table: RawTable, data: TableData, path: Path) -> None:
    absent = [column.name for column in data.columns if column.name not in table.names]
    if absent:
        raise DataError(
            f"{table.place} has no column {_list(absent)}; it has {_list(table.names)}. Choose among those."
        )
    _check_commas(table, data)
    write_tables(_typed_tables(table, data), path)


def _typed_tables(table: RawTable, data: TableData) -> Iterator[Any]:
    """Some rows at a time as pyarrow tables of columns c0, c1, …"""
    import pyarrow as pa

    kinds = [pa.float64() if _is_numeric(column) else pa.string() for column in data.columns]
    schema = pa.schema([(f"c{at}", kind) for at, kind in enumerate(kinds)])
    names = [column.name for column in data.columns]
    texts = len(table.texts(names))
    for rows, raw in table.parts(names, rows_per_batch(texts, len(names) - texts)):
        values = (typed_values(raw[column.name], column, data.reading.missing, rows) for column in data.columns)
        arrays = [pa.array(part, kind, from_pandas=False) for part, kind in zip(values, kinds, strict=True)]
        yield pa.table(arrays, schema=schema)


def _check_commas(table: RawTable, data: TableData) -> None:
    """Before any value is read: what a comma means follows from all rows."""
    numbers = {column.name: column for column in data.columns if column.type == "number"}
    checks = {name: CommaCheck(numbers[name], data.reading.missing) for name in table.texts(list(numbers))}
    if not checks:
        return
    for rows, raw in table.parts(list(checks)):
        for name, check in checks.items():
            check.look_at(rows, raw[name])
    for check in checks.values():
        check.refuse_unclear()


def _series(values: np.ndarray) -> "pd.Series":
    import pandas as pd

    return pd.Series(values, dtype=values.dtype, copy=False)  # the dtype keeps text as object with None


def _is_numeric(column: Column) -> bool:
    return column.type in NUMERIC_TYPES


def _list(names) -> str:
    shown = ", ".join(f"'{name}'" for name in list(names)[:8])
    return shown + (f" and {len(names) - 8} more" if len(names) > 8 else "")
