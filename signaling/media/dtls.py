"""The one place that touches aiortc's underscore names: a DTLS handshake on our own path, and the SRTP sessions it gives.

`RTCDtlsTransport` expects an ICE transport and only asks it for `_recv`, `_send` and `role`; `DtlsLink` offers these.
SRTP packets never pass through it. tests/signaling/media/test_dtls.py fails if one of the names vanishes.

`pylibsrtp.Session` allocates twice and checks three times for each packet, which costs as much as the cipher itself; the
functions made by `cipher` call the library on one buffer instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pylibsrtp
from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport

from signaling.media.payloads import DtlsParameters, Fingerprint, Role

SrtpError = pylibsrtp.Error
Session = pylibsrtp.Session
Cipher = Callable[[bytes], bytes]

# A ClientHello may come before the signalling has told us the fingerprint; more than a flight is not kept.
_KEPT = 16
# What a transport takes of this in all its life: a handshake has some kB, and after it comes no more than a goodbye.
# OpenSSL keeps all that aiortc does not read, and of a datagram with many records it reads only one.
_MOST_BYTES = 64 * 1024


def new_certificate() -> RTCCertificate:
    """Valid for 30 days, so each worker process makes its own."""
    return RTCCertificate.generateCertificate()


def fingerprints(certificate: RTCCertificate) -> list[Fingerprint]:
    return [
        Fingerprint(algorithm=each.algorithm, value=each.value)
        for each in certificate.getFingerprints()
        if each.algorithm == "sha-256"
    ]


# What libsrtp adds at the most, and what it may be given.
_TRAILER = 4 + 16 + 128
_LONGEST = 1500
_libsrtp: Any = import_module("pylibsrtp._binding")
_cdata = _libsrtp.ffi.new("unsigned char[]", _LONGEST)
_buffer = _libsrtp.ffi.buffer(_cdata)
_length = _libsrtp.ffi.new("int *")


def cipher(session: Session, name: str) -> Cipher:
    """One direction of a session as a function: `protect`, `unprotect`, `protect_rtcp` or `unprotect_rtcp`.

    Raises `SrtpError` for what does not authenticate or came before, and `ValueError` for what is too long. All share one
    buffer: they run in one thread, one after the other.
    """
    context = session._srtp[0]
    transform = getattr(_libsrtp.lib, f"srtp_{name}")
    longest = _LONGEST if name.startswith("un") else _LONGEST - _TRAILER
    # Bound here: a closure's names are found quicker than a module's.
    cdata, buffer, length = _cdata, _buffer, _length

    def run(packet: bytes, _keep: Session = session) -> bytes:
        size = len(packet)
        if size > longest:
            raise ValueError("packet is too long")
        buffer[0:size] = packet
        length[0] = size
        status = transform(context, cdata, length)
        if status:
            raise SrtpError(pylibsrtp.ERRORS[status])
        plain: bytes = buffer[0 : length[0]]
        return plain

    return run


class DtlsLink:
    """One handshake. `changed` is told `connected`, `failed` or `closed`."""

    role = "controlled"

    def __init__(
        self, certificate: RTCCertificate, send: Callable[[bytes], None], changed: Callable[[str], None]
    ) -> None:
        self._send_now = send
        self._changed = changed
        self._inbox: asyncio.Queue[bytes | None] = asyncio.Queue(_KEPT)
        self._left = _MOST_BYTES
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

    def feed(self, data: bytes) -> bool:
        """Take a datagram whose first byte is 20-63; false when there have been too many."""
        if self._inbox.full() or self._left < len(data):
            return False
        self._left -= len(data)
        self._inbox.put_nowait(data)
        return True

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
        # Each holds the other, and some 100 kB of OpenSSL's: the collector, which comes seldom, sees a few small objects.
        self._dtls.remove_all_listeners()
        del self._dtls, self._task, self._send_now, self._changed

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
