"""Prepares what a project says about its data: read once, kept on disk, dealt to training, validation and test."""

from collections.abc import Callable
from pathlib import Path

from builder.data.images.dataset import ImageDataset, prepare_images
from builder.data.splitting import SplitIndex
from builder.data.tables.dataset import TableDataset, prepare_table
from builder.data.uploads import name_of, resolve
from builder.spec.data import DataSpec, TableData

__all__ = ["ImageDataset", "SplitIndex", "TableDataset", "prepare"]


def prepare(
    data: DataSpec, base: Path | None = None, progress: Callable[[str], None] | None = None
) -> TableDataset | ImageDataset:
    """`base` is the folder where a relative path starts; `progress` is told what goes on. Raises: DataError."""
    tell = progress or (lambda message: None)
    place = name_of(data.source)
    tell(f"Opening {place}")
    path = resolve(data.source, base)
    if isinstance(data, TableData):
        tell(f"Reading {place}")
        return prepare_table(data, path, place)
    return prepare_images(data, path, place, tell)
