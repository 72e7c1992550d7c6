"""Opens the store's database: SQLite in WAL mode by default, PostgreSQL by `STRATA_STORE_URL`."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from sqlalchemy import (
    URL, BigInteger, Column, Connection, Double, Engine, Integer, MetaData, NullPool, String, Table, Text,
    create_engine, event, make_url, text,
)  # fmt: skip
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError

from builder.errors import RunError
from builder.home import home

BUSY_TIMEOUT_S = 30
ADVISORY_LOCK = 0x5354_5241_5441
"""Names Strata's writers among PostgreSQL's advisory locks."""

metadata = MetaData()
runs = Table(
    "runs",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),  # the order of the queue
    Column("id", String(32), nullable=False, unique=True),
    Column("project_id", String(32), index=True),
    Column("name", Text, nullable=False),
    Column("status", String(16), nullable=False, index=True),
    Column("phase", String(16), nullable=False, default=""),
    Column("message", Text, nullable=False, default=""),
    Column("request", String(16)),
    Column("created_at", Double, nullable=False),
    Column("started_at", Double),
    Column("ended_at", Double),
    Column("pid", BigInteger),
    Column("process_start", Double),
)


def store_url() -> URL:
    """`STRATA_STORE_URL`, or a file under `STRATA_HOME`, where a relative SQLite path starts as well."""
    try:
        url = make_url(os.environ.get("STRATA_STORE_URL") or "sqlite:///strata.db")
    except ArgumentError:
        raise RunError(
            "STRATA_STORE_URL must look like sqlite:////folder/strata.db or postgresql://user@host/name; it does not. "
            "Correct or unset it."
        ) from None
    if url.get_backend_name() == "sqlite":
        url = url.set(database=str(home() / (url.database or "strata.db")))
    return url


@lru_cache(maxsize=64)
def open_database(url: URL) -> Engine:
    """An engine whose tables exist. Raises: RunError if the database cannot be reached."""
    try:
        engine = _engine(url)
        _create_tables_once(engine)
    except (OperationalError, NoSuchModuleError, ModuleNotFoundError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        shown = url.render_as_string(hide_password=True)
        raise RunError(f"The store {shown} cannot be opened: {reason}. Correct or unset STRATA_STORE_URL.") from None
    return engine


def _engine(url: URL) -> Engine:
    # No pool: the worker forks, and a SQLite connection that lives through a fork corrupts the file.
    if url.get_backend_name() != "sqlite":
        return create_engine(url, poolclass=NullPool)
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _leave_transactions_to_sqlalchemy)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _leave_transactions_to_sqlalchemy(connection, _record) -> None:
    connection.isolation_level = None


def _begin_sqlite(connection: Connection) -> None:
    is_write = connection.get_execution_options().get("is_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")


def _create_tables_once(engine: Engine) -> None:
    with open(home() / "store.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two at once: "database is locked"
        if engine.dialect.name == "sqlite":
            _enter_wal_mode(engine)
        with writing(engine) as connection:
            metadata.create_all(connection)


def _enter_wal_mode(engine: Engine) -> None:
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA journal_mode=WAL")
    finally:
        raw.close()


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction without other writers from its first statement on: what it reads stays true until it commits."""
    with engine.connect().execution_options(is_write=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        yield connection
