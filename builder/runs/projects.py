"""Keeps projects with their undo history: one folder each under `STRATA_HOME/projects`."""

import json
import re
import shutil
import time
import uuid
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from builder.check.history import History
from builder.errors import RunError, SpecError
from builder.home import home
from builder.runs.history_file import read_history, write_history
from builder.spec.project import Project, load_project, save_project

PROJECT_ID = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class ProjectInfo:
    """One line in the list of projects; `problem` says why a damaged one cannot be opened."""

    id: str
    name: str
    modified_at: float
    data_kind: str
    problem: str = ""


class ProjectStore:
    """Every write is all or nothing; ids are opaque, so that no path comes from outside."""

    def create(self, project: Project) -> str:
        project_id = uuid.uuid4().hex[:12]
        self.save(project_id, History.start(project))
        return project_id

    def load(self, project_id: str) -> History:
        """Raises: RunError if there is no such project, or it is damaged."""
        folder = self._folder(project_id)
        try:
            return _load(folder, _stamp(folder / "project.json"), _stamp(folder / "history.json"))
        except SpecError as error:
            raise RunError(_damage(project_id, error)) from None

    def save(self, project_id: str, history: History) -> None:
        folder = _root() / _checked(project_id)
        # The history first: a crash between the two leaves an undo step that changes nothing, not a lost one.
        write_history(folder / "history.json", history)
        save_project(history.present, folder / "project.json")

    def list(self) -> tuple[ProjectInfo, ...]:
        """Newest first."""
        paths = [path for path in _root().glob("*/project.json") if PROJECT_ID.fullmatch(path.parent.name)]
        return tuple(sorted(map(_info, paths), key=lambda info: info.modified_at, reverse=True))

    def delete(self, project_id: str) -> None:
        """Its runs stay. Raises: RunError if there is no such project."""
        shutil.rmtree(self._folder(project_id))

    def _folder(self, project_id: str) -> Path:
        folder = _root() / _checked(project_id)
        if not (folder / "project.json").exists():
            raise RunError(f"There is no project {project_id!r}. Open one from the Home page.")
        return folder


def _root() -> Path:
    return home() / "projects"


def _checked(project_id: str) -> str:
    if not PROJECT_ID.fullmatch(project_id):
        raise RunError(f"There is no project {project_id!r}. Open one from the Home page.")
    return project_id


@lru_cache(maxsize=16)
def _load(folder: Path, _project_stamp: object, _history_stamp: object) -> History:
    """Cached until a file changes: every screen loads its project anew at every click."""
    return read_history(folder / "history.json", load_project(folder / "project.json"))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


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
