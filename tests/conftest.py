"""Fixtures for all tests: a house (a real data folder with its store) and its clock."""

import atexit
import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
import pytest_asyncio

from mediation.record.entry import Entry
from mediation.settings import Settings
from mediation.sqlite import DATABASE
from mediation.store import Store
from tests.postgres import copy_of, migrated_database, share_among_workers

if TYPE_CHECKING:
    from tests.site import Site

T = TypeVar("T")
ON_POSTGRES = os.environ.get("MEDIATION_TEST_DATABASE") == "postgres"
"""Whether every house has PostgreSQL beneath, and not SQLite."""
ROOT = Path(__file__).resolve().parent.parent

LONGEST = (
    "tests/signaling/test_recording.py",
    "tests/durability/test_recording_killed.py",
    "tests/signaling/media/recording/test_taps.py",
    "tests/signaling/media/test_room.py",
    "tests/durability/test_killed.py",
    "tests/signaling/test_client.py",
    "tests/signaling/media/test_lines.py",
    "tests/matrix/test_routes.py",
    "tests/web/test_starting.py",
    "tests/mediation/agreements/test_certificate.py",
    "tests/signaling/media/test_worker.py",
    "tests/mediation/agreements/test_printing.py",
)
"""Begun first, so that no worker ends with a long file while the others have nothing left to do."""


def pytest_configure() -> None:
    """Here, before the workers are started."""
    share_among_workers()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Plays a module that is marked so twice, each time with another database beneath."""
    if metafunc.definition.get_closest_marker("both_databases") and "beneath" in metafunc.fixturenames:
        metafunc.parametrize("beneath", ("sqlite", "postgres"), indirect=True, scope="module")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the longest files first; the rest keeps its order. On PostgreSQL what looks into the files of SQLite has nothing to look at."""
    if ON_POSTGRES:
        items[:] = [item for item in items if item.get_closest_marker("sqlite") is None]
    ranks = {ROOT / name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(LONGEST)))


def pytest_collection_finish() -> None:
    """Hides what was loaded so far from the garbage collector: it stays to the end, and looking through it takes seconds."""
    gc.collect()
    gc.freeze()


class StoppedClock:
    """A clock that moves when a test says so."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def follow_real_time(self) -> None:
        """Starts from the real time: sign-ins are checked against it by the running server."""
        self.now = datetime.now(UTC)

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


class House:
    """A data folder of its own, with the writer and the readers on a real file of SQLite, or on a database of PostgreSQL."""

    def __init__(self, data: Path, **settings: Any) -> None:
        self.clock = StoppedClock()
        if ON_POSTGRES and not settings.get("database"):
            settings["database"] = migrated_database()
        self.settings = Settings(data=data, **settings)
        if not self.settings.database:
            lay_out(data)
        self.published: list[Entry] = []
        self.store = self._store()

    def _store(self) -> Store:
        return Store(
            self.settings,
            clock=self.clock,
            publish=lambda entries, _: self.published.extend(entries),
            migrate=False,
        )

    def do(self, use_case: Callable[..., T], **arguments: Any) -> T:
        """Carries a use case out, as the desk and the pages do."""
        return self.store.write(use_case, **arguments).result(30)

    def ask(self, query: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Runs a query in a reader."""
        return self.store.read(query, *arguments, **named).result(30)

    @property
    def is_untouched(self) -> bool:
        """Whether nothing has happened here, at the hour at which every house begins."""
        return not self.published and self.clock() == StoppedClock()()

    def move_into(self, other: "House") -> None:
        """Goes on from a copy of another house that is closed, as if all of it had happened here."""
        self.store.close()
        shutil.copytree(other.settings.data, self.settings.data, dirs_exist_ok=True)
        if self.settings.database:
            self.settings = replace(self.settings, database=copy_of(other.settings.database))
        self.published[:] = other.published
        self.store = self._store()

    def open_again(self) -> None:
        """Stops the store and starts it on the same folder, as after a restart."""
        self.store.close()
        self.store = self._store()


def lay_out(data: Path) -> None:
    """Puts a migrated, empty database into a new data folder: made once, copied from then on."""
    if not (data / DATABASE).exists():
        data.mkdir(parents=True, exist_ok=True)
        shutil.copy(_empty() / DATABASE, data / DATABASE)


@cache
def _empty() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="mediation-tests-"))
    Store(Settings(data=folder)).close()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@pytest.fixture(scope="module")
def beneath(request: pytest.FixtureRequest) -> str:
    """The kind of database: SQLite, and PostgreSQL too in modules marked `both_databases`."""
    return str(getattr(request, "param", "sqlite"))


def a_house(data: Path, beneath: str, **settings: Any) -> House:
    """A house with an empty, migrated database of this kind."""
    return House(data, database=migrated_database() if beneath == "postgres" else "", **settings)


@pytest.fixture
def house(tmp_path: Path, beneath: str) -> Iterator[House]:
    made = a_house(tmp_path / "data", beneath)
    yield made
    made.store.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory, beneath: str) -> AsyncIterator["Site"]:
    """The whole application in this process, with a house of its own (`site.house`); one for all tests of a module."""
    from tests.site import running, site_settings

    house = a_house(tmp_path_factory.mktemp("site") / "data", beneath, **site_settings())
    house.clock.follow_real_time()
    async with running(house) as made:
        yield made
    house.store.close()
