"""Opens Parquet files: numbers stay numbers, everything else becomes the text a person would read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from builder.data.tables.batches import Batch, Layout, name_columns, rows_per_batch
from builder.errors import DataError


def open_table(path: Path, place: str) -> tuple[Layout, Iterator[Batch]]:
    """Raises: DataError if the file is damaged or a column holds lists or records."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{place} is not a readable Parquet file: {_first_sentence(error)} Export it again.") from None
    schema = file.schema_arrow
    for field in schema:
        if pa.types.is_nested(field.type):
            raise DataError(f"{place}: column '{field.name}' holds lists or records ({field.type}). Make one column of each value, or leave it out.")  # fmt: skip
    return Layout(names=name_columns(schema.names), format="parquet", line_word="row", header_line=0), _batches(
        file, place
    )


def _batches(file: Any, place: str) -> Iterator[Batch]:
    import pyarrow as pa

    first = 1
    try:
        for batch in file.iter_batches(batch_size=_rows_per_batch(file.schema_arrow)):
            yield Batch(range(first, first + batch.num_rows), [_plain(column) for column in batch.columns])
            first += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"{place}, after row {first - 1}: the file is damaged: {_first_sentence(error)} Export it again."
        ) from None


def _rows_per_batch(schema: Any) -> int:
    import pyarrow as pa

    numbers = sum(pa.types.is_floating(kind) or pa.types.is_integer(kind) for kind in schema.types)
    return rows_per_batch(len(schema) - numbers, numbers)


def _first_sentence(error: Exception) -> str:
    return str(error).splitlines()[0].partition(". ")[0].rstrip(".") + "."


def _plain(column: Any) -> Any:
    """Whole numbers as int64, other numbers as float64, NaN as null, the rest as text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_integer(kind) and kind != pa.uint64():
        return column.cast(pa.int64())
    if pa.types.is_floating(kind):
        wide = column.cast(pa.float64())
        return pc.if_else(pc.is_nan(wide), pa.scalar(None, pa.float64()), wide)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return column.cast(pa.string())
    return pa.array([None if value is None else _text(value) for value in column.to_pylist()], pa.string())


def _text(value: Any) -> str:
    return value.isoformat(sep=" ") if hasattr(value, "hour") and hasattr(value, "year") else str(value)
