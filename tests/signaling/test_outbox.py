"""Who reads slowly is told to read on, and costs a bounded amount of memory; who floods us is cut off, and nobody else notices."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import pytest
from engineio.packet import MESSAGE, Packet

from signaling.desk.desk import BUDGET, MOST_IN_VAIN
from signaling.outbox import CUT_OFF, MOST_BYTES, Outbox
from tests.site import Site
from tests.stories import Story, opened

LARGE = Packet(MESSAGE, "2" + "x" * 10_000)
RESYNC = '42["resync",{}]'


@pytest.fixture
def story(site: Site) -> Story:
    return opened(site.house)


def test_pushes_are_left_out_of_a_full_outbox_and_one_resync_takes_their_place() -> None:
    outbox = Outbox()

    for _ in range(1000):
        outbox.push(LARGE)

    assert outbox.bytes < MOST_BYTES + 2 * len(LARGE.data)
    sent = drained(outbox)
    assert sent[-1] == RESYNC
    assert sent.count(RESYNC) == 1
    assert outbox.bytes == 0
    outbox.push(LARGE)
    assert drained(outbox) == [LARGE.encode()]


def test_answers_are_never_left_out() -> None:
    outbox = Outbox()
    for _ in range(100):
        outbox.push(LARGE)

    outbox.put_nowait(LARGE)

    assert drained(outbox)[-2:] == [LARGE.encode(), RESYNC]


def test_an_outbox_of_answers_that_nobody_reads_is_overfull() -> None:
    outbox = Outbox()
    while outbox.bytes <= CUT_OFF:
        assert not outbox.is_overfull
        outbox.put_nowait(LARGE)

    assert outbox.is_overfull


def drained(outbox: Outbox) -> list[str]:
    sent: list[str] = []
    while not outbox.empty():
        sent.append(outbox.get_nowait().encode())
    return sent


@asynccontextmanager
async def wire(site: Site, token: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A connection by hand, that reads when it wants to."""
    address = site.origin.replace("http", "ws", 1)
    async with site.http.ws_connect(
        f"{address}/socket.io/?EIO=4&transport=websocket", max_msg_size=0
    ) as line:
        await line.receive_str()
        await line.send_str("40" + json.dumps({"token": token}))
        said = await line.receive_str()
        assert said.startswith("40"), said
        yield line


async def ask(line: aiohttp.ClientWebSocketResponse, number: int, name: str, **payload: Any) -> None:
    await line.send_str(f"42{number}" + json.dumps([name, payload]))


async def test_who_does_not_read_is_told_to_read_on_and_costs_little_until_then(
    site: Site, story: Story
) -> None:
    announce = site.signaling.desk.announce
    async with wire(site, site.token(story.people["claimant"])) as line:
        await ask(line, 0, "enter_room", room=story.room)
        await line.receive_str()
        (outbox,) = [each.queue for each in site.signaling.sio.eio.sockets.values()]

        most = 0
        while not outbox.lags:
            announce.to_people(story.room, [story.people["claimant"]], "entry", {"text": "x" * 10_000})
            most = max(most, outbox.bytes)
            await asyncio.sleep(0)
        for _ in range(1000):
            announce.to_people(story.room, [story.people["claimant"]], "entry", {"text": "x" * 10_000})
            most = max(most, outbox.bytes)
        assert most < MOST_BYTES + 20_000

        async with asyncio.timeout(10):
            said = ""
            while said != RESYNC:
                said = await line.receive_str()


async def test_who_floods_the_server_is_cut_off_and_shut_out_while_others_are_answered(
    site: Site, story: Story
) -> None:
    flooder, other = (site.token(story.people[role]) for role in ("claimant", "respondent"))
    async with wire(site, other) as calm:
        await ask(calm, 0, "enter_room", room=story.room)
        await calm.receive_str()

        async with wire(site, flooder) as line:
            with suppress(aiohttp.ClientError):
                for number in range(BUDGET + MOST_IN_VAIN):
                    await ask(line, number, "enter_room", room="nobody's")
            async with asyncio.timeout(10):
                while (await line.receive()).type is aiohttp.WSMsgType.TEXT:
                    pass

        await ask(calm, 1, "post_message", channel=story.talks, client_id="c1", text="Good morning.")
        async with asyncio.timeout(5):
            said = await calm.receive_str()
            while not said.startswith("43"):
                said = await calm.receive_str()
        assert "error" not in said
        with pytest.raises(AssertionError, match="too_many"):
            async with wire(site, flooder):
                pass
