"""The checker has teeth: it passes the server that keeps its promises, and catches each one that breaks a promise."""

import asyncio
import random

import pytest

from tests.durability.ledger import Ledger, faults, keep_talking
from tests.durability.mutants import (
    AcksBeforeCommit,
    ChangesWords,
    ForgetsKeys,
    ForgetsKeysQuietly,
    HonestServer,
    KeepsNoOrder,
    LeavesGaps,
    MemoryLine,
)

KILLS = 8
BETWEEN = 60
"""Turns of the loop from one kill to the next."""


async def history_of(server: HonestServer) -> list[str]:
    """The faults after some kills, with three senders who never give up."""
    ledger = Ledger()
    people = [
        asyncio.create_task(keep_talking(ledger, MemoryLine(server, ledger, name), name)) for name in "ABC"
    ]
    for _ in range(KILLS):
        for _ in range(BETWEEN):
            await asyncio.sleep(0)
        server.kill()
    ledger.over = True
    await asyncio.gather(*people)
    assert ledger.retries > 0
    assert len(ledger.acked) > 50
    return faults(ledger, server.disk)


@pytest.mark.parametrize("seed", range(5))
async def test_a_server_that_keeps_its_promises_passes(seed: int) -> None:
    assert await history_of(HonestServer(random.Random(seed))) == []


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("mutant", "fault"),
    [
        (AcksBeforeCommit, "lost"),
        (ForgetsKeys, "doubled"),
        (ForgetsKeysQuietly, "doubled"),
        (KeepsNoOrder, "disordered"),
        (LeavesGaps, "gaps"),
        (ChangesWords, "changed"),
    ],
)
async def test_a_server_that_breaks_a_promise_is_caught(
    mutant: type[HonestServer], fault: str, seed: int
) -> None:
    found = await history_of(mutant(random.Random(seed)))

    assert fault in {each.split(":")[0] for each in found}


async def test_a_reader_who_saw_something_else_is_believed() -> None:
    server, ledger = HonestServer(random.Random(1)), Ledger()
    line = MemoryLine(server, ledger, "A")
    await line.send("A-1", "A says 1")
    ledger.notice("B", 1, "another hash")

    assert faults(ledger, server.disk) == ["seen otherwise: B saw another entry 1"]
