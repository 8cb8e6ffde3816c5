"""What a client hears: its sockets drained in a tight loop, one packet in twenty looked into."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable

from bench.load.clip import STAMP
from bench.load.plan import Played
from bench.load.tracks import VP8
from bench.load.wire import Wire

LOOKED_INTO = 20
# The marker on VP8, as the clients call it and as our router does; some mark sound too.
_LAST_OF_PICTURE = frozenset((0x80 | VP8, 0x80 | 101))
_HEADER = struct.Struct("!BBHII")
_TIMES = struct.Struct("qq")
_ROOM = socket.CMSG_SPACE(_TIMES.size)
_space = bytearray(2048)
_view = memoryview(_space)


class Ear:
    """One transport that receives. Everything that is no stream of its own goes to `other`."""

    def __init__(
        self, wire: Wire, ssrcs: tuple[int, ...], other: Callable[[bytes], None], *, stamped: bool
    ) -> None:
        self._wire = wire
        self._other = other
        self._every = LOOKED_INTO if stamped else 1 << 62
        # The last sequence number of each stream, -1 before the first.
        self.streams = dict.fromkeys(ssrcs, -1)
        self._count = 0

    def drain(self, played: Played) -> None:
        receive, unpack, streams = self._wire.socket.recv_into, _HEADER.unpack_from, self.streams
        while True:
            self._count += 1
            if not self._count % self._every:
                if not self._look(played):
                    return
                continue
            try:
                size = receive(_space)
            except BlockingIOError:
                return
            except OSError:
                continue
            _, second, number, _, ssrc = unpack(_space)
            last = streams.get(ssrc)
            if last is None:
                self._other(bytes(_view[:size]))
                continue
            if last >= 0 and number != (last + 1) & 0xFFFF:
                played.gaps += 1
            streams[ssrc] = number
            played.all_heard += 1
            played.all_pictures += second in _LAST_OF_PICTURE

    def _look(self, played: Played) -> bool:
        """Read one packet with the time of its coming, decrypt it and take its time of sending."""
        try:
            size, more, _, _ = self._wire.socket.recvmsg_into([_space], _ROOM)
        except BlockingIOError:
            return False
        except OSError:
            return True
        data = bytes(_view[:size])
        _, second, number, _, ssrc = _HEADER.unpack_from(_space)
        last = self.streams.get(ssrc)
        if last is None:
            self._other(data)
            return True
        if last >= 0 and number != (last + 1) & 0xFFFF:
            played.gaps += 1
        self.streams[ssrc] = number
        played.all_heard += 1
        played.all_pictures += second in _LAST_OF_PICTURE
        seconds, rest = _TIMES.unpack(more[0][2])
        try:
            packet = self._wire.unprotect(data)
            (sent,) = STAMP.unpack_from(packet, len(packet) - STAMP.size)
        except Exception:  # noqa: BLE001 - whatever is wrong with it, it is a packet that nobody could play
            played.faults += 1
            return True
        played.delays.append((seconds * 1_000_000_000 + rest - sent) / 1e9)
        return True
