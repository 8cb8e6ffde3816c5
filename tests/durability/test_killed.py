"""kill -9 while people talk and send files: what was acknowledged is there, once, in order, and the record is whole."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from mediation.record.verify import verify
from tests.conftest import House
from tests.durability.ledger import Ledger, faults, keep_talking
from tests.durability.mortal import Mortal, SocketLine, keep_uploading, kept_in
from web.rehearsal import Player, rehearse


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[Mortal]:
    with (tmp_path / "server.log").open("wb") as log:
        mortal = Mortal(tmp_path / "data", log)
        yield mortal
        await mortal.kill()


def rehearsed(data: Path, people: int = 4) -> list[Player]:
    """A room that is ready to talk in."""
    house = House(data)
    house.clock.follow_real_time()
    players = list(rehearse(house.store, rooms=1, people=people))
    house.store.close()
    return players


async def lives_and_dies(server: Mortal, kills: int, dice: random.Random) -> tuple[Ledger, str]:
    """Three people talk and the fourth sends files, while the server is killed again and again."""
    players = rehearsed(server.data)
    channel = players[0].channel
    ledger = Ledger()
    lines = [SocketLine(server, ledger, each.person, each.token, each.room, each.channel) for each in players]
    await server.start()
    talking = [asyncio.create_task(keep_talking(ledger, line, line.person)) for line in lines[1:]]
    sending = asyncio.create_task(keep_uploading(lines[0], dice))
    for _ in range(kills):
        await until_some_more(ledger, dice.randrange(15, 40))
        await server.kill()
        await server.start()
    await until_some_more(ledger, 20)
    ledger.over = True
    await asyncio.gather(*talking, sending)
    for line in lines:
        await line.close()
    await server.kill()
    return ledger, channel


async def until_some_more(ledger: Ledger, more: int) -> None:
    wanted = len(ledger.acked) + more
    async with asyncio.timeout(60):
        while len(ledger.acked) < wanted:
            await asyncio.sleep(0.01)


def assert_kept(server: Mortal, ledger: Ledger, channel: str) -> None:
    stored = kept_in(server.data, channel)
    said: list[str] = []
    assert faults(ledger, stored) == []
    assert verify(server.data, say=said.append) == 0, said
    assert any(each.item.key.startswith("file-") for each in ledger.acked)
    assert ledger.retries > 0
    assert ledger.seen


async def test_what_was_acknowledged_is_there_once_and_in_order(server: Mortal) -> None:
    ledger, channel = await lives_and_dies(server, 3, random.Random(7))

    assert server.deaths == 4
    assert_kept(server, ledger, channel)


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_the_same_after_many_kills(server: Mortal) -> None:
    ledger, channel = await lives_and_dies(server, 40, random.Random())

    assert_kept(server, ledger, channel)
