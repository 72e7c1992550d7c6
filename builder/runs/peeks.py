"""What each node made of one real batch, kept by content: after an edit the nodes before the change are known at once."""

import json
import os
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from builder.catalogue.layer import Layer
from builder.check.shapes import resolve
from builder.errors import BuilderError
from builder.files import write_atomically
from builder.home import home
from builder.runs.ask_queue import keep_newest
from builder.runs.asks import ask, key_of
from builder.runs.folder import RunFolder
from builder.runs.measured import ask_payload
from builder.runs.run import Run
from builder.spec.facts import DataFacts
from builder.spec.model import ModelSpec
from builder.spec.project import Project

ROWS = 64
"""Validation rows that go through the model."""
FORM = 1
"""To be raised when a peek says other things than before: older ones are then not read."""
KEPT, KEPT_BYTES = 5000, 50_000_000
Peek = dict[str, Any]
"""One node's statistics: shape, mean, std, min, max, zeros, dead, units, nonfinite, histogram, picture, marks, as JSON."""


def node_keys(project: Project, facts: DataFacts, content: str, run: Run | None) -> dict[str, str]:
    """What each node's peek is kept under: it follows from the data, the weights, and the nodes up to this one."""
    model = flat_model(project, facts)
    weights = run.id if run else [project.training.seed, project.model.weights]
    key = key_of("peek", FORM, project.data.model_dump(mode="json"), content, weights, ROWS)
    keys = {}
    for index, node in enumerate(model.nodes):
        key = _key_after(key, node.id, _text(node.layer), *model.inputs_of(index))
        keys[node.id] = key
    return keys


def _key_after(*texts: str) -> str:
    """As `key_of`, but in a fraction of the time: there is one for each layer."""
    return sha256("\0".join(texts).encode()).hexdigest()[:32]


@lru_cache(maxsize=4096)  # an edit leaves most layers as they are, and somebody waits for the canvas
def _text(layer: Layer) -> str:
    return layer.model_dump_json()


def flat_model(project: Project, facts: DataFacts) -> ModelSpec:
    """The plain graph that is computed."""
    return resolve(project.model, project.training.loss.outputs(facts.target_size))


def trained_run(project: Project, content: str, runs: Iterable[Run]) -> Run | None:
    """The newest completed one of these runs, newest first, that trained exactly this model on this data."""
    ended = (run for run in runs if run.status in ("finished", "stopped"))
    return next((run for run in ended if _trained(run.folder, project, content)), None)


def _trained(folder: Path, project: Project, content: str) -> bool:
    try:
        known = _read_run(RunFolder(folder))
    except (BuilderError, OSError):  # its folder was deleted or damaged
        return False
    return known is not None and known == (_facets(project), content)


@lru_cache(maxsize=256)
def _read_run(folder: RunFolder) -> tuple[str, str] | None:
    """A run that has ended does not change."""
    if not folder.weights.exists():
        return None
    return _facets(folder.project), folder.data_content.read_text()


def _facets(project: Project) -> str:
    """All that the meaning of trained weights depends on."""
    model, data = project.model, project.data.model_dump(mode="json", exclude={"source"})
    nodes = [[node.id, node.layer.model_dump(mode="json"), model.inputs_of(index)] for index, node in enumerate(model.nodes)]  # fmt: skip
    groups = [[group.members, group.repeat] for group in model.groups if group.repeat > 1]
    return key_of(data, nodes, groups, model.weights, project.training.loss.model_dump(mode="json"))


def ask_peek(project: Project, keys: dict[str, str], run: Run | None) -> str:
    """Has the worker look into every node, and gives the key of the answer."""
    payload = ask_payload(project) | {"keys": keys, "run": run.id if run else None}
    return ask("peek", payload, key=peek_key(keys))


def peek_key(keys: dict[str, str]) -> str:
    return key_of("peek", keys)


def kept_peeks(keys: dict[str, str]) -> dict[str, Peek]:
    """The peeks that are known, by node."""
    folder = _folder()
    there = set(os.listdir(folder)) if folder.exists() else set()
    named = {node_id: f"{key}.json" for node_id, key in keys.items()}
    found = {node_id: _kept(folder / name) for node_id, name in named.items() if name in there}
    return {node_id: peek for node_id, peek in found.items() if peek is not None}


def keep_peeks(keys: dict[str, str], peeks: dict[str, Peek]) -> None:
    """Keeps what was not known yet."""
    folder = _folder()
    for node_id, peek in peeks.items():
        path = folder / f"{keys[node_id]}.json"
        if not path.exists():
            write_atomically(path, json.dumps(peek).encode())
    keep_newest(folder, KEPT, KEPT_BYTES)


def _kept(path: Path) -> Peek | None:
    try:
        return _read(path)
    except FileNotFoundError:
        return None


@lru_cache(maxsize=2000)
def _read(path: Path) -> Peek:
    """A file's content never changes: its name says what it holds."""
    return json.loads(path.read_bytes())


def _folder() -> Path:
    return home() / "peeks"
