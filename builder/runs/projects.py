"""Keeps projects with their undo history: one folder each under `STRATA_HOME/projects`."""

import fcntl
import json
import re
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from builder.check.history import History
from builder.errors import RunError, SpecError
from builder.files import Stamp, stamp
from builder.home import home
from builder.runs.history_file import read_history, write_history
from builder.spec.project import Project, load_project, save_project

PROJECT_ID = re.compile(r"[0-9a-f]{12}")
_RECENT = 16
"""Projects kept in memory, so that not every click reads one anew."""

Version = tuple[Stamp, ...]
"""A mark of the files as they are: another one as soon as anybody saves."""


@dataclass(frozen=True)
class ProjectInfo:
    """One line in the list of projects; `problem` says why a damaged one cannot be opened."""

    id: str
    name: str
    modified_at: float
    data_kind: str
    problem: str = ""


class Kept(NamedTuple):
    """A project as it was read, with the mark of the files that it was read from."""

    history: History
    version: Version


_recent: dict[Path, Kept] = {}


class ProjectStore:
    """Every write is all or nothing; ids are opaque, so that no path comes from outside."""

    def create(self, project: Project) -> str:
        project_id = uuid.uuid4().hex[:12]
        self.save(project_id, History.start(project))
        return project_id

    def load(self, project_id: str) -> History:
        """Raises: RunError if there is no such project, or it is damaged."""
        return self.read(project_id).history

    def read(self, project_id: str) -> Kept:
        """Raises: RunError if there is no such project, or it is damaged."""
        folder = self._folder(project_id)
        version, kept = _version(folder), _recent.get(folder)
        if kept and kept.version == version:
            return kept
        try:
            history = read_history(folder / "history.json", load_project(folder / "project.json"))
        except SpecError as error:
            raise RunError(_damage(project_id, error)) from None
        return _remembered(folder, Kept(history, version))

    def version(self, project_id: str) -> Version:
        """Cheap enough to be asked every few seconds. Raises: RunError if there is no such project."""
        return _version(self._folder(project_id))

    def save(self, project_id: str, history: History) -> None:
        """In place of what is there; to change what is there, use `change`."""
        folder = _root() / _checked(project_id)
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            _write(folder, history)

    def change(self, project_id: str, make: Callable[[Kept], History]) -> Kept:
        """Saves what `make` makes of the newest state; nobody else saves meanwhile.

        Raises: RunError as `read`, and whatever `make` raises; then nothing has changed.
        """
        with _locked(self._folder(project_id)) as folder:
            kept = self.read(project_id)
            history = make(kept)
            return kept if history is kept.history else _write(folder, history)

    def list(self) -> tuple[ProjectInfo, ...]:
        """Newest first."""
        paths = [path for path in _root().glob("*/project.json") if PROJECT_ID.fullmatch(path.parent.name)]
        return tuple(sorted(map(_info, paths), key=lambda info: info.modified_at, reverse=True))

    def delete(self, project_id: str) -> None:
        """Its runs stay. Raises: RunError if there is no such project."""
        with _locked(self._folder(project_id)) as folder:  # no change is under way
            gone = folder.rename(folder.with_name(f"{project_id}.deleted"))  # for everybody at once
        shutil.rmtree(gone)

    def _folder(self, project_id: str) -> Path:
        folder = _root() / _checked(project_id)
        if not (folder / "project.json").exists():
            raise _unknown(project_id)
        return folder


def _root() -> Path:
    return home() / "projects"


def _checked(project_id: str) -> str:
    if not PROJECT_ID.fullmatch(project_id):
        raise _unknown(project_id)
    return project_id


def _unknown(project_id: str) -> RunError:
    return RunError(f"There is no project {project_id!r}. Open one from the Home page.")


@contextmanager
def _locked(folder: Path) -> Iterator[Path]:
    """Keeps every other thread and process of this machine from saving the project until the end of the block.

    Raises: RunError if the folder is gone.
    """
    try:
        file = open(folder / "lock", "a")
    except FileNotFoundError:
        raise _unknown(folder.name) from None
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield folder


def _write(folder: Path, history: History) -> Kept:
    # The history first: a crash between the two leaves an undo step that changes nothing, not a lost one.
    history = write_history(folder / "history.json", history)
    save_project(history.present, folder / "project.json")
    return _remembered(folder, Kept(history, _version(folder)))


def _remembered(folder: Path, kept: Kept) -> Kept:
    _recent.pop(folder, None)
    _recent[folder] = kept
    for oldest in list(_recent)[:-_RECENT]:
        _recent.pop(oldest, None)
    return kept


def _version(folder: Path) -> Version:
    return stamp(folder / "project.json"), stamp(folder / "history.json")


def _info(path: Path) -> ProjectInfo:
    """Read without checking the whole of it: the list must stay quick."""
    project_id = path.parent.name
    try:
        modified_at = path.stat().st_mtime
        document = json.loads(path.read_bytes())
        return ProjectInfo(project_id, str(document["name"]), modified_at, str(document["data"]["kind"]))
    except FileNotFoundError:
        return ProjectInfo(project_id, "Deleted project", time.time(), "", "It was deleted a moment ago.")
    except (OSError, ValueError, RecursionError, KeyError, TypeError) as error:
        return ProjectInfo(project_id, "Damaged project", modified_at, "", _damage(project_id, error))


def _damage(project_id: str, error: Exception) -> str:
    reason = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
    return f"Project {project_id} is damaged ({reason}). Restore its project.json from a copy, or delete the project."
