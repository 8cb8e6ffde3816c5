"""A stream on its way through the server: order, loss, repair and numbers that never jump for whoever receives it."""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import TYPE_CHECKING, cast

import pytest

from signaling.media.extensions import ABS_SEND_TIME, AUDIO_LEVEL, MID
from signaling.media.incoming import KEPT, KEYFRAME_PAUSE, NACK_TRIES, Incoming, Kept
from signaling.media.outgoing import Outgoing
from signaling.media.rtp import extensions

if TYPE_CHECKING:
    from signaling.media.transport import Transport


class Wire:
    """What a transport is to its streams: somewhere to send."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.needs_feedback: set[Incoming] = set()

        self.packets_out = self.bytes_out = 0
        self.repair_bytes = 10_000
        self.address = ("192.0.2.1", 1)

    def protect(self, data: bytes) -> bytes:
        return data

    def carry(self, data: bytes, _: object) -> None:
        self.sent.append(data)

    def send_repair(self, data: bytes) -> None:
        self.sent.append(data)

    def numbers(self) -> list[int]:
        return [struct.unpack_from("!H", data, 2)[0] for data in self.sent]

    def timestamps(self) -> list[int]:
        return [struct.unpack_from("!I", data, 4)[0] for data in self.sent]


def incoming(wire: Wire | None = None, mime_type: str = "video/VP8") -> Incoming:
    return Incoming(
        cast("Transport", wire or Wire()),
        7,
        mime_type=mime_type,
        clock_rate=90000,
        payload_type=96,
        rtx_payload_type=97,
    )


def outgoing(wire: Wire, *, rtx: bool = True) -> Outgoing:
    return Outgoing(
        cast("Transport", wire),
        ssrc=1000,
        rtx_ssrc=2000,
        payload_type=101,
        rtx_payload_type=102 if rtx else None,
        extension_ids={MID: 1, ABS_SEND_TIME: 4, AUDIO_LEVEL: 10},
        takes_extra=True,
        mid="3",
        cname="c",
    )


def packet(number: int, timestamp: int = 0, payload: bytes = b"data") -> Kept:
    return Kept(number, timestamp, 0, payload, b"", b"\x00\x00\x01")


def feed(stream: Incoming, numbers: list[int]) -> list[int]:
    """Let packets come; the full numbers as they were accepted."""
    accepted = []
    for number in numbers:
        full = stream.accept(number, 0.0)
        if full >= 0:
            stream.packets += 1
            stream.keep(packet(full))
        accepted.append(full)
    return accepted


def test_numbers_count_on_where_they_start_again_at_0() -> None:
    first, *later = feed(incoming(), [65534, 65535, 0, 1])

    assert [each - first for each in later] == [1, 2, 3]


def test_a_duplicate_is_dropped_and_a_late_packet_taken() -> None:
    stream = incoming()

    accepted = feed(stream, [10, 12, 12, 11, 11])

    assert [each >= 0 for each in accepted] == [True, True, False, True, False]
    assert stream.duplicates == 2
    assert not stream.missing


def test_what_is_missing_is_asked_for_some_times_and_then_given_up() -> None:
    stream = incoming()
    feed(stream, [65535, 2])

    assert stream.due(0.0) == []  # it may only be late
    assert stream.due(0.02) == [0, 1]
    assert stream.due(0.03) == []
    asked = sum(bool(stream.due(0.1 + at * 2)) for at in range(20))
    assert asked == NACK_TRIES - 1
    assert not stream.missing


def test_what_the_server_has_is_never_asked_for() -> None:
    stream = incoming()
    feed(stream, [1, 4, 2, 3])

    assert stream.due(1.0) == []


def test_a_packet_older_than_the_store_is_dropped() -> None:
    stream = incoming()
    feed(stream, [100, *range(101, 101 + KEPT)])

    assert stream.accept(100, 0.0) == -1


def test_a_publisher_that_begins_anew_is_not_flooded_with_requests() -> None:
    stream = incoming()
    feed(stream, [1, 2, 5000])

    assert stream.due(1.0) == []
    assert stream.keyframe_wanted
    assert stream.report(1.0).fraction_lost == 0


def test_keyframes_are_asked_for_once_in_500_ms_whoever_wants_them() -> None:
    stream = incoming()
    asked = []
    for step in range(20):
        stream.want_keyframe()
        asked.append(stream.keyframe_due(step * 0.1))

    assert asked.count(True) == 20 * 0.1 / KEYFRAME_PAUSE


def test_sound_has_no_keyframes() -> None:
    stream = incoming(mime_type="audio/opus")
    stream.want_keyframe()

    assert not stream.keyframe_due(1.0)


def test_the_publisher_is_told_what_was_lost() -> None:
    stream = incoming()
    feed(stream, [1, 2, 3, 5, 6, 8, 9, 10])

    report = stream.report(1.0)

    assert report.packets_lost == 2
    assert report.fraction_lost == int(2 / 10 * 256)
    assert stream.report(2.0).fraction_lost == 0


def test_numbers_and_times_go_on_after_a_pause() -> None:
    wire = Wire()
    stream, sink = incoming(), outgoing(wire)
    sink.follow(stream)
    sink.begin(1000, 90_000, 1.0)
    sink.send(packet(1000, 90_000), 1.0)
    sink.follow(stream)

    sink.begin(1200, 180_000, 2.0)
    sink.send(packet(1200, 180_000), 2.0)

    first, second = wire.numbers()
    assert (second - first) & 0xFFFF == 1
    before, after = wire.timestamps()
    assert (after - before) & 0xFFFFFFFF == 90_000


def test_another_source_goes_on_by_wall_time() -> None:
    wire = Wire()
    sink = outgoing(wire)
    sink.follow(incoming())
    sink.begin(70_000, 0xFFFFFFF0, 1.0)
    sink.send(packet(70_000, 0xFFFFFFF0), 1.0)

    sink.follow(incoming())
    sink.begin(66_000, 5, 1.5)
    sink.send(packet(66_000, 5), 1.5)

    first, second = wire.numbers()
    assert (second - first) & 0xFFFF == 1
    before, after = wire.timestamps()
    assert (after - before) & 0xFFFFFFFF == 45_000


def test_output_numbers_and_times_wrap_with_the_input() -> None:
    wire = Wire()
    stream, sink = incoming(), outgoing(wire)
    sink.follow(stream)
    sink.begin(0x1FFF0, 0xFFFFFF00, 0.0)
    for step in range(0x10020):
        sink.send(packet(0x1FFF0 + step, (0xFFFFFF00 + 3000 * step) & 0xFFFFFFFF), 0.0)

    numbers, times = wire.numbers(), wire.timestamps()
    assert all((b - a) & 0xFFFF == 1 for a, b in pairwise(numbers))
    assert all((b - a) & 0xFFFFFFFF == 3000 for a, b in pairwise(times))


@pytest.mark.parametrize("rtx", [True, False])
def test_a_nack_is_answered_from_the_store(rtx: bool) -> None:
    wire = Wire()
    stream, sink = incoming(), outgoing(wire, rtx=rtx)
    sink.follow(stream)
    first = stream.accept(65534, 0.0)
    sink.begin(first, 0, 0.0)
    for step in range(4):
        stream.keep(packet(first + step, step, b"packet %d" % step))
        sink.send(packet(first + step, step, b"packet %d" % step), 0.0)
    lost = wire.numbers()[2]

    assert sink.resend([lost], 0.1) == 1
    assert sink.resend([lost], 0.11) == 0  # the answer is still on its way

    repair = wire.sent[-1]
    ssrc = struct.unpack_from("!I", repair, 8)[0]
    if rtx:
        assert (ssrc, repair[1] & 0x7F) == (2000, 102)
        assert repair.endswith(struct.pack("!H", lost) + b"packet 2")
    else:
        # The same nonce must cover the same bytes.
        assert repair == wire.sent[2]


def test_a_nack_for_what_was_never_sent_gets_nothing() -> None:
    wire = Wire()
    stream, sink = incoming(), outgoing(wire)
    feed(stream, list(range(10)))
    sink.follow(stream)
    sink.begin(stream.highest, 0, 0.0)
    sink.send(packet(stream.highest), 0.0)
    sent = wire.numbers()[0]

    assert sink.resend([(sent - 1) & 0xFFFF, (sent + 1) & 0xFFFF, (sent - 5000) & 0xFFFF], 1.0) == 0


def test_the_header_extensions_are_the_subscribers() -> None:
    wire = Wire()
    stream, sink = incoming(), outgoing(wire)
    sink.follow(stream)
    sink.begin(100, 0, 0.0)
    sink.send(packet(100)._replace(extra=b"\xa0\x85"), 0.0)
    sink.send(packet(101), 0.0)

    with_level, without = wire.sent
    for data, expected in ((with_level, {1, 4, 10}), (without, {1, 4})):
        words = struct.unpack_from("!H", data, 14)[0]
        found = dict(extensions(data, 16, 16 + 4 * words, 0xBEDE))
        assert set(found) == expected
        assert found[1] == b"3"
        assert data[16 + 4 * words :] == b"data"


def test_sender_reports_tell_the_publishers_clock_in_the_subscribers_numbers() -> None:
    wire = Wire()
    stream, sink = incoming(), outgoing(wire)
    sink.follow(stream)
    assert sink.report_times(0.0) is None
    sink.begin(100, 1000, 10.0)
    sink.send(packet(100, 1000), 10.0)
    stream.reference = (5000.0, 1000, 10.0)

    times = sink.report_times(11.0)

    assert times is not None
    ntp, timestamp = times
    assert ntp >> 32 == 5001
    assert (timestamp - wire.timestamps()[0]) & 0xFFFFFFFF == 90_000
    sink.reception.heard(0, (ntp >> 16) & 0xFFFFFFFF, int(0.5 * 65536), packets=0, now=11.7)
    assert sink.reception.rtt == pytest.approx(0.2, abs=0.001)


def test_another_layer_goes_on_where_the_publishers_own_clock_says() -> None:
    wire = Wire()
    sink = outgoing(wire)
    low, high = incoming(), incoming()
    low.reference, high.reference = (5000.0, 1000, 10.0), (5001.0, 777_000, 11.0)
    sink.follow(low)
    sink.begin(100, 10_000, 10.1)
    sink.send(packet(100, 10_000), 10.1)

    # Taken 33 ms after the other, but it was 80 ms on its way.
    sink.follow(high)
    sink.begin(900, 777_000 - 90_000 + 9_000 + 3_000, 10.18)
    sink.send(packet(900, 777_000 - 90_000 + 9_000 + 3_000), 10.18)

    before, after = wire.timestamps()
    assert (after - before) & 0xFFFFFFFF == 3_000


def test_an_overloaded_line_is_asked_for_a_keyframe_and_not_for_all_that_it_lost() -> None:
    stream = incoming()
    feed(stream, list(range(0, 400, 2)))

    assert len(stream.missing) <= 128
    assert stream.keyframe_wanted
