"""One run of the ledger loop: a house, people who talk in every way, a server that is killed at random, and what must be true afterwards.

`bench/ledger` runs it for hours, the tests for moments.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mediation.record.verify import verify
from tests.conftest import House
from tests.durability.ledger import Kept, Ledger, faults, keep_babbling, keep_rattling, keep_talking
from tests.durability.mortal import SocketLine, kept_in
from tests.durability.nursery import Foundling, Nursery
from web.rehearsal import Player, rehearse

PEOPLE = 4


@dataclass(slots=True)
class Played:
    """What a run came to."""

    ledger: Ledger
    stored: Sequence[Kept]
    faults: list[str]
    deaths: int


@dataclass(slots=True)
class Crowd:
    """One says a thing after the other, one several at once, one everything shuffled and repeated; until the ledger is over."""

    ledger: Ledger
    lines: list[SocketLine]
    tasks: list["asyncio.Task[None]"]

    async def go_on(self, more: int) -> None:
        """Until so much more was acknowledged, whoever was killed in between."""
        wanted = len(self.ledger.acked) + more
        async with asyncio.timeout(60):
            while len(self.ledger.acked) < wanted:
                for task in self.tasks:
                    if task.done():
                        task.result()  # nobody stops talking but by a fault
                await asyncio.sleep(0.005)

    async def finish(self) -> None:
        self.ledger.over = True
        await asyncio.gather(*self.tasks)
        for line in self.lines:
            await line.close()


async def play(
    nursery: Nursery,
    data: Path,
    database: str,
    *,
    kills: int,
    mutant: str = "",
    seed: int = 0,
    more: int = 20,
) -> Played:
    """Talks, kills and starts again, and holds what was acknowledged against what is there."""
    dice = random.Random(seed)
    server = Foundling(nursery, data, database, mutant)
    players = prepared(data, database)

    async def struck() -> None:
        await server.kill()
        await server.start()

    await server.start()
    crowd = gathered(server, players, dice)
    try:
        for _ in range(kills):
            await crowd.go_on(dice.randrange(2, more))
            await struck()
        await crowd.go_on(more)
        await crowd.finish()
    finally:
        await dispersed(crowd)
        await server.kill()
    return judged(crowd.ledger, data, database, players[0].channel, server.deaths)


def prepared(data: Path, database: str) -> list[Player]:
    house = House(data, database=database)
    house.clock.follow_real_time()
    players = list(rehearse(house.store, rooms=1, people=PEOPLE))
    house.store.close()
    return players


def gathered(
    server: Foundling, players: Sequence[Player], dice: random.Random, *, patient: bool = False
) -> Crowd:
    """With `patient`, everybody waits for the answer before the next word, as our pages do."""
    ledger = Ledger()
    lines = [SocketLine(server, ledger, each.person, each.token, each.room, each.channel) for each in players]
    talks = [keep_talking(ledger, line, line.person) for line in (lines if patient else lines[:2])]
    if not patient:
        talks += [
            keep_rattling(ledger, lines[2], lines[2].person),
            keep_babbling(ledger, lines[3], lines[3].person, dice),
        ]
    tasks = [asyncio.create_task(talk) for talk in talks]
    return Crowd(ledger, lines, tasks)


async def dispersed(crowd: Crowd) -> None:
    """Ends what a fault has left running."""
    for task in crowd.tasks:
        task.cancel()
    await asyncio.gather(*crowd.tasks, return_exceptions=True)
    for line in crowd.lines:
        await line.close()


def judged(ledger: Ledger, data: Path, database: str, channel: str, deaths: int) -> Played:
    said: list[str] = []
    stored = kept_in(data, channel, database)
    verify(data, say=said.append, database=database)
    found = faults(ledger, stored)
    if not said[-1].startswith("Whole"):
        found += [f"chain: {each}" for each in said]
    return Played(ledger, stored, found, deaths)
