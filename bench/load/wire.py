"""A client's end of one transport: a UDP socket, ICE checks, the DTLS handshake, and then the SRTP sessions bare."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from aioice import stun
from aiortc import RTCCertificate

from bench.load.plan import Line
from signaling.media.dtls import DtlsLink
from signaling.media.ice import Credentials, read_check
from signaling.media.payloads import DtlsParameters

_BUFFER = 1 << 20
_AGAIN = 0.25
# SO_TIMESTAMPNS: the kernel notes when a packet came, so a client that reads late measures no delay of its own.
STAMPED = 35
# What SRTP adds with AES-256-GCM; the bare loop gets packets of the same size.
TAG = bytes(16)
_REQUEST = b"\x00\x01"


class Wire:
    """Bare wires say their name and get packets as they are; the others shake hands first."""

    def __init__(self, line: Line, certificate: RTCCertificate) -> None:
        self.line = line
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self.socket.setsockopt(socket.SOL_SOCKET, STAMPED, 1)
        self.socket.setblocking(False)
        self.socket.connect(line.address)
        self.protect: Callable[[bytes], bytes] = _add_tag
        self.unprotect: Callable[[bytes], bytes] = _cut_tag
        self.protect_rtcp: Callable[[bytes], bytes] = _add_tag
        self.unprotect_rtcp: Callable[[bytes], bytes] = _cut_tag
        self._certificate = certificate
        self._own = Credentials(*line.own) if line.own else Credentials()
        self._link: DtlsLink | None = None
        self._silent = False
        self._answered = asyncio.Event()
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def secure(self) -> bool:
        return bool(self.line.fingerprints)

    async def connect(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_reader(self.socket.fileno(), self._drain)
        try:
            async with asyncio.timeout(30):
                await self._until_answered()
                if self.secure:
                    await self._shake_hands()
        finally:
            loop.remove_reader(self.socket.fileno())

    async def _until_answered(self) -> None:
        while not self._answered.is_set():
            self.check()
            try:
                await asyncio.wait_for(self._answered.wait(), _AGAIN)
            except TimeoutError:
                continue

    async def _shake_hands(self) -> None:
        self._link = DtlsLink(self._certificate, self._send, self._changed)
        theirs = DtlsParameters(fingerprints=list(self.line.fingerprints), role="server")
        self._link.connect(theirs)
        self._link.nominate()
        await self._done
        receive, send = self._link.sessions()
        self.protect, self.protect_rtcp = send.protect, send.protect_rtcp
        self.unprotect, self.unprotect_rtcp = receive.unprotect, receive.unprotect_rtcp

    def check(self) -> None:
        """Ask for consent to send, as a browser does all the time (RFC 7675); a bare wire says its name."""
        if not self.secure:
            self._send(self.line.fragment.encode())
            return
        request = stun.Message(
            stun.Method.BINDING,
            stun.Class.REQUEST,
            attributes={
                "USERNAME": f"{self.line.fragment}:{self._own.fragment}",
                "PRIORITY": 1853824767,
                "ICE-CONTROLLING": 1,
                "USE-CANDIDATE": None,
            },
        )
        request.add_message_integrity(self.line.password.encode())
        self._send(bytes(request))

    def answer(self, data: bytes) -> None:
        """A server that is no ICE-lite checks in turn."""
        check = read_check(data)
        if check is not None:
            self._send(check.answer(self._own, self.line.address))

    async def close(self, *, goodbye: bool) -> None:
        """A tab that is closed says goodbye; a phone in a tunnel does not."""
        if not goodbye:
            self._silent = True
        if self._link is not None:
            await self._link.close()
        self.socket.close()

    def _send(self, data: bytes) -> None:
        if self._silent:
            return
        try:
            self.socket.send(data)
        except OSError:
            return  # as lost as on any line

    def _drain(self) -> None:
        while True:
            try:
                data = self.socket.recv(2048)
            except BlockingIOError:
                return
            if self._link is not None and 19 < data[0] < 64:
                self._link.feed(data)
            elif self.line.own and data[:2] == _REQUEST:
                self.answer(data)
            elif data[0] < 4 or not self.secure:
                self._answered.set()

    def _changed(self, state: str) -> None:
        if self._done.done():
            return
        if state == "connected":
            self._done.set_result(None)
        else:
            self._done.set_exception(ConnectionError(f"the handshake {state}"))


def _add_tag(data: bytes) -> bytes:
    return data + TAG


def _cut_tag(data: bytes) -> bytes:
    return data[: -len(TAG)]
