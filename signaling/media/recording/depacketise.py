"""Whole frames of packets: VP8 of several (RFC 7741), Opus of one each (RFC 7587)."""

from __future__ import annotations

from dataclasses import dataclass

from signaling.media.recording.pipe import Taken
from signaling.media.rtp import vp8_start


@dataclass(frozen=True, slots=True)
class Frame:
    """What goes into the file. Size is known of a picture that needs no other."""

    timestamp: int
    at: float
    data: bytes
    is_keyframe: bool
    width: int = 0
    height: int = 0


class Vp8Frames:
    """Puts pictures together. After a loss it waits for one that needs no other: `wants_keyframe`."""

    def __init__(self) -> None:
        self.wants_keyframe = True
        self._parts: list[bytes] = []
        self._timestamp = -1
        self._at = 0.0

    def torn(self) -> None:
        """Something before the next packet is lost."""
        self._parts = []
        self.wants_keyframe = True

    def take(self, packet: Taken) -> Frame | None:
        """The frame that this packet completes."""
        start = payload_start(packet.payload)
        if start < 0:
            return None  # padding, or nothing that RFC 7741 knows
        if packet.timestamp != self._timestamp:
            if self._parts:  # its last packet bore no marker: nobody can say that it is whole
                self.torn()
            self._timestamp, self._at = packet.timestamp, packet.at
        is_first = bool(packet.payload[0] & 0x10) and not packet.payload[0] & 0x07
        if is_first == bool(self._parts):
            self.torn()
            return None
        self._parts.append(packet.payload[start:])
        return self._whole() if packet.marker else None

    def _whole(self) -> Frame | None:
        data = b"".join(self._parts)
        self._parts = []
        size = picture_size(data)
        if self.wants_keyframe and size is None:
            return None
        self.wants_keyframe = False
        width, height = size or (0, 0)
        return Frame(self._timestamp, self._at, data, size is not None, width, height)


class OpusFrames:
    """Every packet is a frame."""

    wants_keyframe = False

    def torn(self) -> None:
        """A loss is a silence, nothing else."""

    def take(self, packet: Taken) -> Frame | None:
        return Frame(packet.timestamp, packet.at, packet.payload, True) if packet.payload else None


def payload_start(payload: bytes) -> int:
    """Where the VP8 payload begins behind its descriptor (RFC 7741, 4.2); -1 where there is none."""
    try:
        position = vp8_start(payload)
    except IndexError:
        return -1
    return position if position < len(payload) else -1


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a key frame, None for any other (RFC 6386, 9.1)."""
    if len(data) < 10 or data[0] & 1 or data[3:6] != b"\x9d\x01\x2a":
        return None
    width, height = (
        int.from_bytes(data[6:8], "little") & 0x3FFF,
        int.from_bytes(data[8:10], "little") & 0x3FFF,
    )
    return (width, height) if width and height else None
