"""The store: the database of a data folder, opened once, with its writer and its readers."""

import fcntl
import os
import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, TypeVar

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session

from mediation.clock import Clock, iso, utc_now
from mediation.keys import Keys
from mediation.settings import BadSettings, Settings
from mediation.work import Publish, Writer

T = TypeVar("T")
READERS = 4
DATABASE = "mediation.db"


class Store:
    """Where everything is kept: `write` through one writer, `read` through a few readers."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock = utc_now,
        publish: Publish = lambda _entries, _audience: None,
        migrate: bool = True,
    ) -> None:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if migrate:
            bring_up_to_date(settings.data)
        self.settings = settings
        self.keys = Keys.load(settings.data / "keys")
        self.writer = Writer(
            writing_engine(settings.data / DATABASE),
            settings=settings,
            keys=self.keys,
            clock=clock,
            publish=publish,
        )
        self._reading = _reading_engine(settings.data / DATABASE)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")

    def write(self, use_case: Callable[..., T], **arguments: Any) -> "Future[T]":
        """Hands a use case to the writer."""
        return self.writer.submit(use_case, **arguments)

    def read(self, query: Callable[..., T], *arguments: Any, **named: Any) -> "Future[T]":
        """Runs a query in a reader thread, on one consistent snapshot."""
        return self._readers.submit(self._read, query, *arguments, **named)

    def close(self) -> None:
        """Finishes what was begun and closes the database."""
        self.writer.close()
        self._readers.shutdown()
        self._reading.dispose()

    def _read(self, query: Callable[..., T], *arguments: Any, **named: Any) -> T:
        with Session(self._reading, expire_on_commit=False) as session:
            return query(session, *arguments, **named)


def writing_engine(database: Path) -> Engine:
    """An engine whose transactions take the write lock at once and are on disk when they are committed."""
    engine = _engine(f"sqlite:///{database}")

    @event.listens_for(engine, "connect")
    def durable(connection: Any, _: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def immediate(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _reading_engine(database: Path) -> Engine:
    engine = _engine(f"sqlite:///file:{database}?mode=ro&uri=true")

    @event.listens_for(engine, "connect")
    def read_only(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA query_only=ON")
        connection.execute("PRAGMA busy_timeout=5000")

    @event.listens_for(engine, "begin")
    def snapshot(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def _engine(url: str) -> Engine:
    # isolation_level=None: the driver begins no transaction of its own
    return create_engine(url, connect_args={"check_same_thread": False, "isolation_level": None})


def bring_up_to_date(data: Path) -> None:
    """Runs the migrations this database has not seen, under a file lock, after copying it aside."""
    from alembic import command, config  # heavy: only when a store is opened
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    settings = config.Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    database = data / DATABASE
    with _held(data / "migration.lock"):
        engine = writing_engine(database)
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
            connection.rollback()
            if current != ScriptDirectory.from_config(settings).get_current_head():
                if current is not None:
                    _copy_aside(data, current)
                settings.attributes["connection"] = connection
                command.upgrade(settings, "head")
                connection.commit()
        engine.dispose()


def _copy_aside(data: Path, revision: str) -> None:
    import sqlite3

    folder = data / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    copy = folder / f"{iso(utc_now()).replace(':', '')}-{revision}.db"
    with sqlite3.connect(data / DATABASE) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    shutil.copymode(data / DATABASE, copy)


class _held:  # noqa: N801 - reads as a word where it is used
    """A file lock for the time of a block."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __enter__(self) -> None:
        self._opened = self._file.open("w")
        fcntl.flock(self._opened, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._opened.close()


def only_server(data: Path) -> IO[str]:
    """Holds the data folder for this server as long as the result is kept; raises `BadSettings` when another server holds it."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    opened = (data / "server.lock").open("a+")
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        opened.close()
        raise BadSettings(
            f"Another server is already running on the data folder {data}. Stop it first, or choose another folder with --data."
        ) from error
    opened.truncate(0)
    opened.write(str(os.getpid()))
    opened.flush()
    return opened
