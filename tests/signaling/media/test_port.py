"""What clients are told about where to come, and what the port makes of bytes that nobody asked for."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import closing
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.media.feedback import Arrivals
from signaling.media.forward import forward
from signaling.media.ice import candidates
from signaling.media.port import Port, bind
from signaling.media.rtcp import read_rtcp
from signaling.media.transport import Transport


def test_the_first_address_is_preferred() -> None:
    first, second = candidates([("192.0.2.1", 1), ("192.0.2.2", 2)])

    assert first.priority > second.priority
    assert first.foundation != second.foundation
    by_tcp = candidates([("192.0.2.1", 1), ("192.0.2.2", 2)], tcp=True)
    assert [each.protocol for each in by_tcp] == ["udp", "udp", "tcp", "tcp"]
    assert [each.priority for each in by_tcp] == sorted((each.priority for each in by_tcp), reverse=True)


@settings(deadline=None)
@given(st.binary(max_size=80))
def test_whatever_comes_from_a_stranger_is_dropped_and_counted(data: bytes) -> None:
    with closing(bind("127.0.0.1", 0)) as sock:
        port = Port(sock)
        port.receive(data, ("192.0.2.1", 1), 0.0)

    assert sum(port.drops.values()) == 1
    assert port.packets_out == 0


CHECK, VOICE = bytes(28), bytes([128, 111]) + bytes(26)
"""By their first bytes: a check of a path, and sound."""


async def test_at_rest_checks_are_read_at_the_rounds_and_the_first_sound_ends_the_rest() -> None:
    with bind("127.0.0.1", 0) as sock, bind("127.0.0.1", 0) as client:
        port = Port(sock)
        port.open()

        async def read_at_once(data: bytes) -> bool:
            before = port.packets_in
            client.sendto(data, sock.getsockname())
            for _ in range(3):
                await asyncio.sleep(0)
            return port.packets_in > before

        assert not port.rest_or_wake(0.9)
        assert await read_at_once(CHECK)
        assert port.rest_or_wake(12.0)
        assert not await read_at_once(CHECK)
        port.rest_or_wake(12.02)
        assert port.drops["stun"] == 2
        assert not await read_at_once(VOICE)
        assert not port.rest_or_wake(12.04)
        assert await read_at_once(CHECK)
        port.rest_or_wake(13.0)
        assert await read_at_once(CHECK)
        port.rest_or_wake(13.1)
        assert not await read_at_once(VOICE)
        port.close()


async def test_a_flood_of_checks_ends_the_rest() -> None:
    with bind("127.0.0.1", 0) as sock, bind("127.0.0.1", 0) as client:
        port = Port(sock)
        port.open()
        port.rest_or_wake(10.0)
        for _ in range(120):
            client.sendto(CHECK, sock.getsockname())
        port.rest_or_wake(10.02)
        client.sendto(CHECK, sock.getsockname())
        for _ in range(3):
            await asyncio.sleep(0)

        assert port.drops["stun"] == 121
        port.close()


class Keyed:
    """A transport whose keys are known to whoever makes the bytes: the worst that an admitted client can send."""

    def __init__(self) -> None:
        self.drops: Counter[str] = Counter()
        self.heard_at = 0.0
        self.available: int | None = None
        self.guesses = 1
        self.rtcp_left = 1
        self.reporters: set[int] = set()
        self.incoming: dict[int, object] = {}
        self.repairs: dict[int, object] = {}
        self.outgoing: dict[int, object] = {}
        self.arrived = Arrivals().add
        self.heads = (0x11, 0x20, 0x30)
        self.cc_id, self.level_id, self.orientation_id, self.mid_id, self.rid_id, self.repaired_id = range(
            1, 7
        )

    def unprotect(self, data: bytes) -> bytes:
        return data

    unprotect_rtcp = unprotect

    def bind(self, *_: object) -> None:
        """Nobody's stream."""


@settings(deadline=None)
@given(st.integers(128, 191), st.integers(192, 223), st.binary(min_size=10, max_size=200))
def test_malformed_rtcp_of_an_admitted_client_harms_nobody(first: int, second: int, rest: bytes) -> None:
    read_rtcp(cast("Transport", Keyed()), bytes((first, second)) + rest, 1.0)


@settings(deadline=None)
@given(st.integers(128, 191), st.binary(min_size=11, max_size=200))
def test_malformed_rtp_of_an_admitted_client_is_dropped_and_counted(first: int, rest: bytes) -> None:
    keyed = Keyed()
    forward(cast("Transport", keyed), bytes((first,)) + rest, 1.0)

    assert sum(keyed.drops.values()) == 1
