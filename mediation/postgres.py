"""PostgreSQL by psycopg 3, for whoever runs one already: the same writer, the same guarantees.

A writer takes turns with every other by an advisory lock that lasts as long as its transaction, as `BEGIN IMMEDIATE` does on SQLite:
a rule may read what it decides on. The lock of the only server lies on the writer's own connection, so that a server which has lost its
connection writes nothing before it holds the lock again.
"""

import logging
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from mediation.clock import iso, utc_now
from mediation.database import READERS
from mediation.settings import BadSettings, Settings

try:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict, make_conninfo
    from psycopg.pq import TransactionStatus
except ImportError as error:
    raise BadSettings(
        "The setting database names a PostgreSQL, and its driver is not installed: pip install 'mediation[postgres]'."
    ) from error

TURN, SERVER = 0x6D656469, 0x6D65646A
"""The numbers of our two advisory locks: of whoever writes, and of the only server."""
SESSION = {
    "synchronous_commit": "on",
    "lock_timeout": "5s",
    # When the machine of a server is gone, its lock is free after half a minute and not after hours.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
OLDEST = 13
log = logging.getLogger(__name__)


class PostgreSQL:
    """The database that a URL names."""

    def __init__(self, settings: Settings, *, alone: bool = False) -> None:
        self._settings = settings
        self._alone = alone
        self._changes = 0
        self._turn = 0
        self.writing = self._writing_engine()
        self.reading = self._reading_engine()

    def take_turn(self, connection: Connection) -> bool:
        """Turns are numbered: when this is not the next one after ours, somebody else's was between them."""
        asked = f"SELECT pg_advisory_xact_lock({TURN}), nextval('writer_turns') AS turn"
        turn: int = connection.exec_driver_sql(asked).one().turn
        known, self._turn = self._turn, turn
        return turn != known + 1

    def changes(self, connection: Connection) -> int:
        return self._changes

    def is_away(self, error: Exception) -> bool:
        """The connection is lost, the server starts or stops, another holds a lock for too long, or is the only server now."""
        if isinstance(error, DBAPIError):
            return error.connection_invalidated or isinstance(error.orig, psycopg.OperationalError)
        return isinstance(error, psycopg.OperationalError | BadSettings)

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        self._check()
        with self.writing.connect() as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({TURN})")
            yield connection

    def copy_aside(self, revision: str) -> None:
        """By `pg_dump`, where it is installed; a migration is one transaction and happens whole or not at all."""
        if (program := shutil.which("pg_dump")) is None:
            log.warning("There is no pg_dump here: the database is migrated without a copy.")
            return
        folder = self._settings.data / "backups"
        folder.mkdir(mode=0o700, exist_ok=True)
        copy = folder / f"{iso(utc_now()).replace(':', '')}-{revision}.dump"
        named: dict[str, Any] = {**conninfo_to_dict(self._settings.database)}
        hidden = (
            {"PGPASSWORD": named.pop("password")} if "password" in named else {}
        )  # arguments are seen by all
        asked = [program, "--format=custom", f"--file={copy}", f"--dbname={make_conninfo(**named)}"]
        done = subprocess.run(asked, env=os.environ | hidden, capture_output=True, text=True, check=False)
        if done.returncode:
            copy.unlink(missing_ok=True)
            log.warning("The database is migrated without a copy: %s", done.stderr.strip())
        else:
            copy.chmod(0o600)

    def scrub(self) -> bool:
        """Its own vacuum does that, and whoever runs it decides when: see docs/operator.md."""
        return True

    def close(self) -> None:
        self.reading.dispose()
        self.writing.dispose()

    def _check(self) -> None:
        asked = "SELECT current_setting('fsync'), current_setting('server_encoding'), current_setting('server_version_num')"
        try:
            with self._connect() as connection:
                fsync, encoding, version = connection.execute(asked).fetchone() or ("", "", "0")
        except psycopg.Error as error:
            raise BadSettings(
                f"The PostgreSQL that the setting database names does not answer: {str(error).strip()}"
            ) from error
        check_promises(fsync=fsync, encoding=encoding, version=int(version))

    def _connect(self) -> "psycopg.Connection[Any]":
        given = conninfo_to_dict(self._settings.database).get("options") or ""
        session = " ".join(f"-c {name}={value}" for name, value in SESSION.items())
        return psycopg.connect(
            self._settings.database,
            application_name="mediation",
            connect_timeout=5,
            options=f"{given} {session}",
        )

    def _connect_to_write(self) -> "psycopg.Connection[Any]":
        connection = self._connect()
        if self._alone:
            self._hold(connection)
        return connection

    def _hold(self, connection: "psycopg.Connection[Any]") -> None:
        """Takes the only server's lock; one that was killed a moment ago may still be finishing its last commit."""
        name = connection.info.dbname
        try:
            connection.execute("SET LOCAL lock_timeout = '2s'")
            connection.execute(f"SELECT pg_advisory_lock({SERVER})")
            connection.commit()
        except psycopg.errors.LockNotAvailable as error:
            connection.close()
            raise BadSettings(
                f"Another server is already running on the database {name}. Stop it first, or choose another with the setting database."
            ) from error

    def _connect_to_read(self) -> "psycopg.Connection[Any]":
        connection = self._connect()
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        return connection

    def _writing_engine(self) -> Engine:
        engine = _engine(self._connect_to_write, connections=1)

        @event.listens_for(engine, "after_cursor_execute")
        def count(_: Any, cursor: Any, statement: str, *__: Any) -> None:
            if not statement.startswith("SELECT"):
                self._changes += abs(cursor.rowcount)

        @event.listens_for(engine, "commit")
        def whole(connection: Connection) -> None:
            driver: Any = connection.connection.driver_connection
            if driver.info.transaction_status == TransactionStatus.INERROR:
                # PostgreSQL would answer this COMMIT with a rollback, and not call it an error.
                raise RuntimeError("a transaction that has failed cannot be committed")

        return engine

    def _reading_engine(self) -> Engine:
        return _engine(self._connect_to_read, connections=READERS)


def check_promises(*, fsync: str, encoding: str, version: int) -> None:
    """What our promises rest on in a server; raises `BadSettings`."""
    if version < OLDEST * 10_000:
        raise BadSettings(f"PostgreSQL {OLDEST} or newer is needed.")
    if fsync != "on":
        raise BadSettings(
            "PostgreSQL runs with fsync = off and could lose what it has confirmed. Set fsync = on."
        )
    if encoding != "UTF8":
        raise BadSettings(
            f"The database is kept in {encoding}. Make one with: createdb --template template0 --encoding UTF8 NAME"
        )


def _engine(connect: Callable[[], Any], *, connections: int) -> Engine:
    return create_engine(
        "postgresql+psycopg://",
        creator=connect,
        pool_size=connections,
        max_overflow=0,
        use_native_hstore=False,
    )
