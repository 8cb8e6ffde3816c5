"""A client of bare sockets: ICE, DTLS and SRTP by hand, on UDP or in RFC 4571 frames on TCP, and from any address.

aiortc has no ICE-TCP and no ICE restart; this one knows what a browser does there, and no more.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, cast

from aioice import stun

from signaling.media.dtls import DtlsLink, Session, fingerprints, new_certificate
from signaling.media.ortc import router_capabilities
from signaling.media.payloads import (
    CodecParameters,
    Direction,
    DtlsParameters,
    Encoding,
    IceCandidate,
    IceParameters,
    RtpParameters,
    TransportOptions,
)
from signaling.media.plane import MediaPlane

OPUS = CodecParameters(mime_type="audio/opus", payload_type=111, clock_rate=48000, channels=2)
PATIENCE = 5.0


class Way(Protocol):
    """How packets get to the port and back."""

    def send(self, packet: bytes) -> None: ...
    def close(self) -> None: ...


class Framed:
    """A TCP connection; `ended` is done when the other side has closed it."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.task: asyncio.Task[None]

    def send(self, packet: bytes) -> None:
        self._writer.write(struct.pack("!H", len(packet)) + packet)

    def send_raw(self, data: bytes) -> None:
        self._writer.write(data)

    def close(self) -> None:
        self.task.cancel()
        self._writer.close()

    async def read(self, reader: asyncio.StreamReader, take: Callable[[bytes], None]) -> None:
        try:
            while True:
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                take(await reader.readexactly(length))
        except (asyncio.IncompleteReadError, ConnectionError):
            self._writer.close()
            self.ended.set_result(None)


class Datagrams(asyncio.DatagramProtocol):
    """A UDP socket."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self.take = take
        self._socket: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._socket = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, address: object) -> None:
        self.take(data)

    def send(self, packet: bytes) -> None:
        self._socket.sendto(packet)

    def close(self) -> None:
        self._socket.close()


async def by_tcp(host: str, port: int, take: Callable[[bytes], None] = lambda _: None) -> Framed:
    reader, writer = await asyncio.open_connection(host, port)
    way = Framed(writer)
    way.task = asyncio.create_task(way.read(reader, take))
    return way


async def by_udp(host: str, port: int, take: Callable[[bytes], None] = lambda _: None) -> Datagrams:
    loop = asyncio.get_running_loop()
    _, way = await loop.create_datagram_endpoint(lambda: Datagrams(take), remote_addr=(host, port))
    return way


def request(ice: IceParameters, *, nominates: bool = True, password: str = "") -> stun.Message:
    """A binding request as a browser makes it."""
    asked = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    asked.attributes["USERNAME"] = f"{ice.username_fragment}:client"
    asked.attributes["PRIORITY"] = 1853817087
    asked.attributes["ICE-CONTROLLING"] = 7
    if nominates:
        asked.attributes["USE-CANDIDATE"] = None
    asked.add_message_integrity((password or ice.password).encode())
    return asked


@dataclass
class Raw:
    """One transport of a seat, from the client's side."""

    plane: MediaPlane
    seat: str
    options: TransportOptions
    ice: IceParameters
    sounds: list[bytes] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    consumer: str = ""
    answered: int = 0
    received: int = 0
    flights: int = 0
    _sent: int = 0
    _answers: dict[bytes, asyncio.Future[stun.Message]] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def candidate(self, protocol: str) -> IceCandidate:
        return next(each for each in self.options.ice_candidates if each.protocol == protocol)

    async def come(self, protocol: str, host: str = "127.0.0.1") -> Way:
        """Open a socket of one's own to the port; nothing has been said yet."""
        port = self.candidate(protocol).port
        way: Way = await (
            by_tcp(host, port, self.take) if protocol == "tcp" else by_udp(host, port, self.take)
        )
        self.ways.append(way)
        return way

    async def check(
        self, way: Way, *, nominates: bool = True, ice: IceParameters | None = None
    ) -> stun.Message:
        """A binding request and its answer."""
        asked = request(ice or self.ice, nominates=nominates)
        answer: asyncio.Future[stun.Message] = asyncio.get_running_loop().create_future()
        self._answers[asked.transaction_id] = answer
        way.send(bytes(asked))
        async with asyncio.timeout(PATIENCE):
            return await answer

    async def shake_hands(self) -> None:
        """DTLS by the last way that was opened, as client."""
        certificate = new_certificate()
        done = asyncio.Event()
        self._link = DtlsLink(certificate, self._send_dtls, lambda _: done.set())
        ours = DtlsParameters(fingerprints=fingerprints(certificate), role="client")
        await self.plane.connect_transport(self.seat, self.options.id, ours)
        theirs = DtlsParameters(fingerprints=self.options.dtls_parameters.fingerprints, role="server")
        self._link.connect(theirs)
        self._link.nominate()
        async with asyncio.timeout(PATIENCE):
            await done.wait()
        self._receiving, self._sending = self._link.sessions()

    async def produce(self, ssrc: int) -> str:
        """Announce a microphone."""
        self._ssrc = ssrc
        parameters = RtpParameters(mid="0", codecs=[OPUS], encodings=[Encoding(ssrc=ssrc)])
        return await self.plane.produce(self.seat, self.options.id, "audio", "mic", parameters)

    async def consume(self, producer: str) -> None:
        consumed = await self.plane.consume(self.seat, self.options.id, producer, router_capabilities())
        self.consumer = consumed.id
        await self.plane.resume_consumer(self.seat, consumed.id)

    def say(self, payload: bytes, way: Way | None = None) -> None:
        """One packet of sound."""
        self._sent += 1
        header = struct.pack("!BBHII", 0x80, 111, self._sent, self._sent * 960, self._ssrc)
        (way or self.ways[-1]).send(self._sending.protect(header + payload))

    async def hears(self, count: int) -> list[bytes]:
        """The payloads heard so far, once there are so many."""
        async with asyncio.timeout(PATIENCE):
            while len(self.sounds) < count:
                self._news.clear()
                await self._news.wait()
        return self.sounds

    async def restart(self) -> None:
        self.ice = await self.plane.restart_ice(self.seat, self.options.id)

    async def leave(self) -> None:
        """As a tab that is killed: not a word."""
        for way in self.ways:
            way.close()
        if hasattr(self, "_link"):
            await self._link.close()

    _link: DtlsLink = field(init=False)
    _receiving: Session = field(init=False)
    _sending: Session = field(init=False)
    _ssrc: int = 0

    def _send_dtls(self, data: bytes) -> None:
        self.ways[-1].send(data)

    def take(self, packet: bytes) -> None:
        self.received += 1
        if packet[0] < 4:
            answer = stun.parse_message(packet)
            self.answered += 1
            if asked := self._answers.pop(answer.transaction_id, None):
                asked.set_result(answer)
        elif packet[0] < 64:
            self.flights += 1
            self._link.feed(packet)
        elif not 191 < packet[1] < 224:
            self.sounds.append(self._payload(self._receiving.unprotect(packet)))
        self._news.set()

    @staticmethod
    def _payload(packet: bytes) -> bytes:
        """Behind the header and its extensions."""
        start = 12
        if packet[0] & 0x10:
            start += 4 + 4 * int.from_bytes(packet[14:16], "big")
        return packet[start:]


async def open_raw(plane: MediaPlane, room: str, seat: str, direction: Direction) -> Raw:
    options = await plane.open_transport(room, seat, direction)
    return Raw(plane, seat, options, options.ice_parameters)


async def connected(plane: MediaPlane, room: str, seat: str, direction: Direction, protocol: str) -> Raw:
    """A transport that has come this way and has its keys."""
    raw = await open_raw(plane, room, seat, direction)
    await raw.check(await raw.come(protocol))
    await raw.shake_hands()
    return raw
