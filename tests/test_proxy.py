"""The bad line of the tests loses what it is told to lose, and changes nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.proxy import Loses, Narrow, Proxy, losing, never

Opens = Callable[..., Awaitable[Proxy]]


class Mouth(asyncio.DatagramProtocol):
    """Hears datagrams; a mouth that echoes gives them back to where they came from."""

    def __init__(self, *, echoes: bool = False) -> None:
        self.echoes = echoes
        self.heard: list[bytes] = []
        self.sources: set[object] = set()
        self.transport: asyncio.DatagramTransport | None = None

    def datagram_received(self, data: bytes, address: object) -> None:
        self.heard.append(data)
        self.sources.add(address)
        if self.echoes and self.transport is not None:
            self.transport.sendto(data, address)  # type: ignore[arg-type]

    async def until(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.heard) < count:
                await asyncio.sleep(0.01)


@pytest.fixture
async def far_end() -> AsyncIterator[Mouth]:
    mouth = Mouth(echoes=True)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: mouth, local_addr=("127.0.0.1", 0)
    )
    mouth.transport = transport
    yield mouth
    transport.close()


@pytest.fixture
async def line(far_end: Mouth) -> AsyncIterator[Opens]:
    opened: list[Proxy] = []

    async def through(*, up: Loses = never, down: Loses = never, jitter: float = 0.0) -> Proxy:
        assert far_end.transport is not None
        server = far_end.transport.get_extra_info("sockname")
        proxy = await Proxy(server, up=up, down=down, jitter=jitter).open()
        opened.append(proxy)
        return proxy

    yield through
    for proxy in opened:
        await proxy.close()


async def speak(proxy: Proxy, sentences: list[bytes], *, wait_for: int) -> Mouth:
    mouth = Mouth()
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: mouth, remote_addr=("127.0.0.1", proxy.port)
    )
    for sentence in sentences:
        transport.sendto(sentence)
        await asyncio.sleep(0)
    await mouth.until(wait_for)
    transport.close()
    return mouth


async def test_what_goes_through_the_line_is_not_changed(far_end: Mouth, line: Opens) -> None:
    said = [bytes([number]) * 200 for number in range(50)]

    mouth = await speak(await line(), said, wait_for=50)

    assert sorted(far_end.heard) == said
    assert sorted(mouth.heard) == said


async def test_two_people_on_one_line_stay_apart(far_end: Mouth, line: Opens) -> None:
    proxy = await line()

    first = await speak(proxy, [b"first"], wait_for=1)
    second = await speak(proxy, [b"second"], wait_for=1)

    assert (first.heard, second.heard) == ([b"first"], [b"second"])
    assert len(far_end.sources) == 2


async def test_the_line_loses_its_share_and_counts_it(far_end: Mouth, line: Opens) -> None:
    proxy = await line(up=losing(0.05, seed=3))

    await speak(proxy, [bytes([number]) for number in range(200)], wait_for=200 - 20)
    await far_end.until(200 - proxy.lost_up)

    assert 3 <= proxy.lost_up <= 20
    assert len(far_end.heard) == 200 - proxy.lost_up


def test_the_same_seed_loses_the_same() -> None:
    one, other = losing(0.05, seed=3), losing(0.05, seed=3)

    assert [one(b"") for _ in range(500)] == [other(b"") for _ in range(500)]


async def test_jitter_puts_datagrams_out_of_order_and_loses_none(line: Opens) -> None:
    said = [bytes([number]) for number in range(100)]

    mouth = await speak(await line(jitter=0.05), said, wait_for=100)

    assert mouth.heard != said
    assert sorted(mouth.heard) == said


def test_a_narrow_line_holds_up_what_it_cannot_carry_and_loses_what_its_queue_cannot_hold() -> None:
    narrow = Narrow(8000, queue=0.5)  # a kilobyte a second

    waits = [narrow.wait(200, now=0.0) for _ in range(5)]

    assert waits == [pytest.approx(0.2), pytest.approx(0.4), pytest.approx(0.6), None, None]
    assert narrow.lost == 2
    assert narrow.wait(200, now=0.6) == pytest.approx(0.2)


async def test_a_line_that_is_made_narrow_carries_no_more_than_it_says(line: Opens) -> None:
    proxy = await line()
    proxy.narrow_up = Narrow(80_000, queue=10)
    began = asyncio.get_running_loop().time()

    mouth = await speak(proxy, [bytes(222)] * 20, wait_for=20)  # 40,000 bits with their headers

    assert len(mouth.heard) == 20
    assert asyncio.get_running_loop().time() - began >= 0.45
