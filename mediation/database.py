"""What the store asks of a database, whichever it is: SQLite in the data folder, or PostgreSQL by its URL."""

from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection, Engine

from mediation.settings import Settings

READERS = 4
"""How many threads read at once."""


class Database(Protocol):
    """One place where everything is kept, with one writer at a time and readers who each see one moment.

    `writing` gives transactions that are on disk when they are committed, `reading` snapshots that can change nothing.
    """

    writing: Engine
    reading: Engine

    def take_turn(self, connection: Connection) -> bool:
        """Waits, in a transaction just begun, until nobody else writes; True when another has written since the last turn."""
        ...

    def changes(self, connection: Connection) -> int:
        """Grows whenever this connection changes a row."""
        ...

    def is_away(self, error: Exception) -> bool:
        """Whether this error says that the database does not answer now: what was asked may be asked again."""
        ...

    def migrating(self) -> AbstractContextManager[Connection]:
        """A connection in whose transaction the migrations run; nobody else migrates meanwhile."""
        ...

    def copy_aside(self, revision: str) -> None:
        """Keeps a copy of the database as it is before a migration."""
        ...

    def scrub(self) -> bool:
        """Lets go of the bytes of deleted rows, as far as this can be done while others work; False when somebody is in the way."""
        ...

    def close(self) -> None: ...


def open_database(settings: Settings, *, alone: bool = False) -> Database:
    """The database that the settings name; with `alone`, `BadSettings` is raised when another server has it."""
    if settings.database:
        from mediation.postgres import PostgreSQL

        return PostgreSQL(settings, alone=alone)
    from mediation.sqlite import SQLite

    return SQLite(settings.data)
