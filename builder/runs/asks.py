"""Small jobs for the worker beside the runs: asked by a file, answered by a file, each carried out once."""

import contextlib
import hashlib
import json
import os
import re
import signal
from typing import Any

from builder.errors import RunError
from builder.files import write_atomically
from builder.runs import ask_queue
from builder.runs.ask_queue import Answer, Progress, path_of
from builder.runs.launch import ensure_worker
from builder.runs.processes import is_alive
from builder.runs.worker_lock import serving_pid

_KEY = re.compile(r"[0-9a-f]{32}")


def key_of(*parts: Any) -> str:
    """A short name for this combination of JSON values: what is asked with the same key is answered once."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def ask(kind: str, payload: dict[str, Any], *, key: str | None = None) -> str:
    """Asks unless the same was asked before, and gives the key of the answer."""
    key = _checked(key or key_of(kind, payload))
    state = answer(key).state
    if state == "unasked":
        write_atomically(path_of("waiting", key), json.dumps({"kind": kind, "payload": payload}).encode())
    if state not in ("done", "failed"):
        ensure_worker()
    return key


def answer(key: str) -> Answer:
    """How the ask stands; one whose process is gone waits again."""
    for state in ("waiting", "working", "done", "waiting"):  # its way, so that no move goes unseen; it may go back too
        path = path_of(state, _checked(key))
        with contextlib.suppress(FileNotFoundError):
            if state == "done":
                return Answer(**json.loads(path.read_bytes()))
            path.stat()
            return Answer("working" if state == "working" and is_alive(*ask_queue.owner(key)) else "waiting")
    return Answer("unasked")


def progress(key: str) -> Progress | None:
    """How far an ask under way is; None if it does not say."""
    try:
        return Progress(**json.loads(path_of("progress", _checked(key)).read_bytes()))
    except FileNotFoundError:
        return None


def withdraw(key: str) -> None:
    """Forgets the ask and its answer; one under way is ended by force."""
    for state in ("waiting", "working", "done"):  # before the process ends: its end is then no failure
        path_of(state, _checked(key)).unlink(missing_ok=True)
    pid, process_start = ask_queue.owner(key)
    its_own_process = pid not in (None, os.getpid(), serving_pid())  # not the worker, which has only just claimed it
    if its_own_process and is_alive(pid, process_start):
        with contextlib.suppress(ProcessLookupError):  # it ended by itself just now
            os.killpg(pid, signal.SIGKILL)
    for kind in ("owners", "progress"):
        path_of(kind, key).unlink(missing_ok=True)


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise RunError(f"There is no ask {key!r}. Ask again.")
    return key
