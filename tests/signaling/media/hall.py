"""A stage in this process: a real port on loopback, real SRTP keys without the handshake, and a clock that is turned by hand."""

from __future__ import annotations

import os
import socket
import struct
from typing import Any

import msgspec
from aiortc.rtp import AnyRtcpPacket, RtcpPacket
from pylibsrtp import Policy, Session

from signaling.media.dtls import cipher
from signaling.media.ortc import router_capabilities
from signaling.media.payloads import (
    CodecParameters,
    Direction,
    Encoding,
    ExtensionParameters,
    Kind,
    RtpParameters,
    RtxEncoding,
    Source,
)
from signaling.media.port import Port, bind
from signaling.media.producer import Producer
from signaling.media.rounds import TICK, Rounds
from signaling.media.stage import Stage
from tests.signaling.media.raw import request

OPUS = CodecParameters(mime_type="audio/opus", payload_type=111, clock_rate=48000, channels=2)
VP8 = CodecParameters(mime_type="video/VP8", payload_type=96, clock_rate=90_000)
RTX = CodecParameters(mime_type="video/rtx", payload_type=97, clock_rate=90_000, parameters={"apt": 96})

# A keyframe of VP8 with a picture id, as small as it gets.
KEYFRAME = b"\x90\x80\x80\x01\x00\x00\x00\x9d\x01\x2a\x40\x01\xb4\x00"


class Hall:
    """Everything that a worker has but its process."""

    def __init__(self) -> None:
        self.port = Port(bind("127.0.0.1", 0))
        self.told: list[msgspec.Struct] = []
        self.stage = Stage(self.port, [], self.told.append)
        self.rounds = Rounds(self.stage, self.port, self.told.append, silent_after=14.0, closed_after=30.0)
        self.address = ("127.0.0.1", self.port.number)
        self.peers: list[Peer] = []
        self.strangers: list[socket.socket] = []

    @property
    def drops(self) -> dict[str, int]:
        return dict(self.port.drops)

    def come(self, name: str, direction: Direction, *, place: str | None = "main", room: str = "A") -> Peer:
        """Somebody with a transport that has its path and its keys."""
        self.stage.place_seat(room, name, place)
        peer = Peer(self, room, name, direction)
        peer.check()
        peer.agree()
        return peer

    def stranger(self) -> socket.socket:
        """A socket that has proved nothing."""
        made = bind("127.0.0.1", 0)
        self.strangers.append(made)
        return made

    def say(self, data: bytes, sock: socket.socket) -> None:
        sock.sendto(data, self.address)
        self.port.drain()

    def turn(self, rounds: int, now: float) -> None:
        """So many ticks of the worker's clock, ending now."""
        for count in range(1, rounds + 1):
            self.rounds._round(count, now - (rounds - count) * TICK)

    def close(self) -> None:
        for seat in list(self.stage.seats):
            self.stage.close_seat(seat)
        for each in [*(peer.socket for peer in self.peers), *self.strangers, self.port._socket]:
            each.close()


class Peer:
    """One transport of a seat, from its client's side."""

    def __init__(self, hall: Hall, room: str, seat: str, direction: Direction) -> None:
        self.hall = hall
        self.seat = seat
        self.options = hall.stage.open_transport(room, seat, direction)
        self.transport = hall.stage.seats[seat].transports[self.options.id]
        self.socket = bind("127.0.0.1", 0)
        self.numbers: dict[int, int] = {}
        self._sending, self._receiving = _session("out"), _session("in")
        hall.peers.append(self)

    def check(self, sock: socket.socket | None = None, **asked: Any) -> None:
        self.say(bytes(request(self.options.ice_parameters, **asked)), sock)

    def agree(self) -> None:
        """What a handshake gives: a key for each direction."""
        up, down = os.urandom(44), os.urandom(44)
        self._sending, ours_in = _session("out", up), _session("in", up)
        ours_out, self._receiving = _session("out", down), _session("in", down)
        transport = self.transport
        transport.unprotect = cipher(ours_in, "unprotect")
        transport.unprotect_rtcp = cipher(ours_in, "unprotect_rtcp")
        transport.protect = cipher(ours_out, "protect")
        transport.protect_rtcp = cipher(ours_out, "protect_rtcp")
        transport._sessions = ours_in, ours_out
        transport.keyed = True
        self.hall.stage.transport_changed(transport, "connected")

    def produce(
        self, *encodings: Encoding, kind: Kind = "audio", source: Source | None = None, **more: Any
    ) -> Producer:
        codecs = [OPUS] if kind == "audio" else [VP8, RTX]
        parameters = RtpParameters(codecs=codecs, encodings=list(encodings), **more)
        source = source or ("mic" if kind == "audio" else "camera")
        return self.hall.stage.produce(self.seat, self.transport.id, kind, source, parameters)

    def take(self, producer: Producer) -> str:
        """Consume, and let it flow."""
        options = self.hall.stage.consume(self.seat, self.transport.id, producer.id, router_capabilities())
        self.hall.stage.set_consumer(self.seat, options.id, paused=False)
        return options.id

    def say(self, data: bytes, sock: socket.socket | None = None) -> None:
        self.hall.say(data, sock or self.socket)

    def sealed(self, packet: bytes) -> bytes:
        return self._sending.protect(packet)

    def send(self, packet: bytes) -> None:
        self.say(self.sealed(packet))

    def send_rtcp(self, packet: bytes) -> None:
        self.say(self._sending.protect_rtcp(packet))

    def speak(self, ssrc: int, payload: bytes, payload_type: int = 111) -> None:
        """The next packet of a stream."""
        self.numbers[ssrc] = number = self.numbers.get(ssrc, 0) + 1
        self.send(rtp(ssrc, number, payload_type=payload_type, timestamp=number * 960) + payload)

    def got(self) -> list[bytes]:
        """All datagrams that have come since the last time, as they are."""
        found = []
        while True:
            try:
                found.append(self.socket.recv(2048))
            except BlockingIOError:
                return found

    def told(self, got: list[bytes] | None = None) -> list[AnyRtcpPacket]:
        """What the server has reported or asked for."""
        sealed = [data for data in got or self.got() if data[0] > 127 and 191 < data[1] < 224]
        return [each for data in sealed for each in RtcpPacket.parse(self._receiving.unprotect_rtcp(data))]

    def heard(self) -> list[bytes]:
        """The payloads of the media among them."""
        media = [data for data in self.got() if data[0] > 127 and not 191 < data[1] < 224]
        return [payload_of(self._receiving.unprotect(data)) for data in media]


def rtp(
    ssrc: int, number: int, *, payload_type: int = 111, timestamp: int = 0, first: int = 0x80, marker: int = 0
) -> bytes:
    return struct.pack("!BBHII", first, marker << 7 | payload_type, number & 0xFFFF, timestamp, ssrc)


def picture(number: int, temporal: int = 0, *, key: bool = False) -> bytes:
    """A packet of VP8 that is a whole picture, of a stream with temporal layers."""
    head = struct.pack("!BBHBB", 0x90, 0xE0, 0x8000 | number & 0x7FFF, number & 0xFF, temporal << 6)
    return head + (KEYFRAME[4:] if key else b"\x01\x00\x00")


def encoding(ssrc: int | None = None, rtx: int | None = None, rid: str | None = None) -> Encoding:
    return Encoding(ssrc=ssrc, rid=rid, rtx=RtxEncoding(ssrc=rtx) if rtx is not None else None)


def extension(uri: str, number: int) -> ExtensionParameters:
    return ExtensionParameters(uri=uri, id=number)


def payload_of(packet: bytes) -> bytes:
    """Behind the header and its extensions."""
    start = 12
    if packet[0] & 0x10:
        start += 4 + 4 * int.from_bytes(packet[14:16], "big")
    return packet[start:]


def _session(direction: str, key: bytes = bytes(44)) -> Session:
    policy = Policy(
        key=key,
        ssrc_type=Policy.SSRC_ANY_OUTBOUND if direction == "out" else Policy.SSRC_ANY_INBOUND,
        srtp_profile=Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
    )
    policy.allow_repeat_tx = True
    policy.window_size = 1024
    return Session(policy)
