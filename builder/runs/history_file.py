"""Keeps a project's undo history: a list of steps, and beside it each part that states share, in a file of its own."""

import hashlib
import json
import os
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, TypeAdapter

from builder.check.history import LONGEST, History, Step
from builder.files import write_atomically
from builder.spec.data import DataSpec
from builder.spec.migrations import SCHEMA_VERSION, migrated
from builder.spec.model import ModelSpec
from builder.spec.project import Project
from builder.spec.training import TrainingSpec

LARGEST_BYTES = 5_000_000
_NAME = re.compile(r"(data|model|training)[-:][0-9a-f]{24}(?:\.json)?")
PARTS: dict[str, TypeAdapter] = {
    "data": TypeAdapter(DataSpec),
    "model": TypeAdapter(ModelSpec),
    "training": TypeAdapter(TrainingSpec),
}


def write_history(path: Path, history: History) -> History:
    """What was written: the steps farthest from the present are left out past 100 each way, or past 5 MB.

    An edit writes the steps and the part that it changed; what is there of the others stays as it is.
    """
    parts = _Parts()
    past = parts.entries(history.past[: -LONGEST - 1 : -1])[::-1]
    future = parts.entries(history.future[:LONGEST])
    folder = _folder(path)
    there = set(os.listdir(folder)) if folder.exists() else set()
    for key in parts.texts.keys() - there:  # not flushed: without them only undo steps are lost
        write_atomically(folder / key, parts.texts[key].encode(), flushed=False)
    write_atomically(path, json.dumps({"past": past, "future": future}).encode(), flushed=False)
    unused = there - parts.texts.keys()
    if len(unused) > LONGEST:  # somebody may be reading what has just come out of use
        for name in unused:
            (folder / name).unlink(missing_ok=True)
    return History(history.present, history.past[len(history.past) - len(past) :], history.future[: len(future)])


def read_history(path: Path, present: Project) -> History:
    """A missing or damaged file only costs the undo steps, never the project."""
    try:
        document = json.loads(path.read_bytes())
        parts = _read_parts(path, document)
        past, future = (tuple(_step(entry, parts) for entry in document[side]) for side in ("past", "future"))
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return History.start(present)
    return History(present, past, future)


def _folder(path: Path) -> Path:
    return path.with_suffix("")


def _read_parts(path: Path, document: dict[str, Any]) -> dict[str, Any]:
    """Each once, however many states share it; an older document holds them itself."""
    inside = document.get("parts", {})
    entries = [*document["past"], *document["future"]]
    version = entries[0]["rest"]["schema_version"] if entries else SCHEMA_VERSION
    keys = {entry[name] for entry in entries for name in PARTS}
    return {key: _read_part(path, key, inside, version) for key in keys}


def _read_part(path: Path, key: str, inside: dict[str, str], version: int) -> Any:
    name = _NAME.fullmatch(key)[1]
    text = inside[key] if key in inside else (_folder(path) / key).read_bytes()
    if version != SCHEMA_VERSION:
        text = json.dumps(migrated({"schema_version": version, name: json.loads(text)})[name])
    return PARTS[name].validate_json(text)


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
    """What it is kept under: a hash of it."""
    text: str


@lru_cache(maxsize=512)
def _text(part: _Part) -> _Text:
    """Kept, as a save must not write a hundred states anew while somebody waits for the canvas."""
    text = part.content.model_dump_json()
    return _Text(f"{part.name}-{hashlib.sha256(text.encode()).hexdigest()[:24]}.json", text)


class _Parts:
    """The JSON of every part of a project that some step needs, each once."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._bytes = 0

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
        key, text = _text(_Part(name, part))
        if key not in self.texts:
            self.texts[key] = text
            self._bytes += len(text)
        return key


def _step(entry: dict[str, Any], parts: dict[str, Any]) -> Step:
    rest = entry["rest"] | {"schema_version": SCHEMA_VERSION}
    return Step(str(entry["label"]), Project(**rest, **{name: parts[entry[name]] for name in PARTS}))
