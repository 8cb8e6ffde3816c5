"""kill -9 while people talk, send files and sign: what was acknowledged is there, once, in order, and the record is whole."""

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
from tests.durability.signing import (
    Scene,
    assert_signed_once,
    signs,
    the_last_signature,
    until_certified,
)
from web.rehearsal import rehearse

pytestmark = pytest.mark.sqlite


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[Mortal]:
    with (tmp_path / "server.log").open("wb") as log:
        mortal = Mortal(tmp_path / "data", log)
        yield mortal
        await mortal.kill()


class Crowd:
    """Some people talk, the last one sends files, until the ledger is over."""

    def __init__(self, server: Mortal, people: list[tuple[str, str]], room: str, channel: str) -> None:
        self.ledger = Ledger()
        self.channel = channel
        self.lines = [SocketLine(server, self.ledger, *person, room, channel) for person in people]
        self._tasks = [
            asyncio.create_task(keep_talking(self.ledger, line, line.person)) for line in self.lines[1:]
        ]
        self._tasks.append(asyncio.create_task(keep_uploading(self.lines[0], random.Random(7))))

    async def go_on(self, more: int) -> None:
        """Until so much more was acknowledged, whoever was killed in between."""
        wanted = len(self.ledger.acked) + more
        async with asyncio.timeout(60):
            while len(self.ledger.acked) < wanted:
                for task in self._tasks:
                    if task.done():
                        task.result()  # nobody stops talking but by a fault
                await asyncio.sleep(0.01)

    async def finish(self) -> None:
        self.ledger.over = True
        await asyncio.gather(*self._tasks)
        for line in self.lines:
            await line.close()


def assert_kept(server: Mortal, crowd: Crowd) -> None:
    said: list[str] = []
    assert faults(crowd.ledger, kept_in(server.data, crowd.channel)) == []
    assert verify(server.data, say=said.append) == 0, said
    assert any(each.item.key.startswith("file-") for each in crowd.ledger.acked)
    assert crowd.ledger.retries > 0
    assert crowd.ledger.seen


@pytest.mark.timeout(240)
async def test_what_was_acknowledged_is_there_once_and_the_certificate_follows(server: Mortal) -> None:
    """Killed three times: amid the talk, while the last signature is on its way, and right after it was acknowledged."""
    scene: Scene = the_last_signature(House(server.data))
    await server.start()
    crowd = Crowd(server, scene.others, scene.room, scene.talks)
    bo = SocketLine(server, Ledger(), scene.respondent, scene.token, scene.room, scene.record)
    await crowd.go_on(40)
    await server.kill()
    await server.start()
    await crowd.go_on(30)
    await bo.mend()
    unanswered = asyncio.create_task(bo.ask("sign_agreement", scene.asked))
    await asyncio.sleep(0.004)
    await server.kill()
    await asyncio.gather(unanswered, return_exceptions=True)
    await server.start()
    signed = await signs(bo, scene.asked)
    await server.kill()
    crowd.ledger.over = True
    await server.start()
    await until_certified(scene)
    again = await signs(bo, scene.asked)
    await bo.close()
    await crowd.finish()
    await server.kill()

    assert signed["effective"]
    assert again == signed
    assert_signed_once(scene)
    assert_kept(server, crowd)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_the_same_after_many_kills(server: Mortal) -> None:
    house = House(server.data)
    house.clock.follow_real_time()
    players = list(rehearse(house.store, rooms=1, people=4))
    house.store.close()
    await server.start()
    people = [(player.person, player.token) for player in players]
    crowd = Crowd(server, people, players[0].room, players[0].channel)
    for _ in range(40):
        await crowd.go_on(random.randrange(10, 40))
        await server.kill()
        await server.start()
    await crowd.go_on(20)
    await crowd.finish()
    await server.kill()

    assert_kept(server, crowd)
