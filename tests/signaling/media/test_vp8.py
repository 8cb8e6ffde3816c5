"""VP8's pictures: read from the descriptor, counted on over a change of layer, and left out without a gap."""

from __future__ import annotations

import struct

import pytest

from signaling.media.vp8 import Picture, Pictures, picture_size, read_picture


def payload(
    number: int, tl0: int = 0, temporal: int = 0, *, syncs: bool = False, rest: bytes = b"x"
) -> bytes:
    """A packet as libvpx makes it: 15 bit picture id, TL0PICIDX, temporal layer."""
    field = struct.pack("!H", 0x8000 | number)
    return b"\x90\xe0" + field + bytes((tl0, temporal << 6 | (0x20 if syncs else 0))) + rest


def picture(data: bytes) -> Picture:
    found = read_picture(data)
    assert found is not None
    return found


def test_a_descriptor_is_read() -> None:
    assert picture(payload(0x1234, 7, 2, syncs=True))[:2] == (0x1234, 15)
    assert picture(payload(0x1234, 7, 2, syncs=True))[3:] == (7, 4, 2, True)
    assert picture(b"\x90\x80\x7f\x00x")[:4] == (0x7F, 7, 2, -1)


@pytest.mark.parametrize(
    "data", [b"", b"\x10\x00\x00\x00", b"\x90\x40\x01\x00", b"\x90\xe0\x80", b"\x90\xe0\x80\x01"]
)
def test_without_a_picture_id_or_cut_off_it_is_none(data: bytes) -> None:
    assert read_picture(data) is None


def test_a_keyframe_says_how_large_it_is() -> None:
    head = b"\x10\x02\x00\x9d\x01\x2a" + struct.pack("<HH", 1280, 720 | 0x4000)

    assert picture_size(payload(1, rest=head)) == (1280, 720)
    assert picture_size(payload(1, rest=b"\x11" * 40)) is None
    assert picture_size(payload(1, rest=head[:8])) is None


def through(pictures: Pictures, data: bytes, wanted: int = 3) -> tuple[int, int] | None:
    """(picture id, TL0PICIDX) as the subscriber sees them; None where it is left out."""
    seen = picture(data)
    if not pictures.takes(seen, wanted):
        return None
    written = pictures.write(data, seen)
    assert len(written) == len(data)
    assert written[5:] == data[5:]
    return picture(written).id, picture(written).tl0


def test_picture_ids_count_on_over_the_wrap() -> None:
    pictures = Pictures()
    pictures.begin(picture(payload(0x7FFE, 255)))

    seen = [through(pictures, payload(number, tl0)) for number, tl0 in ((0x7FFE, 255), (0x7FFF, 0), (0, 1))]

    assert seen == [(0x7FFE, 255), (0x7FFF, 0), (0, 1)]


def test_another_layer_goes_on_with_the_next_picture() -> None:
    pictures = Pictures()
    pictures.begin(picture(payload(100, 10)))
    through(pictures, payload(100, 10))
    through(pictures, payload(101, 11))

    pictures.begin(picture(payload(9000, 200)))

    assert through(pictures, payload(9000, 200)) == (102, 12)
    assert through(pictures, payload(9001, 201)) == (103, 13)


def test_two_packets_of_one_picture_keep_one_number() -> None:
    pictures = Pictures()
    pictures.begin(picture(payload(5, 1)))

    assert [through(pictures, payload(number, 1)) for number in (5, 5, 6, 6)] == [
        (5, 1),
        (5, 1),
        (6, 1),
        (6, 1),
    ]


def test_a_temporal_layer_that_is_left_out_leaves_no_gap() -> None:
    pictures = Pictures()
    pictures.begin(picture(payload(10, 1)))
    pattern = [(10, 1, 0), (11, 1, 2), (12, 1, 1), (13, 1, 2), (14, 2, 0), (15, 2, 2), (16, 2, 1)]

    seen = [through(pictures, payload(number, tl0, layer), 1) for number, tl0, layer in pattern]

    assert seen == [(10, 1), None, (11, 1), None, (12, 2), None, (13, 2)]


def test_a_late_packet_of_a_picture_goes_where_its_picture_went() -> None:
    pictures = Pictures()
    pictures.begin(picture(payload(10, 1)))
    for number, layer in ((10, 0), (11, 2), (12, 1)):
        through(pictures, payload(number, 1, layer), 1)

    assert through(pictures, payload(10, 1, 0), 1) == (10, 1)
    assert through(pictures, payload(11, 1, 2), 1) is None
    assert pictures.write(payload(11, 1, 2), picture(payload(11, 1, 2))) == b""


def test_a_higher_temporal_layer_begins_only_where_it_needs_nothing_that_was_left_out() -> None:
    pictures = Pictures()
    pictures.begin(picture(payload(10, 1)))
    through(pictures, payload(10, 1, 0), 0)
    through(pictures, payload(11, 1, 1), 0)

    assert through(pictures, payload(12, 1, 1), 1) is None
    assert through(pictures, payload(13, 1, 1, syncs=True), 1) is not None
    assert through(pictures, payload(14, 1, 1), 1) is not None
