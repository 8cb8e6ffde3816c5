"""Bytes as a play of clients who mean harm: the same for hypothesis, for chance and for atheris."""

from __future__ import annotations

import hmac
import struct

from tests.signaling.media.hall import KEYFRAME, picture
from tests.signaling.media.world import STREAMS, WHERE, World


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
