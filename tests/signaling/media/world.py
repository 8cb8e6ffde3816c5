"""A stage without keys, whose every packet out is looked at: what hypothesis and atheris play against.

Plain text stands where SRTP would be, so that whoever makes the bytes is as good as an admitted client.
"""

from __future__ import annotations

import socket
from collections import defaultdict

import msgspec

from signaling.media.extensions import (
    AUDIO_LEVEL,
    MID,
    REPAIRED_RID,
    RID,
    TRANSPORT_CC,
    VIDEO_ORIENTATION,
)
from signaling.media.ice import Address
from signaling.media.ortc import is_rtx, router_capabilities
from signaling.media.outgoing import Outgoing
from signaling.media.payloads import CodecParameters, Direction, Encoding, RtpParameters
from signaling.media.police import MOST_REPORTERS, REPAIRS
from signaling.media.port import Port, bind
from signaling.media.rounds import TICK, Rounds
from signaling.media.rtp import unwrap
from signaling.media.stage import Stage
from signaling.media.transport import Transport
from tests.signaling.media.hall import OPUS, RTX, VP8, encoding, extension

EXTENSIONS = {MID: 1, RID: 2, REPAIRED_RID: 3, TRANSPORT_CC: 5, AUDIO_LEVEL: 10, VIDEO_ORIENTATION: 11}
# SSRCs that are announced, and the payload types that belong to them.
STREAMS = {7: 111, 20: 96, 21: 96, 22: 96, 30: 97, 31: 97, 32: 97, 40: 96, 41: 97, 50: 103, 60: 105, 70: 107}
WHERE: dict[str, Address] = {
    name: (f"192.0.2.{place}", 1) for place, name in enumerate(("anna", "dora", "eric", "bert", "clara"))
}
_OTHERS = {50: "video/H264", 60: "video/VP9", 70: "video/AV1"}
_H264 = {"packetization-mode": 1, "profile-level-id": "42e01f"}
_REMEMBERED = 2048
# What a client can be sent for a second of its own packets, beside what it subscribes to.
_WAYS_OUT = 3

_sockets: list[socket.socket] = []


class Nonces:
    """What went out under each number: SRTP must never cover two things with one."""

    def __init__(self) -> None:
        self._highest: dict[int, int] = {}
        self._sent: defaultdict[int, dict[int, bytes]] = defaultdict(dict)
        self.count = 0

    def protect(self, data: bytes) -> bytes:
        if len(data) > 1352:
            raise ValueError("packet is too long")
        self.count += 1
        ssrc, number = int.from_bytes(data[8:12], "big"), int.from_bytes(data[2:4], "big")
        highest = self._highest.get(ssrc, number + 0x10000)
        full = unwrap(number, highest)
        assert highest - full < 1024, "older than the window that SRTP has"
        sent = self._sent[ssrc]
        assert sent.setdefault(full, data) == data, f"two packets of {ssrc} under the number {full}"
        self._highest[ssrc] = max(highest, full)
        if len(sent) > 2 * _REMEMBERED:
            for each in sorted(sent)[:_REMEMBERED]:
                del sent[each]
        return data


class Mute(Port):
    """Answers to checks go nowhere."""

    def send(self, data: bytes, address: Address) -> None:
        self.packets_out += 1


class World:
    """Three who publish in every way there is, and two who take all of it, with and without RTX."""

    def __init__(self) -> None:
        if not _sockets:
            _sockets.append(bind("127.0.0.1", 0))
        self.port = Mute(_sockets[0])
        self.told: list[msgspec.Struct] = []
        self.stage = Stage(self.port, [], self.told.append)
        self.rounds = Rounds(self.stage, self.port, self.told.append, silent_after=1e9, closed_after=1e9)
        self.now = 1000.0
        self.turns = 0
        self.came = 0
        self.numbers: dict[int, int] = {}
        self.pictures = 0
        self.nonces: dict[str, Nonces] = {}
        self.transports = {
            name: self._transport(name, "recv" if name in ("bert", "clara") else "send") for name in WHERE
        }
        self._publish()
        self.sinks = [*self._subscribe("bert", rtx=True), *self._subscribe("clara", rtx=False)]

    def come(self, name: str, data: bytes) -> None:
        """A datagram from somebody's own address, as the port gets it; an exception is the end."""
        self.came += 1
        self.port.receive(data, WHERE[name], self.now)

    def turn(self, seconds: float) -> None:
        """Time goes by, and the worker makes its rounds; what is due each 2 s as well."""
        for _ in range(min(200, max(1, int(seconds / TICK)))):
            self.now += TICK
            self.turns += 1
            self.rounds._round(self.turns, self.now)

    def check(self) -> None:
        """What has to hold whatever has come."""
        assert self.port.drops["fault"] == 0
        assert len(self.port.drops) < 20
        out = sum(each.count for each in self.nonces.values())
        repairs = 2 * REPAIRS * (1 + self.turns * TICK)
        assert out <= self.came * _WAYS_OUT + repairs
        for transport in self.transports.values():
            assert len(transport.incoming) + len(transport.repairs) < 40
            assert len(transport.reporters) <= MOST_REPORTERS
            assert all(len(stream.missing) <= 128 for stream in transport.incoming.values())
        assert all(len(sink.repairs) <= 2048 and len(sink.reception.sent) <= 8 for sink in self.sinks)
        msgspec.msgpack.encode([*map(self.rounds.figures.of, self.transports.values()), *self.told])
        self.told.clear()

    def _transport(self, name: str, direction: Direction) -> Transport:
        self.stage.place_seat("A", name, "main")
        opened = self.stage.open_transport("A", name, direction)
        transport = self.stage.seats[name].transports[opened.id]
        transport.keyed, transport.state = True, "connected"
        transport.address = WHERE[name]
        transport.addresses[WHERE[name]] = transport.consent_at = transport.heard_at = self.now
        transport.carry = lambda data, address: None
        transport.unprotect = transport.unprotect_rtcp = transport.protect_rtcp = _open
        self.nonces[name] = Nonces()
        transport.protect = self.nonces[name].protect
        self.port.route(WHERE[name], transport)
        return transport

    def _publish(self) -> None:
        known = [extension(uri, number) for uri, number in EXTENSIONS.items()]
        layers = [encoding(20 + at, 30 + at, f"r{at}") for at in range(3)]
        temporal = Encoding(ssrc=40, rtx=encoding(40, 41).rtx, scalability_mode="L1T3")
        unnamed = [encoding(rid=f"r{at}") for at in range(3)]
        for name, mid, kind, codecs, encodings in (
            ("anna", "0", "audio", [OPUS], [encoding(7)]),
            ("anna", "1", "video", [VP8, RTX], layers),
            ("dora", "2", "video", [VP8, RTX], [temporal]),
            ("dora", "3", "video", [VP8, RTX], unnamed),
            *(("eric", str(ssrc), "video", [_codec(ssrc)], [encoding(ssrc)]) for ssrc in _OTHERS),
        ):
            parameters = RtpParameters(mid=mid, codecs=codecs, encodings=encodings, header_extensions=known)
            self.stage.produce(
                name,
                self.transports[name].id,
                "audio" if kind == "audio" else "video",
                "mic" if kind == "audio" else "camera",
                parameters,
            )

    def _subscribe(self, name: str, *, rtx: bool) -> list[Outgoing]:
        wanted = router_capabilities()
        if not rtx:
            wanted.codecs = [each for each in wanted.codecs if not is_rtx(each.mime_type)]
        sinks = []
        for producer in self.stage.producers.values():
            options = self.stage.consume(name, self.transports[name].id, producer.id, wanted)
            self.stage.set_consumer(name, options.id, paused=False)
            sinks.append(producer.consumers[options.id].sink)
        return sinks


def _codec(ssrc: int) -> CodecParameters:
    name = _OTHERS[ssrc]
    told = _H264 if name == "video/H264" else {}
    return CodecParameters(mime_type=name, payload_type=STREAMS[ssrc], clock_rate=90_000, parameters=told)


def _open(data: bytes) -> bytes:
    return data
