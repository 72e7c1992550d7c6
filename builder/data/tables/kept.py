"""Keeps what was found out about a table that is too large to be looked through again."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from pydantic import TypeAdapter

from builder.data.splitting import SplitIndex
from builder.data.storage import key_of, open_once
from builder.data.tables.typed import TypedRows
from builder.spec.data import TableData

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1
Found = TypeVar("Found")


def kept(rows: TypedRows, data: TableData, what: str, kind: Any, find: Callable[[], Found]) -> Found:
    """What `find` gives, of type `kind`; read from disk if it was found before, found each time for a table in memory."""
    if rows.is_held:
        return find()
    adapter = TypeAdapter(kind)
    return open_once(
        key_of_found(rows, data, what),
        lambda unfinished: _write(unfinished / "found.json", adapter.dump_json(find())),
        lambda folder: adapter.validate_json((folder / "found.json").read_bytes()),
    )


def kept_split(rows: TypedRows, data: TableData, deal: Callable[[], SplitIndex]) -> SplitIndex:
    """The same of a split."""
    if rows.is_held:
        return deal()
    return open_once(key_of_found(rows, data, "split"), lambda unfinished: _save(deal(), unfinished), _load)


def kept_rows(rows: TypedRows, data: TableData, what: str, numbers: np.ndarray) -> "pd.DataFrame":
    """The rows of these sorted numbers."""
    import pandas as pd

    return open_once(
        key_of_found(rows, data, what),
        lambda unfinished: rows.take(numbers).to_parquet(
            unfinished / "rows.parquet", compression="lz4", use_dictionary=False
        ),
        lambda folder: pd.read_parquet(folder / "rows.parquet"),
    )


def key_of_found(rows: TypedRows, data: TableData, what: str) -> str:
    """Under which it is kept."""
    return key_of("found", FORMAT, rows.key, what, data.model_dump(mode="json", exclude={"source", "license"}))


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _save(split: SplitIndex, folder: Path) -> None:
    for name, rows in split.parts().items():
        np.save(folder / f"{name}.npy", rows, allow_pickle=False)


def _load(folder: Path) -> SplitIndex:
    return SplitIndex(
        *(np.load(folder / f"{name}.npy", allow_pickle=False) for name in ("train", "validation", "test"))
    )
