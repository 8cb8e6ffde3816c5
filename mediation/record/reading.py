"""How the verifier reads a database: rows by name, from a file of SQLite or from PostgreSQL, as they stood at one moment.

Part of the verifier, so it shares no code with the store.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import psycopg

DATABASE = "mediation.db"
Row = Mapping[str, Any]


class Unreadable(Exception):
    """The database cannot be read; the text says why."""


class Reading(Protocol):
    """One snapshot. A query marks its values with `?`, and holds no other question mark or per cent sign."""

    def rows(self, query: str, *values: object) -> Iterator[Row]: ...


@contextmanager
def reading(data: Path, url: str = "") -> Iterator[Reading]:
    """Opens the database of a data folder to read, or the PostgreSQL of this URL; raises `Unreadable`."""
    with _postgres(url) if url else _sqlite(data) as opened:
        yield opened


@contextmanager
def _sqlite(data: Path) -> Iterator[Reading]:
    file = data / DATABASE
    if not file.exists():
        raise Unreadable(f"There is no database in {data}.")
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("BEGIN")
            yield _File(connection)
    except sqlite3.DatabaseError as error:
        raise Unreadable(f"The database cannot be read: {error}.") from error


class _File:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, query: str, *values: object) -> Iterator[Row]:
        return map(dict, self._connection.execute(query, values))


@contextmanager
def _postgres(url: str) -> Iterator[Reading]:
    try:
        import psycopg  # an extra: not everybody has it
        from psycopg.rows import dict_row
    except ImportError as error:
        raise Unreadable(
            "The driver of PostgreSQL is not installed: pip install 'mediation[postgres]'."
        ) from error

    try:
        with psycopg.connect(url, row_factory=dict_row, connect_timeout=5) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            yield _Server(connection)
    except psycopg.Error as error:
        raise Unreadable(f"The database cannot be read: {str(error).strip()}.") from error


class _Server:
    def __init__(self, connection: "psycopg.Connection[dict[str, Any]]") -> None:
        self._connection = connection

    def rows(self, query: str, *values: object) -> Iterator[Row]:
        return iter(self._connection.execute(query.replace("?", "%s"), values))
