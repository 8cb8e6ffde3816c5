"""The ledger loop on both databases: what was acknowledged is there, once, in order, whoever was killed; and each broken promise is caught."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text

from mediation import postgres, sqlite
from tests.conftest import a_house
from tests.durability.loop import Played, play
from tests.durability.nursery import Nursery
from tests.postgres import migrated_database

pytestmark = pytest.mark.both_databases

KILLS = 5
MANY = 50


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def nursery(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Nursery]:
    with (tmp_path_factory.mktemp("nursery") / "log").open("wb") as log:
        opened = await Nursery.open(log)
        yield opened
        await opened.close()


@pytest.fixture
def database(beneath: str) -> str:
    """The URL of an empty house's database; nothing for SQLite."""
    return migrated_database() if beneath == "postgres" else ""


def assert_kept(played: Played, kills: int) -> None:
    assert played.faults == []
    assert played.deaths == kills + 1
    assert played.ledger.retries > 0
    assert played.ledger.seen
    assert len(played.stored) < len(played.ledger.acked)  # some were acknowledged more than once


async def test_nothing_is_lost_doubled_or_disordered_by_kills(
    nursery: Nursery, tmp_path: Path, database: str
) -> None:
    assert_kept(await play(nursery, tmp_path / "data", database, kills=KILLS), KILLS)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_nor_by_many(nursery: Nursery, tmp_path: Path, database: str) -> None:
    assert_kept(await play(nursery, tmp_path / "data", database, kills=MANY, seed=1), MANY)


@pytest.mark.parametrize(
    ("mutant", "fault", "kills"),
    [("acks before commit", "lost", 2), ("forgets keys", "doubled", 0), ("keeps no order", "disordered", 0)],
)
async def test_a_broken_promise_is_caught(
    nursery: Nursery, tmp_path: Path, database: str, mutant: str, fault: str, kills: int
) -> None:
    played = await play(nursery, tmp_path / "data", database, kills=kills, mutant=mutant, more=40)

    assert fault in {each.split(":")[0] for each in played.faults}


def test_a_server_that_does_not_sync_is_caught(
    tmp_path: Path, beneath: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill cannot show it: what the process has written survives it, synced or not. So the way of committing is looked at."""
    assert unsynced(tmp_path / "honest", beneath) == []

    if beneath == "postgres":
        monkeypatch.setitem(postgres.SESSION, "synchronous_commit", "off")
    else:
        monkeypatch.setattr(sqlite, "DURABLE", ("journal_mode=WAL", "synchronous=NORMAL"))

    assert unsynced(tmp_path / "mutant", beneath) == ["not synced"]


def unsynced(data: Path, beneath: str) -> list[str]:
    house = a_house(data, beneath)
    asked = (
        "SELECT current_setting('synchronous_commit') || current_setting('fsync')"
        if beneath == "postgres"
        else "PRAGMA synchronous"
    )
    told = house.do(lambda work: work.session.scalar(text(asked)))
    house.store.close()
    return [] if told in {"onon", 2} else ["not synced"]
