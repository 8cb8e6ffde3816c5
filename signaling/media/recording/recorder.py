"""The recorder: `python -m signaling.media.recording.recorder FD`, one process for all rooms of a worker that are recorded.

It reads from one socket and writes to files. When the socket closes, for whatever reason, it finishes its files and ends. Nothing
that a packet holds is decoded here, and what goes wrong here costs no meeting a picture.
"""

from __future__ import annotations

import errno
import logging
import os
import select
import signal
import socket
import sys
import threading
import time

import msgspec

from mediation.hearings.manifest import Manifest
from signaling.media import messages as m
from signaling.media.recording.pipe import (
    Alive,
    Begin,
    Broken,
    Close,
    Cutter,
    FileClosed,
    News,
    Open,
    Order,
    Ready,
    Reference,
    Taken,
    WantKeyframe,
)
from signaling.media.recording.track import Track

log = logging.getLogger(__name__)

SYNC_EVERY = 1.0
_NICE = 5


class Recorder:
    """Packets in, files out; once a second everything is put on disk."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._cutter = Cutter()
        self._tracks: dict[int, Track] = {}
        self._syncing: threading.Thread | None = None
        self._wrong: OSError | None = None

    def run(self) -> None:
        self.tell(Ready())
        due = time.monotonic() + SYNC_EVERY
        while True:
            readable, _, _ = select.select([self._line], [], [], max(0.0, due - time.monotonic()))
            if readable:
                data = self._line.recv(1 << 18)
                if not data:
                    break
                self.hear(data)
            if time.monotonic() >= due:
                due = time.monotonic() + SYNC_EVERY
                self.sync()
                self.tell(Alive())
        self.finish()

    def hear(self, data: bytes) -> None:
        for said in self._cutter.feed(data):
            if isinstance(said, Taken):
                track = self._tracks.get(said.track)
                if track is not None:
                    track.take(said)
            else:
                self._obey(said)

    def sync(self) -> None:
        """Everything that has come by now goes to the disk, in a thread of its own; never two at a time."""
        if self._wrong is not None:
            raise self._wrong
        if self._syncing is None or not self._syncing.is_alive():
            growing = [(track, track.manifest()) for track in self._tracks.values() if track.file is not None]
            self._syncing = threading.Thread(target=self._put_on_disk, args=(growing,), daemon=True)
            self._syncing.start()

    def _put_on_disk(self, growing: list[tuple[Track, Manifest]]) -> None:
        for track, manifest in growing:
            try:
                track.put_on_disk(manifest)
            except ValueError:
                log.debug("a file was closed meanwhile")  # and closing has put it on disk
            except OSError as error:
                self._wrong = error

    def finish(self) -> None:
        for number in list(self._tracks):
            self._close(number)

    def tell(self, news: News) -> None:
        try:
            self._line.sendall(m.frame([news]))
        except OSError:
            log.debug("the media worker is gone")  # its files are finished all the same

    def _obey(self, order: Order) -> None:
        if isinstance(order, Open):
            self._tracks[order.track] = Track(order, self._want_keyframe)
            return
        track = self._tracks.get(order.track)
        if track is None:
            return
        if isinstance(order, Begin):
            track.begin(order)
        elif isinstance(order, Reference):
            track.refer(order)
        elif isinstance(order, Close):
            self._close(order.track)

    def _close(self, number: int) -> None:
        track = self._tracks.pop(number)
        if track.close():
            self.tell(FileClosed(track.opened.recording))

    def _want_keyframe(self, track: int) -> None:
        self.tell(WantKeyframe(track))


def main() -> None:
    # Ctrl-C goes to the whole group; the worker decides when its recorder ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICE)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s recorder %(levelname)s %(message)s")
    recorder = Recorder(socket.socket(fileno=int(sys.argv[1])))
    try:
        recorder.run()
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
        recorder.tell(Broken("disk_full" if full else "failed"))
        raise
    except (msgspec.MsgspecError, ValueError):
        recorder.tell(Broken("failed"))
        raise


if __name__ == "__main__":
    main()
