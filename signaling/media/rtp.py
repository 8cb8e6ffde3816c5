"""RTP bytes: header extensions, keyframes and numbers that wrap around. Pure functions, used packet by packet."""

from __future__ import annotations

import struct

HEADER = struct.Struct("!BBHII")
ONE_BYTE = 0xBEDE


def unwrap(number: int, near: int) -> int:
    """The full number whose low 16 bits are `number`, nearest to `near` (sequence numbers that never wrap)."""
    return near + (((number - near + 0x8000) & 0xFFFF) - 0x8000)


def unwrap_bits(number: int, near: int, bits: int) -> int:
    """The same for a number of so many bits."""
    half = 1 << (bits - 1)
    return near + (((number - near + half) & ((1 << bits) - 1)) - half)


def extensions(packet: bytes, start: int, end: int, profile: int) -> list[tuple[int, bytes]]:
    """The header extensions of RFC 8285 in packet[start:end]; what does not fit ends the list."""
    found = []
    position = start
    if profile == ONE_BYTE:
        while position < end:
            first = packet[position]
            position += 1
            if first == 0:
                continue
            number = first >> 4
            if number == 15:
                break
            length = (first & 15) + 1
            if position + length > end:
                break
            found.append((number, packet[position : position + length]))
            position += length
    elif profile & 0xFFF0 == 0x1000:
        while position + 1 < end:
            number = packet[position]
            if number == 0:
                position += 1
                continue
            length = packet[position + 1]
            position += 2
            if position + length > end:
                break
            found.append((number, packet[position : position + length]))
            position += length
    return found


def extension_prefix(elements: list[tuple[int, bytes]], room: int) -> bytes:
    """Start of a one-byte extension block with these elements and `room` bytes to follow (rounded up by the caller)."""
    body = b"".join(bytes(((number << 4) | (len(value) - 1),)) + value for number, value in elements)
    words = (len(body) + room + 3) // 4
    return struct.pack("!HH", ONE_BYTE, words) + body


def abs_send_time(now: float) -> bytes:
    """24 bits, 6.18 fixed point seconds, as the sender of the packet sees the time."""
    return (int(now * 262144) & 0xFFFFFF).to_bytes(3, "big")


def is_keyframe(mime_type: str, payload: bytes) -> bool:
    """Whether a decoder can start with this packet."""
    if not payload:
        return False
    reader = _KEYFRAMES.get(mime_type)
    try:
        return reader(payload) if reader else True
    except IndexError:
        return False


def vp8_start(payload: bytes) -> int:
    """Where the VP8 payload begins behind its descriptor (RFC 7741, 4.2); raises `IndexError` where that is cut off."""
    position = 1
    if payload[0] & 0x80:
        flags = payload[1]
        position = 2
        if flags & 0x80:
            position += 2 if payload[position] & 0x80 else 1
        if flags & 0x40:
            position += 1
        if flags & 0x30:
            position += 1
    return position


def _vp8_keyframe(payload: bytes) -> bool:
    """RFC 7741: the first packet of the first partition whose frame header has P = 0."""
    first = payload[0]
    if not first & 0x10 or first & 0x07:
        return False
    return not payload[vp8_start(payload)] & 1


def _h264_keyframe(payload: bytes) -> bool:
    """RFC 6184: an IDR slice or a sequence parameter set, alone, aggregated or as the first fragment."""
    kind = payload[0] & 0x1F
    if kind in (5, 7):
        return True
    if kind == 24:
        position = 1
        while position + 2 < len(payload):
            if payload[position + 2] & 0x1F in (5, 7):
                return True
            position += 2 + ((payload[position] << 8) | payload[position + 1])
        return False
    return kind in (28, 29) and bool(payload[1] & 0x80) and payload[1] & 0x1F in (5, 7)


def _vp9_keyframe(payload: bytes) -> bool:
    """RFC 9628: begin of a frame that is not predicted from others, on the lowest spatial layer."""
    first = payload[0]
    if first & 0x40 or not first & 0x08:
        return False
    position = 1
    if first & 0x80:
        position += 2 if payload[1] & 0x80 else 1
    return not first & 0x20 or (payload[position] >> 1) & 7 == 0


def _av1_keyframe(payload: bytes) -> bool:
    """The aggregation header's N bit: first packet of a coded video sequence."""
    return bool(payload[0] & 0x08)


_KEYFRAMES = {
    "video/VP8": _vp8_keyframe,
    "video/H264": _h264_keyframe,
    "video/VP9": _vp9_keyframe,
    "video/AV1": _av1_keyframe,
}
