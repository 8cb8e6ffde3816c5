"""One recorder process and the socket to it. The loop never waits for it: what it cannot take is dropped, and is a gap in the file."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import subprocess
import sys
import time
from collections.abc import Callable

import msgspec

from signaling.media import messages as m
from signaling.media.incoming import Kept
from signaling.media.recording.pipe import Alive, News, Order, order_frame, packet_frame

log = logging.getLogger(__name__)

RECORDER = (sys.executable, "-m", "signaling.media.recording.recorder")
MOST_WAITING = 8 * 1024 * 1024
"""Bytes kept for a recorder that is slow; some twenty seconds of a room of three."""
BATCH = 0.02
SILENT_AFTER = 4.0
STARTS_WITHIN = 20.0


class Link:
    """Lives as long as its process. `on_news` is called for what the recorder says, `on_lost` once when it ends unasked."""

    def __init__(self, on_news: Callable[[Link, News], None], on_lost: Callable[[Link], None]) -> None:
        self.dropped = 0
        self.ready = False
        self.heard_at = time.monotonic()
        self._on_news = on_news
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._frames = m.Frames()
        self._decode = msgspec.msgpack.Decoder(list[News]).decode
        self._out: list[bytes] = []
        self._size = 0
        self._due = False
        self._rest = memoryview(b"")
        self._ending = False
        self._socket, theirs = socket.socketpair()
        self._socket.setblocking(False)
        try:
            self._process = subprocess.Popen(
                [*RECORDER, str(theirs.fileno())], pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
            )
        except OSError:
            self._socket.close()
            raise
        finally:
            theirs.close()
        self._loop.add_reader(self._socket.fileno(), self._read)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def waiting(self) -> int:
        """Bytes that the recorder has not taken yet."""
        return self._size

    def order(self, order: Order) -> None:
        self._add(order_frame(order))

    def packet(self, track: int, packet: Kept, now: float) -> None:
        if self._size > MOST_WAITING or not track:
            self.dropped += 1
            return
        head, payload = packet_frame(
            track, packet.number, packet.timestamp & 0xFFFFFFFF, packet.marker, now, packet.payload
        )
        self._add(head, payload)

    def is_silent(self, now: float) -> bool:
        patience = SILENT_AFTER if self.ready else STARTS_WITHIN
        return not self._ending and now - self.heard_at > patience

    def finish(self) -> None:
        """Nothing more will come: the recorder closes its files and ends."""
        self._ending = True
        self._flush()

    def kill(self) -> None:
        self._process.kill()

    def _add(self, *pieces: bytes) -> None:
        if self._ending:
            return
        self._out += pieces
        self._size += sum(map(len, pieces))
        if not self._due and not self._rest:
            self._due = True
            self._loop.call_later(BATCH, self._flush)

    def _flush(self) -> None:
        self._due = False
        if self._socket.fileno() < 0:
            return
        if not self._rest:
            self._rest, self._out = memoryview(b"".join(self._out)), []
        try:
            while self._rest:
                sent = self._socket.send(self._rest)
                self._size -= sent
                self._rest = self._rest[sent:]
                if not self._rest:
                    self._rest, self._out = memoryview(b"".join(self._out)), []
        except BlockingIOError:
            self._loop.add_writer(self._socket.fileno(), self._flush)
            return
        except OSError:
            return  # its end is read
        self._loop.remove_writer(self._socket.fileno())
        if self._ending:
            with contextlib.suppress(OSError):  # it may be gone by itself
                self._socket.shutdown(socket.SHUT_WR)

    def _read(self) -> None:
        try:
            data = self._socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._close()
            return
        self.heard_at = time.monotonic()
        for body in self._frames.feed(data):
            for news in self._decode(body):
                if not isinstance(news, Alive):
                    self._on_news(self, news)

    def _close(self) -> None:
        self._loop.remove_reader(self._socket.fileno())
        self._loop.remove_writer(self._socket.fileno())
        self._socket.close()
        self._process.kill()
        self._reap()
        if not self._ending:
            log.error("the recorder died")
            self._on_lost(self)

    def _reap(self) -> None:
        """A process that hangs in a disk dies when the disk lets go of it; nobody waits for that."""
        if self._process.poll() is None:
            self._loop.call_later(0.1, self._reap)
