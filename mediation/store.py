"""The store: the database, opened once, with its writer and its readers."""

import fcntl
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, TypeVar

from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.orm import Session

from mediation.clock import Clock, utc_now
from mediation.database import READERS, Database, open_database
from mediation.errors import Invalid, Unavailable
from mediation.keys import Keys
from mediation.settings import BadSettings, Settings
from mediation.writer import Publish, Writer

T = TypeVar("T")


class Store:
    """Where everything is kept: `write` through one writer, `read` through a few readers.

    With `alone`, `BadSettings` is raised when another server uses the same database.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock = utc_now,
        publish: Publish = lambda _entries, _audience: None,
        migrate: bool = True,
        alone: bool = False,
    ) -> None:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.settings = settings
        self._database = open_database(settings, alone=alone)
        if migrate:
            bring_up_to_date(self._database)
        self.keys = Keys.load(settings.data / "keys")
        self.writer = Writer(self._database, settings=settings, keys=self.keys, clock=clock, publish=publish)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")

    def write(self, use_case: Callable[..., T], **arguments: Any) -> "Future[T]":
        """Hands a use case to the writer."""
        return self.writer.submit(use_case, **arguments)

    def read(self, query: Callable[..., T], *arguments: Any, **named: Any) -> "Future[T]":
        """Runs a query in a reader thread, on one consistent snapshot."""
        return self._readers.submit(self._read, query, *arguments, **named)

    def scrub(self) -> bool:
        """Makes the database forget what was deleted in it, unless somebody is in the way; called from a thread that may wait."""
        return self._database.scrub()

    def close(self) -> None:
        """Finishes what was begun and closes the database."""
        self.writer.close()
        self._readers.shutdown()
        self._database.close()

    def _read(self, query: Callable[..., T], *arguments: Any, **named: Any) -> T:
        try:
            return self._on_snapshot(query, *arguments, **named)
        except DataError as error:  # a value that no column can hold
            raise Invalid("invalid") from error
        except DBAPIError as error:
            if not self._database.is_away(error):
                raise
        try:
            # A connection that was lost is replaced now; a question may be asked twice.
            return self._on_snapshot(query, *arguments, **named)
        except DBAPIError as error:
            raise (Unavailable() if self._database.is_away(error) else error) from error

    def _on_snapshot(self, query: Callable[..., T], *arguments: Any, **named: Any) -> T:
        with Session(self._database.reading, expire_on_commit=False) as session:
            return query(session, *arguments, **named)


def bring_up_to_date(database: Database) -> None:
    """Runs the migrations this database has not seen, one process at a time, after copying it aside."""
    from alembic import command, config  # heavy: only when a store is opened
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    settings = config.Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with database.migrating() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        if current != ScriptDirectory.from_config(settings).get_current_head():
            if current is not None:
                database.copy_aside(current)
            settings.attributes["connection"] = connection
            command.upgrade(settings, "head")
            connection.commit()


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
