"""Keeps a project's undo history in one file: states share the parts that did not change between them."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter

from builder.check.history import LONGEST, History, Step
from builder.files import write_atomically
from builder.spec.data import DataSpec
from builder.spec.model import ModelSpec
from builder.spec.project import Project
from builder.spec.training import TrainingSpec

LARGEST_BYTES = 5_000_000
PARTS: dict[str, TypeAdapter] = {
    "data": TypeAdapter(DataSpec),
    "model": TypeAdapter(ModelSpec),
    "training": TypeAdapter(TrainingSpec),
}


def write_history(path: Path, history: History) -> None:
    """The steps farthest from the present are left out past 100 each way, or past 5 MB."""
    parts = _Parts()
    past = parts.entries(history.past[: -LONGEST - 1 : -1])
    future = parts.entries(history.future[:LONGEST])
    document = {"past": past[::-1], "future": future, "parts": parts.texts}
    write_atomically(path, json.dumps(document).encode())


def read_history(path: Path, present: Project) -> History:
    """A missing or damaged file only costs the undo steps, never the project."""
    try:
        document = json.loads(path.read_bytes())
        parts = {key: PARTS[key.partition(":")[0]].validate_json(text) for key, text in document["parts"].items()}
        past, future = (tuple(_step(entry, parts) for entry in document[side]) for side in ("past", "future"))
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return History.start(present)
    return History(present, past, future)


class _Parts:
    """The JSON of every part of a project that some step needs, each once, under the hash of its content."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._bytes = 0
        self._keys: dict[int, str] = {}  # projects share the part objects that did not change

    def entries(self, steps: Iterable[Step]) -> list[dict[str, Any]]:
        """What to write for each step, nearest first, as far as there is room."""
        entries: list[dict[str, Any]] = []
        for step in steps:
            added = {name: self._key(name, getattr(step.project, name)) for name in PARTS}
            if self._bytes > LARGEST_BYTES:
                break
            rest = step.project.model_dump(mode="json", exclude=set(PARTS))
            entries.append({"label": step.label, "rest": rest} | added)
        return entries

    def _key(self, name: str, part: BaseModel) -> str:
        if id(part) not in self._keys:
            text = part.model_dump_json()
            key = f"{name}:{hashlib.sha256(text.encode()).hexdigest()[:24]}"
            if key not in self.texts:
                self.texts[key] = text
                self._bytes += len(text)
            self._keys[id(part)] = key
        return self._keys[id(part)]


def _step(entry: dict[str, Any], parts: dict[str, Any]) -> Step:
    return Step(str(entry["label"]), Project(**entry["rest"], **{name: parts[entry[name]] for name in PARTS}))
