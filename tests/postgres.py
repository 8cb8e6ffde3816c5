"""A PostgreSQL for tests: Debian's, in a folder of its own, reached by its Unix socket only, with fsync on as in a court.

All workers of a test run share one; `MEDIATION_TEST_POSTGRES` names another in which databases may be made. Who kills or stops a
server makes one for that.
"""

import atexit
import fcntl
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from mediation.settings import Settings
from mediation.store import Store

if TYPE_CHECKING:
    import psycopg

NAMED = "MEDIATION_TEST_POSTGRES"
SHARED = "MEDIATION_TEST_SHARED"
"""The folder that the workers of one run share; made by the process that started them."""
MISSING = "PostgreSQL is missing. Install it with: sudo apt install postgresql"
GUARD = """(
    "$@" & server=$!
    while kill -0 "$GUARDED" 2> /dev/null && kill -0 $server 2> /dev/null; do sleep 0.5; done
    kill -QUIT $server 2> /dev/null
) &"""
"""Stops the server when the tests are gone, however they ended."""


class Cluster:
    """A server of our own in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"postgresql://mediation@/postgres?host={folder}"
        self._data = folder / "data"

    def make(self) -> None:
        """Lays the cluster out; nothing of it has to outlive the machine."""
        own = _account()
        if own is not None:
            shutil.chown(self.folder, own, own)
        asked = ("-U", "mediation", "-A", "trust", "--encoding=UTF8", "--locale=C.UTF-8")
        self._run("initdb", "-D", str(self._data), *asked, "--no-sync", "--no-instructions")

    def start(self, guarded: int | None = None) -> None:
        """Starts the server; it ends with the process `guarded`, by default this one."""
        settings = ("listen_addresses=", "max_connections=200", "shared_buffers=32MB", "max_wal_size=1GB")
        asked = [str(_program("postgres")), "-D", str(self._data), "-k", str(self.folder)]
        for setting in settings:
            asked += ["-c", setting]
        with (self.folder / "log").open("ab") as log:
            subprocess.run(
                ["sh", "-c", GUARD, "guard", *_as_account(), *asked],
                env=os.environ | {"GUARDED": str(guarded or os.getpid())},
                stdout=log,
                stderr=log,
                start_new_session=True,
                check=True,
            )
        until = time.monotonic() + 30
        while True:
            with suppress(driver().OperationalError), connect(self.url):
                return
            assert time.monotonic() < until, (self.folder / "log").read_text()
            time.sleep(0.02)

    def stop(self) -> None:
        """As a pulled plug would, for the server: nothing is finished, nothing is said good-bye to."""
        self._run("pg_ctl", "stop", "-D", str(self._data), "-m", "immediate", "-w")

    def url_of(self, name: str) -> str:
        """The URL of a new, empty database."""
        with connect(self.url) as admin:
            admin.execute(f"CREATE DATABASE {name}")
        return in_server(self.url, name)

    def kill_a_child(self) -> None:
        """kill -9 of the process that serves a writer; the others must go down with it, as shared memory may be damaged."""
        with connect(self.url) as admin:
            query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'mediation' ORDER BY xact_start DESC NULLS LAST"
            found = admin.execute(query).fetchone()
        assert found is not None
        os.kill(found[0], signal.SIGKILL)

    def _run(self, program: str, *arguments: str) -> None:
        asked = [*_as_account(), str(_program(program)), *arguments]
        done = subprocess.run(asked, capture_output=True, text=True, cwd=self.folder, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def own_cluster() -> Iterator[Cluster]:
    """A server that may be killed: nobody else uses it."""
    folder = Path(tempfile.mkdtemp(prefix="mediation-tests-"))
    cluster = Cluster(folder)
    try:
        cluster.make()
        cluster.start()
        yield cluster
        cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_database(template: str = "template0") -> str:
    """The URL of a new database, a copy of another one."""
    name = f"t{secrets.token_hex(8)}"
    _admin().execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    if NAMED in os.environ:
        atexit.register(lambda: _admin().execute(f"DROP DATABASE {name} WITH (FORCE)"))
    return in_server(_server(), name)


def migrated_database() -> str:
    """The URL of a new database with all tables and nothing in them."""
    return new_database(_template())


def copy_of(url: str) -> str:
    """The URL of a copy of a database that nobody uses at the moment."""
    return new_database(urlsplit(url).path[1:])


def in_server(url: str, name: str) -> str:
    """The URL of another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@cache
def _template() -> str:
    url = new_database()
    folder = Path(tempfile.mkdtemp(prefix="mediation-tests-"))
    Store(Settings(data=folder, database=url)).close()
    shutil.rmtree(folder)
    return urlsplit(url).path[1:]


def cut_off(url: str) -> None:
    """Ends every connection to a database, as a restart of the server does."""
    asked = (
        "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with connect(url) as admin:
        admin.execute(asked)


def connect(url: str) -> "psycopg.Connection[tuple[Any, ...]]":
    """A connection of our own, beside the house's."""
    connection: psycopg.Connection[tuple[Any, ...]] = driver().connect(url, autocommit=True)
    return connection


def driver() -> Any:
    """psycopg; `scripts/test` installs it, a hand that has not yet is told what is left out."""
    return pytest.importorskip("psycopg", reason="the packages of scripts/tests.lock are not all installed")


@cache
def _admin() -> "psycopg.Connection[tuple[Any, ...]]":
    return connect(_server())


@cache
def _server() -> str:
    """The server that all workers share; the first who asks starts it."""
    if NAMED in os.environ:
        return os.environ[NAMED]
    folder = Path(os.environ[SHARED])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shared = Cluster(folder / "postgres")
        if not shared.folder.exists():
            shared.folder.mkdir()
            shared.make()
            shared.start(guarded=int((folder / "owner").read_text()))
    return shared.url


def share_among_workers() -> None:
    """Called where a test run begins, before its workers are started."""
    if SHARED not in os.environ:
        folder = Path(tempfile.mkdtemp(prefix="mediation-tests-"))
        folder.chmod(0o755)  # the server runs as another user
        (folder / "owner").write_text(str(os.getpid()))
        os.environ[SHARED] = str(folder)
        atexit.register(shutil.rmtree, folder, ignore_errors=True)


@cache
def _program(name: str) -> Path:
    """Debian keeps the newest under /usr/lib, out of the way."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    other = shutil.which(name)
    if not found and other is None:
        pytest.fail(MISSING)
    return found[-1] if found else Path(str(other))


def _account() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _as_account() -> list[str]:
    own = _account()
    if own is None:
        return []
    group = str(pwd.getpwnam(own).pw_gid)
    return ["setpriv", f"--reuid={own}", f"--regid={group}", "--clear-groups"]
