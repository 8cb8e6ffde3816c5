"""Fixtures for all tests: a house (a real data folder with its store) and its clock."""

import atexit
import gc
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
import pytest_asyncio

from mediation.record.entry import Entry
from mediation.settings import Settings
from mediation.store import DATABASE, Store, bring_up_to_date

if TYPE_CHECKING:
    from tests.site import Site

T = TypeVar("T")
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the longest files first; the rest keeps its order."""
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
    """A data folder of its own, with the writer and the readers on real SQLite files."""

    def __init__(self, data: Path, **settings: Any) -> None:
        self.clock = StoppedClock()
        self.settings = Settings(data=data, **settings)
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
        return self.store.write(use_case, **arguments).result(10)

    def ask(self, query: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Runs a query in a reader."""
        return self.store.read(query, *arguments, **named).result(10)

    @property
    def is_untouched(self) -> bool:
        """Whether nothing has happened here, at the hour at which every house begins."""
        return not self.published and self.clock() == StoppedClock()()

    def move_into(self, data: Path, published: list[Entry]) -> None:
        """Goes on from a copy of another data folder, as if all of it had happened here."""
        self.store.close()
        shutil.copytree(data, self.settings.data, dirs_exist_ok=True)
        self.published[:] = published
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
    bring_up_to_date(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "data")
    yield made
    made.store.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator["Site"]:
    """The whole application in this process, with a house of its own (`site.house`); one for all tests of a module."""
    from tests.site import running, site_settings

    house = House(tmp_path_factory.mktemp("site") / "data", **site_settings())
    house.clock.follow_real_time()
    async with running(house) as made:
        yield made
    house.store.close()
