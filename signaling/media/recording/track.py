"""One track on its way into one file: order, frames, times, and the manifest beside it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from mediation.hearings.manifest import Manifest, write_manifest
from signaling.media.recording.depacketise import Frame, OpusFrames, Vp8Frames
from signaling.media.recording.file import MediaFile
from signaling.media.recording.pipe import Begin, Open, Reference, Taken
from signaling.media.recording.reorder import Reorder


class Track:
    """The file begins with the first frame that can be shown; a track without one leaves nothing behind."""

    def __init__(self, opened: Open, want_keyframe: Callable[[int], None]) -> None:
        self.opened = opened
        self.file: MediaFile | None = None
        self._folder = Path(opened.folder)
        self._want_keyframe = want_keyframe
        self._reorder = Reorder(opened.kind)
        self._frames = Vp8Frames() if opened.kind == "video" else OpusFrames()
        self._first = 0
        self._last = 0
        self._started_at = 0.0
        self._reference: Reference | None = None
        self._size = (0, 0)
        self._noting = threading.Lock()
        self._is_closed = False

    def begin(self, order: Begin) -> None:
        self._reorder.restart(order.number)

    def refer(self, reference: Reference) -> None:
        self._reference = reference

    def take(self, packet: Taken) -> None:
        ready, torn = self._reorder.push(packet)
        self._go_on(ready, torn=torn)

    def close(self) -> bool:
        """Writes what still waited, and the end; whether there is a file."""
        for ready, torn in self._reorder.rest():
            self._go_on(ready, torn=torn)
        if self.file is None:
            return False
        self.file.finish()
        with self._noting:
            self._is_closed = True
            # Before it is let go: others would take it for a dead writer's.
            write_manifest(self._folder, self.manifest(closed=True))
        self.file.let_go()
        return True

    def manifest(self, *, closed: bool = False) -> Manifest:
        """What there is by now."""
        opened, rate = self.opened, self.opened.clock_rate
        clock = None
        if self._reference is not None:
            since = _distance(self._reference.timestamp, self._first & 0xFFFFFFFF)
            clock = self._reference.clock - since / rate
        return Manifest(
            id=opened.id,
            recording=opened.recording,
            room=opened.room,
            person=opened.person,
            source=opened.source,
            kind=opened.kind,
            started_at=self._started_at,
            sender_clock=clock,
            duration_ms=(self.file.duration * 1000 // rate) if self.file else 0,
            frames=self.file.frames if self.file else 0,
            lost=self._reorder.lost,
            gaps=self._reorder.gaps,
            width=self._size[0],
            height=self._size[1],
            closed=closed,
        )

    def put_on_disk(self, manifest: Manifest) -> None:
        """The file, then what is known of it. Called in a thread: a slow disk holds no packet up."""
        if self.file is None:
            return
        self.file.sync()
        with self._noting:
            if not self._is_closed:
                write_manifest(self._folder, manifest)

    def _go_on(self, ready: list[Taken], *, torn: bool) -> None:
        if torn:
            self._frames.torn()
        wanted = self._frames.wants_keyframe
        for packet in ready:
            if (frame := self._frames.take(packet)) is not None:
                self._write(frame)
        if self._frames.wants_keyframe and (torn or not wanted):
            self._want_keyframe(self.opened.track)

    def _write(self, frame: Frame) -> None:
        if self.file is None:
            self._open(frame)
        assert self.file is not None
        if frame.width:
            self._size = (max(self._size[0], frame.width), max(self._size[1], frame.height))
        self._last += _distance(frame.timestamp, self._last & 0xFFFFFFFF)
        self.file.write(frame, self._last - self._first)

    def _open(self, frame: Frame) -> None:
        opened = self.opened
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{opened.id}.mkv"
        self.file = MediaFile(path, kind=opened.kind, clock_rate=opened.clock_rate, first=frame)
        self._first = self._last = frame.timestamp
        self._started_at = opened.epoch + frame.at
        write_manifest(self._folder, self.manifest())


def _distance(timestamp: int, from_timestamp: int) -> int:
    """How far one 32 bit timestamp lies behind another, whichever way is shorter."""
    return ((timestamp - from_timestamp + 0x80000000) & 0xFFFFFFFF) - 0x80000000
