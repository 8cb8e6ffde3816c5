"""What the media worker and its recorder say to each other over their socket: packets and orders down, news up."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from msgspec import Struct

HEAD = struct.Struct("!IB")
PACKET = struct.Struct("!IBIqIBd")
"""A packet with the frame's own head in front: length, kind, track, number, timestamp, marker, when it came."""

_BODY = struct.Struct("!IqIBd")
_PACKET, _ORDER = 0, 1
LARGEST_FRAME = 256 * 1024


class Taken(NamedTuple):
    """A packet as it came in; `number` counts on where a sequence number starts again at 0."""

    track: int
    number: int
    timestamp: int
    marker: int
    at: float
    payload: bytes


class Open(Struct, tag=True, kw_only=True):
    """A new file for a track. `epoch` makes a wall time of the times at which packets come."""

    track: int
    id: str
    folder: str
    recording: str
    room: str
    person: str
    source: str
    kind: str
    clock_rate: int
    epoch: float


class Begin(Struct, tag=True):
    """What came before this number is not missing: nobody was to take it."""

    track: int
    number: int


class Reference(Struct, tag=True):
    """The sender's own clock, in seconds, at an RTP timestamp of the track."""

    track: int
    clock: float
    timestamp: int


class Close(Struct, tag=True):
    track: int


Order = Open | Begin | Reference | Close


class Ready(Struct, tag=True):
    """The recorder can begin."""


class Alive(Struct, tag=True):
    """Said every second by a recorder whose loop runs."""


class WantKeyframe(Struct, tag=True):
    """Too much is lost of a picture to go on without one."""

    track: int


class FileClosed(Struct, tag=True):
    recording: str


class Broken(Struct, tag=True):
    """The recorder cannot go on, and ends: `disk_full` or `failed`."""

    reason: str


News = Ready | Alive | WantKeyframe | FileClosed | Broken

_encode = msgspec.msgpack.Encoder().encode
_decoder: msgspec.msgpack.Decoder[Order] = msgspec.msgpack.Decoder(Order)


def packet_frame(
    track: int, number: int, timestamp: int, marker: int, at: float, payload: bytes
) -> tuple[bytes, bytes]:
    """A packet for the socket, in two pieces, so that its payload is not copied here."""
    length = _BODY.size + len(payload)
    return PACKET.pack(length, _PACKET, track, number, timestamp, marker, at), payload


def order_frame(order: Order) -> bytes:
    body = _encode(order)
    return HEAD.pack(len(body), _ORDER) + body


class Cutter:
    """Cuts what arrives at the recorder back into packets and orders."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Taken | Order]:
        self._buffer += data
        position, end = 0, len(self._buffer)
        while end - position >= HEAD.size:
            length, kind = HEAD.unpack_from(self._buffer, position)
            if length > LARGEST_FRAME:
                raise ValueError("frame too large")
            start, stop = position + HEAD.size, position + HEAD.size + length
            if stop > end:
                break
            yield self._read(kind, start, stop)
            position = stop
        del self._buffer[:position]

    def _read(self, kind: int, start: int, stop: int) -> Taken | Order:
        if kind == _ORDER:
            return _decoder.decode(bytes(self._buffer[start:stop]))
        payload = bytes(self._buffer[start + _BODY.size : stop])
        track, number, timestamp, marker, at = _BODY.unpack_from(self._buffer, start)
        return Taken(track, number, timestamp, marker, at, payload)
