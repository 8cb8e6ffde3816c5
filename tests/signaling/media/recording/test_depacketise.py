"""Pictures are put together from packets as libvpx and a browser's packing made them."""

from __future__ import annotations

import av
import pytest

from signaling.media.recording.depacketise import OpusFrames, Vp8Frames, payload_start, picture_size
from tests.signaling.media.recording.packets import pictures, sounds


def decoded(frames: list[bytes]) -> int:
    codec = av.CodecContext.create("vp8", "r")
    return sum(len(codec.decode(av.Packet(each))) for each in frames)


def test_every_picture_comes_whole_and_can_be_decoded() -> None:
    packets = pictures(12)
    frames = Vp8Frames()

    whole = [frame for packet in packets if (frame := frames.take(packet)) is not None]

    assert len(packets) > 24  # pictures of several packets each
    assert [frame.is_keyframe for frame in whole] == [True] + [False] * 11
    assert (whole[0].width, whole[0].height) == (320, 240)
    assert decoded([frame.data for frame in whole]) == 12


def test_after_a_loss_nothing_is_written_until_a_picture_that_needs_no_other() -> None:
    packets = pictures(6)
    frames = Vp8Frames()
    first = [frame for packet in packets if packet.timestamp == 0 and (frame := frames.take(packet))]

    frames.torn()
    between = [frames.take(packet) for packet in packets if packet.timestamp > 0]
    again = [frame for packet in packets if packet.timestamp == 0 and (frame := frames.take(packet))]

    assert frames.wants_keyframe is False
    assert len(first) == len(again) == 1
    assert set(between) == {None}


def test_half_a_picture_is_never_written() -> None:
    packets = [packet for packet in pictures(3) if not (packet.timestamp == 9000 and packet.marker)]
    frames = Vp8Frames()

    whole = [frame for packet in packets if (frame := frames.take(packet)) is not None]

    assert [frame.timestamp for frame in whole] == [0]
    assert frames.wants_keyframe


@pytest.mark.parametrize(
    ("descriptor", "start"),
    [
        (b"\x10", 1),
        (b"\x90\x80\x7f", 3),  # picture id of 7 bits
        (b"\x90\x80\xff\xff", 4),  # of 15 bits, the last one
        (b"\x90\xe0\xff\xff\x00\x40", 6),  # with TL0PICIDX and the temporal layer
        (b"\x90\x30\x40", 3),
    ],
)
def test_the_descriptor_is_skipped_whatever_it_holds(descriptor: bytes, start: int) -> None:
    assert payload_start(descriptor + b"data") == start


@pytest.mark.parametrize(
    "payload", [b"", b"\x10", b"\x90", b"\x90\x80", b"\x90\x80\xff", b"\x90\xf0\xff\xff\x00"]
)
def test_a_packet_that_ends_too_soon_is_nothing(payload: bytes) -> None:
    assert payload_start(payload) == -1


def test_the_size_is_read_of_key_frames_only() -> None:
    key = b"\x10\x00\x00\x9d\x01\x2a\x80\x42\xe0\x01"

    assert picture_size(key) == (640, 480)
    assert picture_size(b"\x11" + key[1:]) is None
    assert picture_size(key[:9]) is None
    assert picture_size(key[:3] + b"abc" + key[6:]) is None


def test_padding_is_no_sound() -> None:
    frames = OpusFrames()
    (packet,) = sounds(1)

    assert frames.take(packet) is not None
    assert frames.take(packet._replace(payload=b"")) is None
