"""What we use of aiortc's inside still exists: the contract that an upgrade has to keep."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress

from aiortc import RTCCertificate, RTCIceGatherer, RTCIceTransport
from aiortc.rtcdtlstransport import RTCDtlsTransport
from OpenSSL import SSL

from signaling.media.dtls import DtlsLink, fingerprints, new_certificate
from signaling.media.payloads import DtlsParameters, Role


class End:
    """One end of a handshake over nothing but function calls."""

    def __init__(self, certificate: RTCCertificate) -> None:
        self.states: asyncio.Queue[str] = asyncio.Queue()
        self.other: End
        self.sent: list[bytes] = []
        self.noise: Callable[[bytes], list[bytes]] = lambda _: []
        self.fingerprints = fingerprints(certificate)
        self.link = DtlsLink(certificate, self._send, self.states.put_nowait)

    def _send(self, data: bytes) -> None:
        self.sent.append(data)
        for each in (*self.other.noise(data), data):
            self.other.link.feed(each)

    @property
    def session(self) -> SSL.Connection:
        assert self.link._dtls._ssl is not None
        return self.link._dtls._ssl

    def connect(self, role: Role) -> None:
        self.link.connect(DtlsParameters(fingerprints=self.other.fingerprints, role=role))


def ends() -> tuple[End, End]:
    one, two = End(new_certificate()), End(new_certificate())
    one.other, two.other = two, one
    return one, two


async def test_a_handshake_gives_srtp_sessions_that_understand_each_other() -> None:
    one, two = ends()
    one.connect("server")
    one.link.nominate()
    two.connect("client")
    async with asyncio.timeout(5):
        assert await one.states.get() == "connected"
        assert await two.states.get() == "connected"

    _, protect = one.link.sessions()
    unprotect, _ = two.link.sessions()
    packet = bytes((0x80, 100, 0, 1)) + bytes(8) + b"sound"

    assert unprotect.unprotect(protect.protect(packet)) == packet
    await one.link.close()
    async with asyncio.timeout(5):
        assert await two.states.get() == "closed"
    await two.link.close()


async def test_as_client_it_waits_for_a_nominated_path() -> None:
    one, two = ends()
    two.connect("client")
    one.connect("server")
    await asyncio.sleep(0.05)
    assert one.states.empty()

    one.link.nominate()

    async with asyncio.timeout(5):
        assert await two.states.get() == "connected"
    await one.link.close()
    await two.link.close()


async def test_another_certificate_than_was_told_is_refused() -> None:
    one, two = ends()
    two.fingerprints = fingerprints(new_certificate())
    two.connect("client")
    one.connect("server")
    one.link.nominate()

    async with asyncio.timeout(5):
        assert await one.states.get() == "failed"
    await one.link.close()
    await two.link.close()


async def test_records_without_end_are_not_kept() -> None:
    """OpenSSL kept what came in one datagram with many records, for as long as the transport lived."""
    one, two = await connected()
    session = one.session
    records = []
    for _ in range(5000):
        session.send(b"x")
        records.append(session.bio_read(1500))

    taken = 0
    for place in range(0, len(records), 30):
        taken += sum(map(len, records[place : place + 30])) * two.link.feed(
            b"".join(records[place : place + 30])
        )
        await asyncio.sleep(0)

    assert taken < 64 * 1024 < sum(map(len, records))
    await close(one, two)


async def test_a_second_handshake_on_a_connected_transport_changes_nothing() -> None:
    one, two = await connected()
    receive, send = two.link.sessions()
    hello = one.sent[0]
    session = one.session
    session.renegotiate()
    with suppress(SSL.WantReadError):
        session.do_handshake()

    for data in (hello, *one.sent, session.bio_read(1500)):
        two.link.feed(data)
        await asyncio.sleep(0.01)

    assert two.states.empty()
    assert two.link.sessions() == (receive, send)
    await close(one, two)


async def test_garbage_and_packets_that_are_cut_off_do_not_stop_a_handshake() -> None:
    one, two = ends()
    dice = random.Random(7)
    two.noise = lambda data: [bytes((dice.randrange(20, 64),)) + dice.randbytes(80), data[: len(data) // 2]]
    two.connect("client")
    one.connect("server")
    one.link.nominate()

    async with asyncio.timeout(5):
        assert await two.states.get() == "connected"
        assert await one.states.get() == "connected"
    await close(one, two)


async def connected() -> tuple[End, End]:
    one, two = ends()
    one.connect("server")
    one.link.nominate()
    two.connect("client")
    async with asyncio.timeout(5):
        assert (await one.states.get(), await two.states.get()) == ("connected", "connected")
    return one, two


async def close(*links: End) -> None:
    for each in links:
        await each.link.close()


async def test_aiortc_still_has_the_names_that_we_use() -> None:
    made = RTCDtlsTransport(RTCIceTransport(RTCIceGatherer()), [new_certificate()])

    for name in ("_rx_srtp", "_tx_srtp", "_set_role", "start", "stop", "state", "on"):
        assert hasattr(made, name)
