"""Keeps what this machine has, as the worker found it: finding out takes torch, which no screen waits for."""

from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from builder.files import Stamp, stamp, write_atomically
from builder.home import home
from builder.spec.machine import Machine


def known_machine() -> Machine | None:
    """None until a worker has looked."""
    path = _path()
    return _read(path, stamp(path))


def note_machine(machine: Machine) -> None:
    write_atomically(_path(), machine.model_dump_json(indent=2).encode())


@lru_cache(maxsize=8)  # asked at every drawing of a page
def _read(path: Path, written: Stamp) -> Machine | None:
    try:
        return Machine.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _path() -> Path:
    return home() / "machine.json"
