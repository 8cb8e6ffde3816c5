"""A bad line between clients and the media port: a UDP proxy that loses, delays, jumbles and holds up what tests tell it to."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any, cast

Address = tuple[str | Any, int]
Loses = Callable[[bytes], bool]
OVERHEAD = 28
"""Bytes that IPv4 and UDP put before each datagram; a line of so many bits a second carries them too."""


def never(_: bytes) -> bool:
    return False


def is_media(data: bytes) -> bool:
    """RTP, and not RTCP (RFC 7983, RFC 5761)."""
    return len(data) > 12 and 127 < data[0] < 192 and not 191 < data[1] < 224


def losing(share: float, seed: int = 1) -> Loses:
    """Lose that share of everything, the same in every run."""
    dice = random.Random(seed)
    return lambda _: dice.random() < share


def every(count: int, payload_type: int) -> Loses:
    """Lose each so-manieth packet of a payload type."""
    seen = 0

    def loses(data: bytes) -> bool:
        nonlocal seen
        matches = is_media(data) and data[1] & 0x7F == payload_type
        seen += matches
        return matches and seen % count == 0

    return loses


class Narrow:
    """A line of so many bits a second with a queue before it: what finds the queue full is lost, as in a home's router."""

    def __init__(self, bits: int, *, queue: float = 0.5) -> None:
        self.lost = 0
        self._bits = bits
        self._queue = queue
        self._free_at = 0.0

    def wait(self, size: int, now: float) -> float | None:
        """Seconds after which a datagram of so many bytes is through; None when it is lost."""
        waits = max(0.0, self._free_at - now)
        if waits > self._queue:
            self.lost += 1
            return None
        self._free_at = now + waits + size * 8 / self._bits
        return self._free_at - now


class Proxy(asyncio.DatagramProtocol):
    """Each client gets a socket of its own towards the server, so that the server tells them apart."""

    def __init__(
        self, server: Address, *, up: Loses = never, down: Loses = never, jitter: float = 0.0
    ) -> None:
        self.up = up
        self.down = down
        self.jitter = jitter
        self.narrow_up: Narrow | None = None
        self.narrow_down: Narrow | None = None
        self.lost_up = self.lost_down = 0
        self.port = 0
        self._server = server
        self._dice = random.Random(7)
        self._socket: asyncio.DatagramTransport
        self._lines: dict[Address, asyncio.Future[_Line]] = {}

    async def open(self, address: str = "0.0.0.0") -> Proxy:
        """Listens; a browser takes answers only from the very address it asked, so for one it has to be named."""
        loop = asyncio.get_running_loop()
        self._socket, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(address, 0))
        self.port = self._socket.get_extra_info("sockname")[1]
        return self

    async def close(self) -> None:
        self._socket.close()
        for line in await asyncio.gather(*self._lines.values()):
            line.socket.close()
        await asyncio.sleep(0)

    def datagram_received(self, data: bytes, client: Address) -> None:
        if self.up(data):
            self.lost_up += 1
            return
        line = self._lines.get(client)
        if line is None:
            line = self._lines[client] = asyncio.ensure_future(self._line(client))
        line.add_done_callback(
            lambda ready: self._later(data, self.narrow_up, lambda: ready.result().socket.sendto(data))
        )

    def answered(self, data: bytes, client: Address) -> None:
        if self.down(data):
            self.lost_down += 1
            return
        self._later(data, self.narrow_down, lambda: self._answer(data, client))

    def _answer(self, data: bytes, client: Address) -> None:
        if not self._socket.is_closing():
            self._socket.sendto(data, client)

    def _later(self, data: bytes, narrow: Narrow | None, send: Callable[[], object]) -> None:
        loop = asyncio.get_running_loop()
        wait = narrow.wait(len(data) + OVERHEAD, loop.time()) if narrow else 0.0
        if wait is None:
            return
        wait += self._dice.random() * self.jitter
        if wait:
            loop.call_later(wait, send)
        else:
            send()

    async def _line(self, client: Address) -> _Line:
        loop = asyncio.get_running_loop()
        _, line = await loop.create_datagram_endpoint(lambda: _Line(self, client), remote_addr=self._server)
        return line


class _Line(asyncio.DatagramProtocol):
    def __init__(self, proxy: Proxy, client: Address) -> None:
        self._proxy = proxy
        self._client = client
        self.socket: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.socket = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, address: Address) -> None:
        self._proxy.answered(data, self._client)

    def error_received(self, error: Exception) -> None:
        """The server's port is closed for a moment: as good as lost."""
