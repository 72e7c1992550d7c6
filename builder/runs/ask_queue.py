"""The worker's side of asks: claims them, oldest first, and writes their answers.

`asks/waiting/KEY.json` moves to `asks/working/` when it is claimed, `asks/owners/KEY.json` names the process that
carries it out, `asks/progress/KEY.json` how far it is, and `asks/done/KEY.json` holds the answer.
"""

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from builder.files import write_atomically
from builder.home import home
from builder.runs.processes import is_alive, start_time

State = Literal["unasked", "waiting", "working", "done", "failed"]
KEPT, KEPT_BYTES = 500, 200_000_000
"""Answers that are kept, the newest ones."""


@dataclass(frozen=True)
class Answer:
    """`value` is JSON once it is done; `message` says in one sentence why it failed."""

    state: State
    value: dict[str, Any] | None = None
    message: str = ""

    @property
    def is_under_way(self) -> bool:
        return self.state in ("waiting", "working")


@dataclass(frozen=True)
class Progress:
    """How far an ask under way is, from 0 to 1, and what it is doing, in plain words."""

    share: float
    text: str


@dataclass(frozen=True)
class Ask:
    """One job: `kind` names the function that answers `payload`, which is JSON."""

    key: str
    kind: str
    payload: dict[str, Any]


def claim() -> Ask | None:
    """The oldest ask that waits, now this process's own; None if there is none."""
    for path in sorted(_folder("waiting").glob("*.json"), key=_asked_at):
        _own(path.stem)
        with contextlib.suppress(FileNotFoundError):  # withdrawn, or claimed by another
            path.rename(_folder("working") / path.name)
            return _read(path.stem)
    return None


def adopt(key: str) -> Ask | None:
    """A claimed ask, now this process's own; None if it was withdrawn."""
    _own(key)
    with contextlib.suppress(FileNotFoundError):
        return _read(key)
    return None


def tell(key: str, share: float, text: str) -> None:
    """Says how far an ask is; one that was withdrawn says nothing more."""
    if path_of("working", key).exists():
        write_atomically(path_of("progress", key), json.dumps({"share": share, "text": text}).encode(), flushed=False)


def finish(key: str, value: dict[str, Any]) -> None:
    _end(key, Answer("done", value))


def fail(key: str, message: str) -> None:
    """Ends an ask that has no answer yet."""
    _end(key, Answer("failed", None, message))


def _end(key: str, answer: Answer) -> None:
    if path_of("working", key).exists():  # else it was withdrawn, or has its answer
        write_atomically(path_of("done", key), json.dumps(asdict(answer)).encode())
        path_of("working", key).unlink(missing_ok=True)
        for kind in ("owners", "progress"):
            path_of(kind, key).unlink(missing_ok=True)


def reconcile() -> None:
    """Lets asks whose process is gone wait again."""
    for path in _folder("working").glob("*.json"):
        if not is_alive(*owner(path.stem)):
            with contextlib.suppress(FileNotFoundError):
                path.rename(_folder("waiting") / path.name)


def is_waiting() -> bool:
    return any(_folder("waiting").glob("*.json"))


def clean() -> None:
    """Deletes old answers, and what withdrawn asks left."""
    for name in ("done", "owners", "progress"):
        keep_newest(_folder(name), KEPT, KEPT_BYTES)


def keep_newest(folder: Path, most: int, most_bytes: int) -> None:
    """Deletes the older files of a folder past so many, or past so many bytes."""
    states = sorted(((path.stat(), path) for path in folder.glob("*.json")), key=lambda pair: -pair[0].st_mtime_ns)
    total = 0
    for number, (state, path) in enumerate(states, 1):
        total += state.st_size
        if number > most or total > most_bytes:
            path.unlink(missing_ok=True)


def owner(key: str) -> tuple[int | None, float | None]:
    """Id and start time of the process that carries it out."""
    try:
        pid, process_start = json.loads(path_of("owners", key).read_bytes())
    except FileNotFoundError:
        return None, None
    return pid, process_start


def path_of(state: str, key: str) -> Path:
    return _folder(state) / f"{key}.json"


def _own(key: str) -> None:
    _folder("working").mkdir(parents=True, exist_ok=True)
    write_atomically(path_of("owners", key), json.dumps([os.getpid(), start_time(os.getpid())]).encode())


def _read(key: str) -> Ask:
    document = json.loads(path_of("working", key).read_bytes())
    return Ask(key, document["kind"], document["payload"])


def _asked_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _folder(name: str) -> Path:
    return home() / "asks" / name
