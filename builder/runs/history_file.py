"""Keeps a project's undo history in one file: states share the parts that did not change between them."""

import hashlib
import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

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


def write_history(path: Path, history: History) -> History:
    """What was written: the steps farthest from the present are left out past 100 each way, or past 5 MB."""
    parts = _Parts()
    past = parts.entries(history.past[: -LONGEST - 1 : -1])[::-1]
    future = parts.entries(history.future[:LONGEST])
    steps = json.dumps({"past": past, "future": future})
    document = f'{steps[:-1]}, "parts": {{{", ".join(parts.written)}}}}}'
    write_atomically(path, document.encode(), flushed=False)  # without it only undo steps are lost
    return History(history.present, history.past[len(history.past) - len(past) :], history.future[: len(future)])


def read_history(path: Path, present: Project) -> History:
    """A missing or damaged file only costs the undo steps, never the project."""
    try:
        document = json.loads(path.read_bytes())
        parts = {key: PARTS[key.partition(":")[0]].validate_json(text) for key, text in document["parts"].items()}
        past, future = (tuple(_step(entry, parts) for entry in document[side]) for side in ("past", "future"))
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return History.start(present)
    return History(present, past, future)


class _Part:
    """A part of a project by identity: states share the objects that did not change."""

    def __init__(self, name: str, content: BaseModel) -> None:
        self.name, self.content = name, content

    def __hash__(self) -> int:
        return id(self.content)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Part) and self.content is other.content


class _Text(NamedTuple):
    key: str
    """The hash of the content."""
    written: str
    """The part as a line of the document."""


@lru_cache(maxsize=512)
def _text(part: _Part) -> _Text:
    """Kept, as a save must not write a hundred states anew while somebody waits for the canvas."""
    text = part.content.model_dump_json()
    key = f"{part.name}:{hashlib.sha256(text.encode()).hexdigest()[:24]}"
    return _Text(key, f"{json.dumps(key)}: {json.dumps(text)}")


class _Parts:
    """The JSON of every part of a project that some step needs, each once."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._bytes = 0

    @property
    def written(self) -> Iterable[str]:
        return self._texts.values()

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
        key, written = _text(_Part(name, part))
        if key not in self._texts:
            self._texts[key] = written
            self._bytes += len(written)
        return key


def _step(entry: dict[str, Any], parts: dict[str, Any]) -> Step:
    return Step(str(entry["label"]), Project(**entry["rest"], **{name: parts[entry[name]] for name in PARTS}))
