"""One end of a transport that sends and takes single packets: real keys on a real socket, and no codec anywhere."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any

from aioice import stun
from aiortc import RTCCertificate

from signaling.media.dtls import DtlsLink, fingerprints
from signaling.media.payloads import DtlsParameters, TransportOptions

OPUS = {"mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000, "channels": 2}
CAPABILITIES = {"codecs": [OPUS | {"kind": "audio", "preferredPayloadType": 100}], "headerExtensions": []}
_HEADER = struct.Struct("!BBHII")


def sound(ssrc: int) -> dict[str, Any]:
    """What is to be said of a track of sound when it is produced."""
    return {"mid": "0", "codecs": [OPUS], "encodings": [{"ssrc": ssrc}], "rtcp": {"cname": "packets"}}


class Packets:
    """`take` is given the payload of every RTP packet that comes; `drain` hands on what has come by now."""

    def __init__(self, certificate: RTCCertificate, take: Callable[[bytes], None] = lambda _: None) -> None:
        self._take = take
        self._certificate = certificate
        self._connected = asyncio.Event()
        self._number = 0
        self._options: TransportOptions
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._link = DtlsLink(certificate, self._send, self._changed)

    @property
    def parameters(self) -> DtlsParameters:
        """What the server is told of this end."""
        return DtlsParameters(fingerprints=fingerprints(self._certificate), role="client")

    async def connect(self, options: TransportOptions) -> None:
        """Check the path and shake hands, once the server knows our parameters."""
        self._options = options
        candidate = options.ice_candidates[0]
        self._socket.connect((candidate.ip, candidate.port))
        asyncio.get_running_loop().add_reader(self._socket, self.drain)
        self.consent()
        theirs = DtlsParameters(fingerprints=options.dtls_parameters.fingerprints, role="server")
        self._link.connect(theirs)
        async with asyncio.timeout(10):
            while not self._connected.is_set():
                self.consent()
                self._link.nominate()
                await asyncio.wait({asyncio.ensure_future(self._connected.wait())}, timeout=0.5)

    def consent(self) -> None:
        """A binding request that nominates this path, as a browser sends it every few seconds."""
        ice = self._options.ice_parameters
        check = stun.Message(
            stun.Method.BINDING,
            stun.Class.REQUEST,
            attributes={
                "USERNAME": f"{ice.username_fragment}:packets",
                "PRIORITY": 1,
                "ICE-CONTROLLING": 1,
                "USE-CANDIDATE": None,
            },
        )
        check.add_message_integrity(ice.password.encode())
        self._send(bytes(check))

    def send(self, ssrc: int, payload: bytes) -> None:
        """One packet of sound with this payload."""
        self._number += 1
        number = self._number
        header = _HEADER.pack(0x80, 111, number & 0xFFFF, number * 960 & 0xFFFFFFFF, ssrc)
        self._send(self._link.sessions()[1].protect(header + payload))

    def drain(self) -> None:
        """Take everything that lies in the socket."""
        while True:
            try:
                data = self._socket.recv(2048)
            except (BlockingIOError, ConnectionRefusedError):
                return
            if 19 < data[0] < 64:
                self._link.feed(data)
            elif 127 < data[0] < 192 and not 191 < data[1] < 224:
                packet = self._link.sessions()[0].unprotect(data)
                extension = 4 + 4 * int.from_bytes(packet[14:16], "big") if packet[0] & 0x10 else 0
                self._take(packet[12 + extension :])

    async def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        await self._link.close()
        self._socket.close()

    def _send(self, data: bytes) -> None:
        self._socket.send(data)

    def _changed(self, state: str) -> None:
        if state == "connected":
            self._connected.set()
