"""Several layers of one picture: who gets which, and a change of layer that no decoder notices."""

from __future__ import annotations

import struct
from collections import Counter
from itertools import pairwise

import pytest

from signaling.media.forward import forward
from signaling.media.incoming import DRIES_UP
from signaling.media.layers import OFF
from signaling.media.messages import ConsumerLayers
from signaling.media.ortc import router_capabilities
from signaling.media.payloads import CodecParameters, Encoding, RtpParameters
from signaling.media.share import measure_layers, share_line
from signaling.media.stage import Stage
from signaling.media.transport import Transport
from signaling.media.vp8 import read_picture

SSRCS = (111, 222, 333)
SIZES = ((320, 180), (640, 360), (1280, 720))
BYTES = (400, 1000, 3000)
FPS = 30


class Wire:
    """Keeps what is sent, in plain text."""

    def __init__(self) -> None:
        self.drops: Counter[str] = Counter()
        self.packets_out = self.bytes_out = 0
        self.sent: list[bytes] = []

    def send(self, data: bytes, _: object) -> None:
        self.sent.append(data)

    def route(self, *_: object) -> None: ...

    unroute = listen = forget = route


class Room:
    """A publisher with three layers, and one who watches."""

    def __init__(self, layers: int = 3) -> None:
        self.wire = Wire()
        self.stage = Stage(self.wire, [], lambda _: None)
        self.told: list[ConsumerLayers] = []
        self.now = 1000.0
        self.frame = 0
        self.numbers = [65500, 100, 40_000]
        up, down = self.transport("anna", "send"), self.transport("bert", "recv")
        self.up, self.down = up, down
        codec = CodecParameters(mime_type="video/VP8", payload_type=96, clock_rate=90_000)
        encodings = [Encoding(ssrc=ssrc, rid=f"r{place}") for place, ssrc in enumerate(SSRCS[:layers])]
        parameters = RtpParameters(codecs=[codec], encodings=encodings)
        self.producer = self.stage.produce("anna", up.id, "video", "camera", parameters)
        options = self.stage.consume("bert", down.id, self.producer.id, router_capabilities())
        self.consumer = self.producer.consumers[options.id]
        self.stage.set_consumer("bert", self.consumer.id, paused=False)

    def transport(self, name: str, direction: str) -> Transport:
        self.stage.place_seat("room", name, "main")
        opened = self.stage.open_transport("room", name, "send" if direction == "send" else "recv")
        transport = self.stage.seats[name].transports[opened.id]
        transport.keyed, transport.state = True, "connected"
        transport.address = ("192.0.2.9", 9)
        transport.unprotect = transport.protect = lambda data: data
        return transport

    def show(self, frames: int, *, flowing: tuple[int, ...] = (0, 1, 2), temporals: int = 1) -> None:
        """The publisher sends so many pictures, with a keyframe where the server has asked for one."""
        for _ in range(frames):
            for layer in flowing:
                stream = self.producer.stream(layer)
                assert stream is not None
                key = stream.keyframe_due(self.now)
                self.send(layer, key=key, temporal=(self.frame % 2) if temporals == 2 and not key else 0)
            self.frame += 1
            self.now += 1 / FPS
            if self.frame % (FPS // 2) == 0:
                self.look()

    def send(self, layer: int, *, key: bool, temporal: int = 0) -> None:
        left = BYTES[layer]
        first = True
        while left > 0:
            number = self.numbers[layer]
            self.numbers[layer] = (number + 1) & 0xFFFF
            last = left <= 1000
            header = struct.pack(
                "!BBHII", 0x80, (0x80 if last else 0) | 96, number, self.timestamp(layer), SSRCS[layer]
            )
            picture = (0x7FF0 + self.frame + layer * 1000) & 0x7FFF
            tl0 = (self.frame + layer * 10) & 0xFF
            body = bytes((0x90 if first else 0x80, 0xE0)) + struct.pack("!H", 0x8000 | picture)
            body += bytes((tl0, temporal << 6 | 0x20))
            body += (
                b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", *SIZES[layer]) if key else b"\x01\x00\x00"
            )
            forward(self.up, header + body + bytes(min(left, 1000) - 16), self.now)
            left -= 1000
            first = False

    def timestamp(self, layer: int) -> int:
        """Each layer has a clock of its own, as some publishers' do."""
        return (0xFFFFF000 + self.frame * (90_000 // FPS) + layer * 123_456_789) & 0xFFFFFFFF

    def look(self) -> None:
        measure_layers(self.stage.seats.values(), self.now)
        share_line(self.down, [self.consumer], self.now, self.told.append)

    def tile(self, width: int, height: int) -> None:
        self.consumer.set(self.now, tile=(width, height))

    @property
    def layer(self) -> int:
        source = self.consumer.sink.source
        return -1 if source is None else source.layer

    def frames(self) -> list[tuple[int, int, int]]:
        """(sequence number, timestamp, picture id) of all that was sent on."""
        found = []
        for data in self.wire.sent:
            number, timestamp = struct.unpack_from("!HI", data, 2)
            payload = data[16 + 4 * struct.unpack_from("!H", data, 14)[0] :]
            picture = read_picture(payload)
            assert picture is not None
            found.append((number, timestamp, picture.id))
        return found


def assert_no_jump(frames: list[tuple[int, int, int]]) -> None:
    for (number, timestamp, picture), (next_number, next_timestamp, next_picture) in pairwise(frames):
        assert (next_number - number) & 0xFFFF == 1
        assert (next_picture - picture) & 0x7FFF in (0, 1)
        assert (next_timestamp - timestamp) & 0xFFFFFFFF <= 2 * 90_000 // FPS + 90
        assert (next_picture == picture) == (next_timestamp == timestamp)


def test_the_tile_decides_the_layer_and_nothing_jumps_when_it_changes() -> None:
    room = Room()

    seen = []
    for tile in ((1280, 720), (320, 180), (640, 360), (1280, 720), (160, 90)):
        room.tile(*tile)
        room.show(2 * FPS)
        seen.append(room.layer)

    assert seen == [2, 0, 1, 2, 0]
    assert_no_jump(room.frames())


def test_the_old_layer_flows_until_the_new_one_begins() -> None:
    room = Room()
    room.tile(320, 180)
    room.show(FPS)
    before = len(room.wire.sent)

    room.tile(1280, 720)
    room.show(2)

    assert len(room.wire.sent) - before >= 2
    assert room.layer in (0, 2)


def test_a_layer_that_dries_up_gives_way_to_the_next_lower_one() -> None:
    room = Room()
    room.show(2 * FPS)
    assert room.layer == 2

    room.show(int((DRIES_UP + 1.5) * FPS), flowing=(0, 1))

    assert room.layer == 1


def test_a_hidden_tile_gets_nothing_and_begins_at_a_keyframe() -> None:
    room = Room()
    room.show(FPS)
    room.tile(0, 0)
    room.wire.sent.clear()
    room.show(FPS)
    assert not room.wire.sent

    room.tile(320, 180)
    room.show(FPS)

    assert room.wire.sent
    assert b"\x9d\x01\x2a" in room.wire.sent[0]


def test_higher_temporal_layers_are_left_out_without_a_gap() -> None:
    room = Room()
    room.show(2 * FPS, temporals=2)
    for _ in range(8):
        room.down.available = 500_000
        room.show(FPS // 2, temporals=2)
    assert (room.told[-1].spatial, room.told[-1].temporal) == (2, 0)
    room.wire.sent.clear()

    room.show(FPS, temporals=2)

    frames = room.frames()
    for (number, _, picture), (next_number, _, next_picture) in pairwise(frames):
        assert (next_number - number) & 0xFFFF == 1
        assert (next_picture - picture) & 0x7FFF in (0, 1)
    assert len({picture for *_, picture in frames}) == pytest.approx(FPS / 2, abs=2)


def test_a_bad_line_gets_a_lower_layer_and_is_told_so_and_nobody_else_is() -> None:
    room = Room()
    room.show(2 * FPS)
    room.told.clear()

    for _ in range(8):
        room.down.available = 150_000
        room.show(FPS // 2)

    assert room.layer == 0
    assert room.told[-1].spatial == 0
    assert room.told[-1].spatial_layers == 3
    assert not room.up.needs_feedback or all(not each.missing for each in room.up.needs_feedback)


def test_where_not_even_the_smallest_picture_fits_it_is_paused_and_comes_back() -> None:
    room = Room()
    room.show(2 * FPS)
    for _ in range(8):
        room.down.available = 20_000
        sink = room.consumer.sink
        sink.reception.heard(100, 0, 0, packets=sink.packets, now=room.now)
        room.show(FPS // 2)
    assert room.consumer.cap is OFF
    assert room.told[-1].spatial == -1
    room.wire.sent.clear()

    room.down.available = 5_000_000
    room.show(20 * FPS)

    assert room.wire.sent
    assert room.told[-1].spatial >= 0


def test_what_was_lost_of_a_layer_is_repaired_under_its_own_number() -> None:
    room = Room()
    room.show(FPS)
    lost = room.wire.sent[-2]
    number = struct.unpack_from("!H", lost, 2)[0]

    assert room.consumer.sink.resend([number], room.now) == 1

    repair = room.wire.sent[-1]
    at = 16 + 4 * struct.unpack_from("!H", repair, 14)[0]
    assert struct.unpack_from("!H", repair, at)[0] == number
    assert repair[at + 2 :] == lost[at:]
