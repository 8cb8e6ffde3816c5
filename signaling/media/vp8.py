"""VP8's payload descriptor (RFC 7741, 4.2): which picture and which temporal layer a packet belongs to, and new numbers for them.

Layers of a simulcast count their pictures each for itself, and a temporal layer that is left out leaves a gap: either
would make a decoder wait for pictures that never come.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from signaling.media.renumber import Renumbering
from signaling.media.rtp import unwrap_bits

_KEYFRAME_START = b"\x9d\x01\x2a"


class Picture(NamedTuple):
    """What a descriptor says. Positions count from its first byte; -1 where a field is missing."""

    id: int
    id_bits: int
    id_at: int
    tl0: int
    tl0_at: int
    temporal: int
    syncs: bool


# Of a packet that should say, and does not: it goes on as it is.
UNREADABLE = Picture(-1, 0, -1, -1, -1, 0, False)


def read_picture(payload: bytes) -> Picture | None:
    """The picture of a packet, or None where the descriptor carries no picture id or is cut off."""
    size = len(payload)
    if size < 4 or not payload[0] & 0x80:
        return None
    flags = payload[1]
    if not flags & 0x80:
        return None
    at = 2
    number = payload[at]
    bits = 7
    if number & 0x80:
        number = (number & 0x7F) << 8 | payload[at + 1]
        bits = 15
    id_at, at = at, at + (2 if bits == 15 else 1)
    tl0 = tl0_at = -1
    temporal, syncs = 0, False
    if flags & 0x40:
        if at >= size:
            return None
        tl0, tl0_at = payload[at], at
        at += 1
    if flags & 0x20:
        if at >= size:
            return None
        temporal, syncs = payload[at] >> 6, bool(payload[at] & 0x20)
    return Picture(number, bits, id_at, tl0, tl0_at, temporal, syncs)


def picture_size(payload: bytes) -> tuple[int, int] | None:
    """Width and height from the first packet of a keyframe (RFC 6386, 9.1)."""
    at = payload.find(_KEYFRAME_START, 0, 16)
    if at < 0 or len(payload) < at + 7:
        return None
    width, height = struct.unpack_from("<HH", payload, at + 3)
    return width & 0x3FFF, height & 0x3FFF


class Pictures:
    """The pictures of one subscriber: without a jump over a change of layer, without a gap where a picture is left out."""

    __slots__ = ("_highest", "_last_out", "_last_tl0", "_numbers", "_tl0_shift", "temporal")

    def __init__(self) -> None:
        self.temporal = 3
        self._numbers = Renumbering()
        self._highest = -1
        self._last_out = -1
        self._last_tl0 = -1
        self._tl0_shift = 0

    def begin(self, picture: Picture) -> None:
        """The first picture of another stream takes the next number; nothing before it is needed any more."""
        self.temporal = 3
        first = picture.id + (1 << picture.id_bits)
        self._highest = first - 1
        if self._last_out < 0:
            self._numbers.begin(first, first)
        else:
            self._numbers.begin(first, self._last_out + 1)
            if picture.tl0 >= 0:
                self._tl0_shift = self._last_tl0 + 1 - picture.tl0

    def takes(self, picture: Picture, wanted: int) -> bool:
        """Whether a packet goes on to who wants temporal layers up to `wanted`.

        What is left out is decided with the first packet of a picture. A higher layer begins where nothing that was
        left out is needed for it: at a picture that says so, or right after the lowest layer.
        """
        number = unwrap_bits(picture.id, self._highest, picture.id_bits)
        if number <= self._highest:
            return self._numbers.out(number) is not None
        self._highest = number
        if wanted < self.temporal:
            self.temporal = wanted
        elif wanted > self.temporal and self.temporal < picture.temporal <= wanted and picture.syncs:
            self.temporal = picture.temporal
        if picture.temporal > self.temporal:
            self._numbers.drop(number)
            return False
        return True

    def write(self, payload: bytes, picture: Picture) -> bytes:
        """The payload under the subscriber's own picture numbers; nothing of a picture that was left out."""
        out = self._numbers.out(unwrap_bits(picture.id, self._highest, picture.id_bits))
        if out is None:
            return b""
        newest = out > self._last_out
        if newest:
            self._last_out = out
        wide = picture.id_bits == 15
        number = struct.pack("!H", 0x8000 | (out & 0x7FFF)) if wide else bytes((out & 0x7F,))
        if picture.tl0_at < 0:
            return payload[: picture.id_at] + number + payload[picture.id_at + len(number) :]
        tl0 = (picture.tl0 + self._tl0_shift) & 0xFF
        if newest and picture.temporal == 0:
            self._last_tl0 = tl0
        # The two fields stand side by side.
        return payload[: picture.id_at] + number + bytes((tl0,)) + payload[picture.tl0_at + 1 :]
