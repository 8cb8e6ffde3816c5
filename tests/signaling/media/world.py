"""A stage without keys, whose every packet out is looked at: what hypothesis and atheris play against.

Plain text stands where SRTP would be, so that whoever makes the bytes is as good as an admitted client.
"""

from __future__ import annotations

import hmac
import socket
import struct
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
from tests.signaling.media.hall import KEYFRAME, OPUS, RTX, VP8, encoding, extension, picture

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
        assert all(len(sink._resent) <= 2048 and len(sink.reports) <= 8 for sink in self.sinks)
        msgspec.msgpack.encode([*map(self.rounds._figures, self.transports.values()), *self.told])
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


class Script:
    """Bytes as a play: whatever they are, they are some sequence of things that clients do."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def play(self, world: World) -> None:
        acts = (
            self._rtp,
            self._extended,
            self._wishes,
            self._picture,
            self._picture,
            self._run,
            self._run,
            self._rtcp,
            self._remb,
            self._nack,
            self._check,
            self._turn,
            self._set,
            self._raw,
        )
        while self._at < len(self._data):
            acts[self._number(1) % len(acts)](world)
        world.turn(0.5)
        world.check()

    def _number(self, size: int) -> int:
        return int.from_bytes(self._take(size), "big")

    def _take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        self._at += size
        return taken.ljust(size, b"\0")

    def _stream(self) -> tuple[str, int]:
        """Somebody, and one of the announced SSRCs: mostly one's own."""
        ssrcs = list(STREAMS)
        ssrc = ssrcs[self._number(1) % len(ssrcs)]
        owner = "anna" if ssrc < 40 else "dora" if ssrc < 50 else "eric"
        return owner, ssrc

    def _header(self, world: World, ssrc: int, first: int) -> bytes:
        """The next number, or one a little before or after it; now and then one from far away."""
        how = self._number(1)
        number = world.numbers.get(ssrc, 65_400)
        number += (1 if how < 128 else how - 192) if how < 250 else self._number(2)
        world.numbers[ssrc] = number & 0xFFFF
        marker = 0x80 * (how & 1)
        return struct.pack(
            "!BBHII", first, marker | STREAMS[ssrc], number & 0xFFFF, number * 960 & 0xFFFFFFFF, ssrc
        )

    def _rtp(self, world: World) -> None:
        """A packet of a stream with a header that may lie."""
        owner, ssrc = self._stream()
        header = self._header(world, ssrc, 0x80 | self._number(1) & 0x3F)
        world.come(owner, header + self._take(self._number(1) % 80))

    def _extended(self, world: World) -> None:
        """Header extensions of both kinds that may lie about their length; transport-wide numbers that jump."""
        owner, ssrc = self._stream()
        how = self._number(1)
        header = self._header(world, ssrc, 0x90 | how & 0x20)
        block = b""
        for _ in range(how & 7):
            number = (1, 2, 3, 5, 5, 10, 11, 15)[self._number(1) & 7]
            value = (b"0", b"r0", b"1", b"r1")[self._number(1) & 3] if number < 4 else self._take(2)
            head = bytes((number, len(value))) if how & 8 else bytes((number << 4 | len(value) - 1,))
            block += head + value
        block += bytes(-len(block) % 4)
        lie = self._number(1)
        words = len(block) // 4 if lie < 200 else lie
        start = struct.pack("!HH", 0x1000 if how & 8 else 0xBEDE, words)
        world.come(owner, header + start + block + self._take(self._number(1) & 15))

    def _wishes(self, world: World) -> None:
        """Keyframes for everything, and for what there is not."""
        ssrcs = [sink.ssrc for sink in world.sinks] + [self._number(4)]
        entries = b"".join(struct.pack("!II", each, 0) for each in ssrcs * (1 + self._number(1) % 10))
        fir = struct.pack("!BBHII", 0x84, 206, 2 + len(entries) // 4, 9, 0) + entries
        pli = struct.pack("!BBHII", 0x81, 206, 2, 9, ssrcs[self._number(1) % len(ssrcs)])
        world.come("bert", fir[:1400])
        world.come("bert", pli * (1 + self._number(1) % 100))

    def _picture(self, world: World) -> None:
        """A packet with a payload descriptor of VP8, perhaps cut off, perhaps in a repair."""
        owner, ssrc = self._stream()
        header = self._header(world, ssrc, 0x80)
        wide = self._number(1)
        number = self._take(2) if wide & 1 else self._take(1)
        number = bytes((number[0] | 0x80 if wide & 1 else number[0] & 0x7F,)) + number[1:]
        body = bytes((0x80 | wide & 0x10, 0x80 | wide & 0x60)) + number + self._take(2)
        body += KEYFRAME[4:] if wide & 2 else b"\1\0\0"
        repaired = (
            struct.pack("!H", world.numbers.get(ssrc - 10, 0) + wide & 0xFFFF) if STREAMS[ssrc] == 97 else b""
        )
        world.come(owner, header + (repaired + body)[: 255 if wide & 8 else self._number(1)])

    def _run(self, world: World) -> None:
        """Some pictures of a stream of several layers: late, in leaps, with and without their numbers."""
        which = self._number(1)
        ssrc = (40, 40, 20, 22)[which & 3]
        owner = "dora" if ssrc == 40 else "anna"
        for sink in world.sinks:
            sink.temporal = which >> 2 & 3
        for _ in range(self._number(1) & 63):
            how = self._number(1)
            number, shown = world.numbers.get(ssrc, 65_400), world.pictures
            if how & 3 == 3:
                number, shown = number - (how >> 2 & 7), shown - (how >> 5)
            else:
                step = 1 + (how >> 2 & 3) if how < 240 else 32_766
                number, shown = number + step, shown + 1 + (how >> 2 & 3)
                world.numbers[ssrc], world.pictures = number & 0xFFFF, shown
            body = b"\x90\0\0\1" if how >> 5 == 7 else picture(shown, how >> 4 & 3, key=how >> 2 & 63 == 0)
            world.come(owner, struct.pack("!BBHII", 0x80, 96, number & 0xFFFF, number & 0xFFFF, ssrc) + body)

    def _remb(self, world: World) -> None:
        """An estimate, from nothing to more than there is."""
        how = self._number(2)
        body = struct.pack("!4sBBHI", b"REMB", 1, how >> 8, how & 0xFF, 7)
        world.come(("bert", "clara")[how & 1], struct.pack("!BBHII", 0x8F, 206, 5, 9, 0) + body)

    def _rtcp(self, world: World) -> None:
        """A compound whose lengths may lie."""
        name = ("anna", "bert", "clara")[self._number(1) % 3]
        sinks = world.sinks
        data = b""
        for _ in range(1 + self._number(1) % 4):
            kind, count, size = 200 + self._number(1) % 8, self._number(1) & 0x3F, self._number(1) % 16
            media = (
                sinks[self._number(1) % len(sinks)].ssrc if size & 1 else list(STREAMS)[size % len(STREAMS)]
            )
            body = struct.pack("!II", media if kind == 200 else 9, media) + self._take(4 * size)
            lie = self._number(1)
            data += struct.pack("!BBH", 0x80 | count, kind, lie if lie > 240 else 2 + size) + body
        world.come(name, data)

    def _nack(self, world: World) -> None:
        sink = world.sinks[self._number(1) % len(world.sinks)]
        pairs = 1 + self._number(1)
        first = sink._last_index - self._number(1)
        body = b"".join(struct.pack("!HH", first + 17 * at & 0xFFFF, 0xFFFF) for at in range(pairs))
        head = struct.pack("!BBHII", 0x81, 205, 2 + pairs, 9, sink.ssrc)
        name = next(name for name, each in world.transports.items() if each is sink.transport)
        world.come(name, (head + body)[:1400])

    def _check(self, world: World) -> None:
        """A binding request that knows the password, with attributes that may be anything."""
        name = list(WHERE)[self._number(1) % len(WHERE)]
        ours = world.transports[name].credentials
        user = f"{ours.fragment}:x".encode().ljust(20, b"x")
        told = self._take(self._number(1) & 0x7C)
        body = struct.pack("!HH", 6, len(user)) + user + told
        head = struct.pack("!HHI", 1, len(body) + 24, 0x2112A442) + bytes(12)
        proof = hmac.digest(ours.password.encode(), head + body, "sha1")
        world.come(name, head + body + b"\0\x08\0\x14" + proof)

    def _turn(self, world: World) -> None:
        world.turn(self._number(1) / 400)

    def _set(self, world: World) -> None:
        """What the server and the subscribers do meanwhile."""
        sink = world.sinks[self._number(1) % len(world.sinks)]
        what = self._number(1)
        consumer = next(
            each
            for made in world.stage.producers.values()
            for each in made.consumers.values()
            if each.sink is sink
        )
        if what & 1:
            sink.temporal = what >> 1 & 3
        elif what & 2:
            consumer.set(world.now, tile=((0, 0), (320, 180), (640, 360), (1920, 1080))[what >> 2 & 3])
        else:
            consumer.set(world.now, paused=bool(what & 4))

    def _raw(self, world: World) -> None:
        """Whatever it is, from somebody's own address."""
        name = list(WHERE)[self._number(1) % len(WHERE)]
        world.come(name, self._take(self._number(1)))
