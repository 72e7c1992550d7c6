"""Opens the store's database: SQLite in WAL mode by default, PostgreSQL by `STRATA_STORE_URL`."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import sqlalchemy as sql
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from builder.errors import RunError
from builder.home import home
from builder.runs.disk import DISK_FULL, DiskFull, is_disk_full

BUSY_TIMEOUT_S = 30
ADVISORY_LOCK = 0x5354_5241_5441
"""Names Strata's writers among PostgreSQL's advisory locks."""

metadata = sql.MetaData()
runs = sql.Table(
    "runs",
    metadata,
    sql.Column("number", sql.Integer, primary_key=True, autoincrement=True),  # the order of the queue
    sql.Column("id", sql.String(32), nullable=False, unique=True),
    sql.Column("project_id", sql.String(32), index=True),
    sql.Column("name", sql.Text, nullable=False),
    sql.Column("status", sql.String(16), nullable=False, index=True),
    sql.Column("phase", sql.String(16), nullable=False, default=""),
    sql.Column("message", sql.Text, nullable=False, default=""),
    sql.Column("request", sql.String(16)),
    sql.Column("created_at", sql.Double, nullable=False),
    sql.Column("started_at", sql.Double),
    sql.Column("ended_at", sql.Double),
    sql.Column("pid", sql.BigInteger),
    sql.Column("process_start", sql.Double),
)


def store_url() -> sql.URL:
    """`STRATA_STORE_URL`, or a file under `STRATA_HOME`, where a relative SQLite path starts as well."""
    try:
        url = sql.make_url(os.environ.get("STRATA_STORE_URL") or "sqlite:///strata.db")
    except ArgumentError:
        raise RunError(
            "STRATA_STORE_URL must look like sqlite:////folder/strata.db or postgresql://user@host/name; it does not. "
            "Correct or unset it."
        ) from None
    if url.get_backend_name() == "sqlite":
        url = url.set(database=str(home() / (url.database or "strata.db")))
    return url


@lru_cache(maxsize=64)
def open_database(url: sql.URL) -> sql.Engine:
    """An engine whose tables exist. Raises: RunError if the database cannot be reached."""
    try:
        engine = _engine(url)
        _create_tables_once(engine)
    except (DBAPIError, sqlite3.Error, NoSuchModuleError, ModuleNotFoundError) as error:
        if is_disk_full(error):
            raise DiskFull(DISK_FULL) from None
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        shown = url.render_as_string(hide_password=True)
        raise RunError(f"The store {shown} cannot be opened: {reason}. Correct or unset STRATA_STORE_URL.") from None
    return engine


def _engine(url: sql.URL) -> sql.Engine:
    # No pool: the worker forks, and a SQLite connection that lives through a fork corrupts the file.
    if url.get_backend_name() != "sqlite":
        return sql.create_engine(url, poolclass=sql.NullPool)
    engine = sql.create_engine(url, poolclass=sql.NullPool, connect_args={"timeout": BUSY_TIMEOUT_S})
    sql.event.listen(engine, "connect", _set_up_sqlite)
    sql.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # _begin_sqlite begins
    connection.execute("PRAGMA journal_mode=WAL")  # readers and the writer do not wait for each other


def _begin_sqlite(connection: sql.Connection) -> None:
    is_write = connection.get_execution_options().get("is_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")


def _create_tables_once(engine: sql.Engine) -> None:
    with open(home() / "store.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two at once: "database is locked"
        with writing(engine) as connection:
            metadata.create_all(connection)


@contextmanager
def reading(engine: sql.Engine) -> Iterator[sql.Connection]:
    """Raises: DiskFull, as SQLite needs a little room even to read."""
    with _disk_full_in_words(), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: sql.Engine) -> Iterator[sql.Connection]:
    """A transaction without other writers from its first statement on: what it reads stays true until it commits.

    Raises: DiskFull
    """
    with _disk_full_in_words(), engine.connect().execution_options(is_write=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(sql.text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        yield connection


@contextmanager
def _disk_full_in_words() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if is_disk_full(error):
            raise DiskFull(DISK_FULL) from error
        raise
