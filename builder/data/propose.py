"""Proposes how to read a source: column types, roles, target, task, image size; all of it can be changed."""

from pathlib import Path

from builder.data.images.archive import holds_images
from builder.data.images.propose import propose_images
from builder.data.tables.propose import propose_table
from builder.data.uploads import name_of, resolve
from builder.spec.data import DataSpec, TableReading
from builder.spec.sources import Source

AS_FOUND = TableReading()


def propose(
    source: Source, base: Path | None = None, target: str | None = None, reading: TableReading = AS_FOUND
) -> DataSpec:
    """A proposal that trains untouched; without `target` the best guess. Raises: DataError."""
    path, place = resolve(source, base), name_of(source)
    if holds_images(path):
        return propose_images(source, path, place)
    return propose_table(source, path, place, target, reading)
