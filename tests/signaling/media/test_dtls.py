"""What we use of aiortc's inside still exists: the contract that an upgrade has to keep."""

from __future__ import annotations

import asyncio

from aiortc import RTCCertificate, RTCIceGatherer, RTCIceTransport
from aiortc.rtcdtlstransport import RTCDtlsTransport

from signaling.media.dtls import DtlsLink, fingerprints, new_certificate
from signaling.media.payloads import DtlsParameters, Role


class End:
    """One end of a handshake over nothing but function calls."""

    def __init__(self, certificate: RTCCertificate) -> None:
        self.states: asyncio.Queue[str] = asyncio.Queue()
        self.other: End
        self.fingerprints = fingerprints(certificate)
        self.link = DtlsLink(certificate, self._send, self.states.put_nowait)

    def _send(self, data: bytes) -> None:
        self.other.link.feed(data)

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


async def test_aiortc_still_has_the_names_that_we_use() -> None:
    made = RTCDtlsTransport(RTCIceTransport(RTCIceGatherer()), [new_certificate()])

    for name in ("_rx_srtp", "_tx_srtp", "_set_role", "start", "stop", "state", "on"):
        assert hasattr(made, name)
