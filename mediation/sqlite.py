"""SQLite: one file in the data folder, with a write-ahead log; every commit is synced."""

import fcntl
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from mediation.clock import iso, utc_now

DATABASE = "mediation.db"
DURABLE = ("journal_mode=WAL", "synchronous=FULL")
ZEROED = "secure_delete=ON"
"""What is deleted is overwritten in the file: a content that was erased is not to be found by reading the disk."""


class SQLite:
    """The database of a data folder."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._file = data / DATABASE
        self._data_version = -1
        self.writing = _writing_engine(self._file)
        self.reading = _reading_engine(self._file)

    def take_turn(self, connection: Connection) -> bool:
        """`BEGIN IMMEDIATE` has waited already; the version counts the commits of other connections."""
        version = connection.exec_driver_sql("PRAGMA data_version").scalar_one()
        known, self._data_version = self._data_version, version
        return bool(version != known)

    def changes(self, connection: Connection) -> int:
        driver: Any = connection.connection.driver_connection
        return int(driver.total_changes)

    def is_away(self, error: Exception) -> bool:
        """Another process held the write lock for longer than we wait."""
        cause = getattr(error, "orig", None)
        return (
            isinstance(cause, sqlite3.OperationalError)
            and cause.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
        )

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        with (self._data / "migration.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with self.writing.connect() as connection:
                yield connection

    def copy_aside(self, revision: str) -> None:
        folder = self._data / "backups"
        folder.mkdir(mode=0o700, exist_ok=True)
        copy = folder / f"{iso(utc_now()).replace(':', '')}-{revision}.db"
        with sqlite3.connect(self._file) as source, sqlite3.connect(copy) as target:
            source.backup(target)
        shutil.copymode(self._file, copy)

    def scrub(self) -> bool:
        """Deleted rows are zeroed in the file; the write-ahead log, which still holds them, is folded in and cut to nothing."""
        with closing(sqlite3.connect(self._file, timeout=0.5)) as connection:
            (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

    def close(self) -> None:
        """The last connection folds the write-ahead log into the database: it must be one that may write."""
        self.reading.dispose()
        self.writing.dispose()


def _writing_engine(database: Path) -> Engine:
    engine = _engine(f"sqlite:///{database}")

    @event.listens_for(engine, "connect")
    def durable(connection: Any, _: Any) -> None:
        for pragma in (*DURABLE, ZEROED, "busy_timeout=5000", "foreign_keys=ON"):
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
