"""Handshakes against a real worker: raced for, flooded, with the wrong certificate, or never ended."""

from __future__ import annotations

import asyncio

import pytest

from signaling.media.dtls import DtlsLink, fingerprints, new_certificate
from signaling.media.messages import TransportState
from signaling.media.payloads import DtlsParameters
from tests.signaling.media.raw import Raw, by_udp, connected, open_raw
from tests.signaling.media.stand import Stand

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def hello() -> bytes:
    """The first packet of a handshake, as anybody can make it."""
    said: asyncio.Queue[bytes] = asyncio.Queue()
    link = DtlsLink(new_certificate(), said.put_nowait, lambda _: None)
    link.connect(DtlsParameters(fingerprints=fingerprints(new_certificate()), role="server"))
    link.nominate()
    first = await said.get()
    await link.close()
    return first


async def come(stand: Stand, seat: str) -> Raw:
    """Somebody whose path is known, and who has no keys yet."""
    raw = await open_raw(stand.plane, stand.room, f"{stand.room}-{seat}", "send")
    await raw.check(await raw.come("udp"))
    return raw


async def drops(stand: Stand, why: str) -> int:
    return (await stand.statistics()).drops.get(why, 0)


async def test_a_hello_from_elsewhere_loses_the_race(stand: Stand) -> None:
    anna = await come(stand, "anna")
    answers: list[bytes] = []
    stranger = await by_udp("127.0.0.1", anna.candidate("udp").port, answers.append)
    before, first = await drops(stand, "unknown_address"), await hello()

    for _ in range(50):
        stranger.send(first)
    await anna.shake_hands()

    assert await drops(stand, "unknown_address") == before + 50
    assert not answers
    stranger.close()
    await anna.leave()


async def test_another_certificate_than_was_told_closes_the_transport(stand: Stand) -> None:
    anna = await come(stand, "anna")
    told = DtlsParameters(fingerprints=fingerprints(new_certificate()), role="client")
    await stand.plane.connect_transport(anna.seat, anna.options.id, told)
    link = anna._link = DtlsLink(new_certificate(), anna._send_dtls, lambda _: None)
    link.connect(DtlsParameters(fingerprints=anna.options.dtls_parameters.fingerprints, role="server"))
    link.nominate()

    closed = await stand.until(TransportState, lambda event: event.transport == anna.options.id)

    assert closed.state == "closed"
    await anna.leave()


async def test_a_flood_of_hellos_from_a_known_address_ends_at_its_allowance(stand: Stand) -> None:
    mallory, anna = (
        await come(stand, "mallory"),
        await connected(stand.plane, stand.room, f"{stand.room}-anna", "send", "udp"),
    )
    theirs = DtlsParameters(fingerprints=fingerprints(new_certificate()), role="client")
    await stand.plane.connect_transport(mallory.seat, mallory.options.id, theirs)
    before, first = await drops(stand, "dtls"), await hello()
    back: list[bytes] = []
    mallory._link = DtlsLink(new_certificate(), back.append, lambda _: None)
    mallory._link.feed = lambda data: not back.append(data)  # type: ignore[method-assign, func-returns-value]

    for _ in range(20):
        for _ in range(100):
            mallory.ways[-1].send(first)
        await anna.check(anna.ways[-1])

    assert await drops(stand, "dtls") - before > 2000 - 64 * 1024 // len(first) - 20
    assert sum(map(len, back)) < 64 * 1024
    for each in (anna, mallory):
        await each.leave()


async def test_a_handshake_that_never_ends_closes_the_transport(alone: Stand) -> None:
    anna = await come(alone, "anna")
    path = asyncio.create_task(_keep_checking(anna))

    closed = await alone.until(TransportState, lambda event: event.transport == anna.options.id)

    assert closed.state == "closed"
    path.cancel()
    await anna.leave()


async def _keep_checking(raw: Raw) -> None:
    while True:
        await raw.check(raw.ways[-1])
        await asyncio.sleep(0.2)
