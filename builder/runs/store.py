"""Keeps every run with its state, and hands queued runs to workers: each exactly once, oldest first."""

import os
import shutil
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Select, func, select, update

from builder.errors import RunError
from builder.runs.database import open_database, reading, runs, store_url, writing
from builder.runs.folder import RunFolder, with_absolute_source
from builder.runs.processes import is_alive, start_time
from builder.runs.run import ACTIVE, RESUMABLE, Request, Run, Status, run_path
from builder.spec.project import Project, save_project

INTERRUPTED = (
    "The training process is gone: it was killed, or the machine restarted. Resume it from its last checkpoint; if it had "
    "none yet, train again."
)
TAKEN_BACK = "It was taken back while it waited to go on; nothing of it is lost."
FIELDS = tuple(Run.__dataclass_fields__)
ROW = tuple(runs.c[name] for name in FIELDS)


def open_store() -> "RunStore":
    """The store that the environment names. Raises: RunError if it cannot be opened."""
    return RunStore(open_database(store_url()))


class RunStore:
    """Safe to use from many processes at once, and across a fork. All of them run on one machine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def create(
        self,
        project: Project,
        project_id: str | None = None,
        base: Path | None = None,
        status: Status = "queued",
        prepare: Callable[[RunFolder], None] = lambda folder: None,
    ) -> Run:
        """Writes the run's folder, to which `prepare` may add, then its row; a run that starts as "running" belongs to
        the calling process.
        """
        run_id, now = uuid.uuid4().hex[:12], time.time()
        row = {"id": run_id, "project_id": project_id, "name": project.name, "status": status, "created_at": now}
        if status == "running":
            row |= {"started_at": now, "pid": os.getpid(), "process_start": start_time(os.getpid())}
        folder = RunFolder(run_path(run_id))
        try:
            save_project(with_absolute_source(project, base), folder.project_json)
            prepare(folder)
            with writing(self.engine) as connection:
                connection.execute(runs.insert().values(row))
        except BaseException:
            shutil.rmtree(run_path(run_id), ignore_errors=True)
            raise
        return self.get(run_id)

    def get(self, run_id: str) -> Run:
        """The run with this id, or with the only id that begins so. Raises: RunError if there is none, or several."""
        matching = select(*ROW).where(runs.c.id.startswith(run_id, autoescape=True)).limit(2)
        found = self._read(matching) if run_id else ()
        if not found:
            raise RunError(f"There is no run {run_id!r}. Take an id from the list of runs.")
        if len(found) > 1:
            raise RunError(f"Several runs begin with {run_id!r}. Give more of the id.")
        return found[0]

    def list(self, project_id: str | None = None) -> tuple[Run, ...]:
        """Newest first; of one project, or of all."""
        query = select(*ROW).order_by(runs.c.number.desc())
        return self._read(query if project_id is None else query.where(runs.c.project_id == project_id))

    def position(self, run_id: str) -> int:
        """Place in the queue, 1 for the next to start; 0 if the run does not wait."""
        own = select(runs.c.number).where(runs.c.id == run_id, runs.c.status == "queued").scalar_subquery()
        query = select(func.count()).where(runs.c.status == "queued", runs.c.number <= own)
        with reading(self.engine) as connection:
            return connection.scalar(query) or 0

    def claim(self, pid: int, process_start: float | None, slots: int) -> Run | None:
        """The oldest queued run, now this process's own; None if none waits or `slots` runs are running."""
        with reading(self.engine) as connection:
            if connection.scalar(_oldest_queued()) is None:
                return None
        self.reconcile()  # a dead run must not hold a slot
        with writing(self.engine) as connection:
            running = connection.scalar(select(func.count()).where(runs.c.status == "running")) or 0
            run_id = connection.scalar(_oldest_queued().with_for_update(skip_locked=True)) if running < slots else None
            return self._start(connection, run_id, pid, process_start) if run_id else None

    def adopt(self, run_id: str, pid: int, process_start: float | None) -> bool:
        """Makes the run this process's own; False if it has ended meanwhile, and must not be trained."""
        with writing(self.engine) as connection:
            return self._start(connection, run_id, pid, process_start) is not None

    def _start(self, connection: Connection, run_id: str, pid: int, process_start: float | None) -> Run | None:
        started_at = func.coalesce(runs.c.started_at, time.time())
        values = {"status": "running", "pid": pid, "process_start": process_start, "started_at": started_at}
        changed = connection.execute(_change_active(run_id).values(values))
        row = connection.execute(select(*ROW).where(runs.c.id == run_id)).one_or_none()
        return Run(*row) if changed.rowcount else None

    def update(self, run_id: str, **fields: Any) -> None:
        """Sets fields of a run; a status that ends it also sets `ended_at`."""
        if fields.get("status", "queued") not in ACTIVE:
            fields.setdefault("ended_at", time.time())
        with writing(self.engine) as connection:
            connection.execute(update(runs).where(runs.c.id == run_id).values(**fields))

    def end(self, run_id: str, status: Status, message: str = "", pid: int | None = None) -> bool:
        """Ends an active run (of process `pid`, if given); False if it had ended already, and keeps its first end."""
        change = _change_active(run_id) if pid is None else _change_active(run_id).where(runs.c.pid == pid)
        values = {"status": status, "message": message, "phase": "", "ended_at": time.time()}
        with writing(self.engine) as connection:
            return connection.execute(change.values(values)).rowcount == 1

    def tell_end(self, run_id: str, status: Status, message: str, pids: Sequence[int]) -> None:
        """Ends a run whose process, one of these, ended without a word, or says more of its end than `reconcile` knew."""
        is_untold = runs.c.status.in_(ACTIVE) | ((runs.c.status == "interrupted") & (runs.c.message == INTERRUPTED))
        change = update(runs).where(runs.c.id == run_id, runs.c.pid.in_(pids), is_untold)
        with writing(self.engine) as connection:
            connection.execute(change.values(status=status, message=message, phase="", ended_at=time.time()))

    def request(self, run_id: str, request: Request) -> Run:
        """Asks a running run; an ended one stays as it is.

        A waiting one is cancelled at once, unless it is to be paused; if it had trained before, it is paused again.
        """
        waiting = update(runs).where(runs.c.id == run_id, runs.c.status == "queued")
        running = update(runs).where(runs.c.id == run_id, runs.c.status == "running")
        taken_back = {"request": None, "ended_at": time.time()}
        with writing(self.engine) as connection:
            connection.execute(running.values(request=request))
            if request != "pause":
                connection.execute(waiting.where(runs.c.started_at.is_(None)).values(status="cancelled", **taken_back))
                connection.execute(waiting.values(status="paused", message=TAKEN_BACK, **taken_back))
        return self.get(run_id)

    def change(self, run_id: str, before: Sequence[Status], **fields: Any) -> bool:
        """Sets fields of a run that has one of these states; False if it has another."""
        allowed = update(runs).where(runs.c.id == run_id, runs.c.status.in_(before))
        with writing(self.engine) as connection:
            return connection.execute(allowed.values(**fields)).rowcount == 1

    def queue_again(self, run_id: str, request: Request | None, status: Status = "queued") -> Run:
        """Puts an ended run back into the queue, with what it is asked for as soon as it runs; its time goes on.

        It keeps its place among the others, before those that were made later. One that goes on as "running" belongs to
        the calling process. Raises: RunError if somebody else was quicker.
        """
        ended = update(runs).where(runs.c.id == run_id, runs.c.status.in_(RESUMABLE))
        started_at = runs.c.started_at + (time.time() - runs.c.ended_at)
        values = {"status": status, "request": request, "message": "", "phase": "", "ended_at": None}
        pid = os.getpid() if status == "running" else None
        values |= {"pid": pid, "process_start": None if pid is None else start_time(pid)}
        with writing(self.engine) as connection:
            changed = connection.execute(ended.values(started_at=started_at, **values))
        if changed.rowcount == 0:
            raise RunError(f"Run {run_id} is {self.get(run_id).status} by now: somebody else was quicker.")
        return self.get(run_id)

    def requested(self, run_id: str) -> str | None:
        """What the user asks the run's process to do."""
        with reading(self.engine) as connection:
            return connection.scalar(select(runs.c.request).where(runs.c.id == run_id))

    def reconcile(self) -> tuple[Run, ...]:
        """Turns running runs whose process is gone into interrupted ones, and returns them."""
        running = self._read(select(*ROW).where(runs.c.status == "running"))
        dead = [run for run in running if not is_alive(run.pid, run.process_start)]
        return tuple(self.get(run.id) for run in dead if self.end(run.id, "interrupted", INTERRUPTED, run.pid))

    def _read(self, query: Select) -> tuple[Run, ...]:
        with reading(self.engine) as connection:
            return tuple(Run(*row) for row in connection.execute(query))


def _oldest_queued() -> Select:
    return select(runs.c.id).where(runs.c.status == "queued").order_by(runs.c.number).limit(1)


def _change_active(run_id: str):
    return update(runs).where(runs.c.id == run_id, runs.c.status.in_(ACTIVE))
