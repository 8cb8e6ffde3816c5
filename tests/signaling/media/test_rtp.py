"""Bytes of RTP: extensions of both forms, keyframes of each codec, numbers that wrap around."""

from __future__ import annotations

import pytest

from signaling.media.rtp import abs_send_time, extension_prefix, extensions, is_keyframe, unwrap


@pytest.mark.parametrize(
    ("number", "near", "full"),
    [
        (0, 65535, 65536),
        (65535, 65536, 65535),
        (5, 65536 * 3 + 2, 65536 * 3 + 5),
        (65000, 65536 * 2 + 100, 65536 + 65000),
        (0x7FFF, 0x10000, 0x17FFF),
    ],
)
def test_sequence_numbers_count_on_over_the_wrap(number: int, near: int, full: int) -> None:
    assert unwrap(number, near) == full


def test_extensions_are_read_in_both_forms() -> None:
    one_byte = bytes((0x10, 7, 0, 0x22, 1, 2, 3, 0))
    two_byte = bytes((1, 1, 7, 0, 20, 3, 1, 2, 3))

    assert extensions(one_byte, 0, len(one_byte), 0xBEDE) == [(1, b"\x07"), (2, b"\x01\x02\x03")]
    assert extensions(two_byte, 0, len(two_byte), 0x1000) == [(1, b"\x07"), (20, b"\x01\x02\x03")]


def test_a_truncated_extension_ends_the_list() -> None:
    assert extensions(bytes((0x10, 7, 0x2F, 1)), 0, 4, 0xBEDE) == [(1, b"\x07")]
    assert extensions(bytes((1, 1, 7, 2, 200, 0)), 0, 6, 0x1000) == [(1, b"\x07")]
    assert extensions(bytes((1, 2, 3, 4)), 0, 4, 0x1234) == []


def test_what_is_written_is_read_again() -> None:
    prefix = extension_prefix([(1, b"12")], 4)
    block = prefix + bytes((0x42,)) + abs_send_time(1.5) + bytes(1)

    assert len(block) == 4 + 4 * int.from_bytes(block[2:4], "big")
    assert extensions(block, 4, len(block), 0xBEDE) == [(1, b"12"), (4, (3 << 17).to_bytes(3, "big"))]


def test_the_send_time_wraps_after_64_seconds() -> None:
    assert abs_send_time(64.25) == abs_send_time(0.25)


@pytest.mark.parametrize(
    ("mime_type", "payload", "keyframe"),
    [
        ("video/VP8", "10 00 00", True),
        ("video/VP8", "10 01 00", False),
        ("video/VP8", "00 00 00", False),  # not the start of a partition
        ("video/VP8", "11 00 00", False),  # the second partition
        ("video/VP8", "90 e0 ff fe 01 20 00", True),  # 15 bit picture id, tl0picidx, tid
        ("video/VP8", "90 e0 ff fe 01 20 01", False),
        ("video/VP8", "90 80 7f 00", True),  # 7 bit picture id
        ("video/VP8", "90 80", False),  # cut off
        ("video/H264", "67 42", True),
        ("video/H264", "65 88", True),
        ("video/H264", "41 9a", False),
        ("video/H264", "78 00 02 67 42 00 02 68 ce", True),  # STAP-A with a sequence parameter set
        ("video/H264", "78 00 02 41 9a", False),
        ("video/H264", "7c 85 88", True),  # first fragment of an IDR slice
        ("video/H264", "7c 05 88", False),  # a later one
        ("video/VP9", "8c 80 01", True),
        ("video/VP9", "cc 80 01", False),  # predicted from another frame
        ("video/VP9", "84 80 01", False),  # not the begin of a frame
        ("video/VP9", "ac 81 00 02 00", False),  # an upper spatial layer
        ("video/AV1", "18 0a", True),
        ("video/AV1", "10 32", False),
    ],
)
def test_each_codecs_keyframes_are_known(mime_type: str, payload: str, keyframe: bool) -> None:
    assert is_keyframe(mime_type, bytes.fromhex(payload)) is keyframe


def test_an_empty_packet_is_no_keyframe() -> None:
    assert not is_keyframe("video/VP8", b"")
