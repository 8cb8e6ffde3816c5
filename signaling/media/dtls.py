"""The one place that touches aiortc's underscore names: a DTLS handshake on our own path, and the SRTP sessions it gives.

`RTCDtlsTransport` expects an ICE transport and only asks it for `_recv`, `_send` and `role`; `DtlsLink` offers these.
SRTP packets never pass through it. tests/signaling/media/test_dtls.py fails if one of the names vanishes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pylibsrtp
from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport

from signaling.media.payloads import DtlsParameters, Fingerprint, Role

SrtpError = pylibsrtp.Error
Session = pylibsrtp.Session

# A ClientHello may come before the signalling has told us the fingerprint; more than a flight is not kept.
_KEPT = 16


def new_certificate() -> RTCCertificate:
    """Valid for 30 days, so each worker process makes its own."""
    return RTCCertificate.generateCertificate()


def fingerprints(certificate: RTCCertificate) -> list[Fingerprint]:
    return [
        Fingerprint(algorithm=each.algorithm, value=each.value)
        for each in certificate.getFingerprints()
        if each.algorithm == "sha-256"
    ]


class DtlsLink:
    """One handshake. `changed` is told `connected`, `failed` or `closed`."""

    role = "controlled"

    def __init__(
        self, certificate: RTCCertificate, send: Callable[[bytes], None], changed: Callable[[str], None]
    ) -> None:
        self._send_now = send
        self._changed = changed
        self._inbox: asyncio.Queue[bytes | None] = asyncio.Queue(_KEPT)
        self._task: asyncio.Task[None] | None = None
        self._theirs: RTCDtlsParameters | None = None
        self._our_role: Role = "auto"
        self._nominated = False
        self._closed = False
        path: Any = self
        self._dtls = RTCDtlsTransport(path, [certificate])
        self._dtls.on("statechange", self._state_changed)

    @property
    def known(self) -> bool:
        """Whether the other side's fingerprint has been told."""
        return self._theirs is not None

    def connect(self, theirs: DtlsParameters) -> None:
        """Take the opposite of the other side's role; as client, wait for a nominated path."""
        self._theirs = RTCDtlsParameters(
            fingerprints=[RTCDtlsFingerprint(each.algorithm, each.value) for each in theirs.fingerprints]
        )
        self._our_role = "client" if theirs.role == "server" else "server"
        self._begin()

    def nominate(self) -> None:
        """A check with USE-CANDIDATE came: there is a path to start on."""
        if not self._nominated:
            self._nominated = True
            self._begin()

    def feed(self, data: bytes) -> None:
        """A datagram whose first byte is 20-63."""
        if not self._inbox.full():
            self._inbox.put_nowait(data)

    def sessions(self) -> tuple[Session, Session]:
        """The SRTP sessions to receive and to send with, once connected."""
        return self._dtls._rx_srtp, self._dtls._tx_srtp

    async def close(self) -> None:
        """Say goodbye and let go of everything."""
        self._closed = True
        await self._dtls.stop()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _begin(self) -> None:
        ready = self._theirs is not None and (self._our_role == "server" or self._nominated)
        if ready and self._task is None and not self._closed:
            self._dtls._set_role(self._our_role)
            self._task = asyncio.get_running_loop().create_task(self._shake_hands())

    async def _shake_hands(self) -> None:
        assert self._theirs is not None
        try:
            await self._dtls.start(self._theirs)
        except Exception:
            self._report("failed")
            raise

    def _state_changed(self) -> None:
        if self._dtls.state in ("connected", "failed", "closed"):
            self._report(self._dtls.state)

    def _report(self, state: str) -> None:
        if not self._closed:
            self._changed(state)

    async def _recv(self) -> bytes:
        data = await self._inbox.get()
        if data is None:
            raise ConnectionError
        return data

    async def _send(self, data: bytes) -> None:
        self._send_now(data)
