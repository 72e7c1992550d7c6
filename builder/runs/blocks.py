"""Keeps the blocks that the user has saved: one file each under `STRATA_HOME/blocks`."""

import re
import uuid
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from builder.errors import RunError
from builder.files import Stamp, stamp, write_atomically
from builder.home import home
from builder.spec.blocks import Block

_NAME = re.compile(r"[0-9a-f]{12}")


class OwnBlock(NamedTuple):
    """`name` is opaque, so that no path comes from outside; people see the block's title."""

    name: str
    block: Block


_recent: dict[Path, tuple[Stamp, OwnBlock]] = {}
"""Blocks as they were last read, so that not every click reads and checks them anew."""


class BlockStore:
    """Blocks of this machine, offered in every project."""

    def list(self) -> tuple[OwnBlock, ...]:
        """By title. A file that cannot be read is left out: it must not keep anybody from the others."""
        found = (_read(path) for path in _root().glob("*.json") if _NAME.fullmatch(path.stem))
        return tuple(sorted((own for own in found if own), key=lambda own: own.block.title.casefold()))

    def load(self, name: str) -> Block:
        """Raises: RunError if it is gone or cannot be read."""
        own = _read(_path(name))
        if own is None:
            raise _gone(name)
        return own.block

    def save(self, block: Block) -> str:
        """Its name."""
        name = uuid.uuid4().hex[:12]
        write_atomically(_path(name), block.model_dump_json(indent=2).encode())
        return name

    def delete(self, name: str) -> None:
        """Raises: RunError if it is gone."""
        try:
            _path(name).unlink()
        except FileNotFoundError:
            raise _gone(name) from None


def _root() -> Path:
    return home() / "blocks"


def _path(name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise _gone(name)
    return _root() / f"{name}.json"


def _read(path: Path) -> OwnBlock | None:
    now, known = stamp(path), _recent.pop(path, None)
    if known is None or known[0] != now:
        try:
            known = now, OwnBlock(path.stem, Block.model_validate_json(path.read_bytes()))
        except (OSError, ValidationError):
            return None
    _recent[path] = known
    return known[1]


def _gone(name: str) -> RunError:
    return RunError(f"There is no block {name!r}. Choose one from the list of blocks.")
