"""A PostgreSQL that is killed or pulled down under load loses nothing that was acknowledged; the server goes on by itself when it is back."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from mediation.settings import Settings
from mediation.store import Store
from tests.durability.loop import dispersed, gathered, judged, prepared
from tests.durability.nursery import Foundling, Nursery
from tests.postgres import own_cluster


@pytest_asyncio.fixture
async def nursery(tmp_path: Path) -> AsyncIterator[Nursery]:
    with (tmp_path / "log").open("wb") as log:
        opened = await Nursery.open(log)
        yield opened
        await opened.close()


async def test_what_was_acknowledged_outlives_the_database_server(nursery: Nursery, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with own_cluster() as cluster:
        url = cluster.url_of("mediation")
        Store(Settings(data=data, database=url)).close()
        players = prepared(data, url)
        server = Foundling(nursery, data, url)
        await server.start()
        crowd = gathered(server, players, random.Random(3), patient=True)
        try:
            await crowd.go_on(20)
            cluster.kill_a_child()
            await crowd.go_on(20)
            cluster.stop()
            cluster.start()
            await crowd.go_on(20)
            await crowd.finish()
        finally:
            await dispersed(crowd)
            await server.kill()

        played = judged(crowd.ledger, data, url, players[0].channel, server.deaths)

    assert played.faults == []
    assert played.ledger.retries > 0
