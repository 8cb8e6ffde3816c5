"""One growing Matroska file of one track: frames go in as they came, no codec is at work."""

from __future__ import annotations

import fcntl
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from signaling.media.recording.depacketise import Frame

# A cluster is written when it is full: a file that is cut off lacks half a second.
_OPTIONS = {"cluster_time_limit": "500", "flush_packets": "1"}


class MediaFile:
    """Held by a lock as long as it grows, so that others know whether its writer lives."""

    def __init__(self, path: Path, *, kind: str, clock_rate: int, first: Frame) -> None:
        self.duration = 0
        self.frames = 0
        self._time_base = Fraction(1, clock_rate)
        self._last = -1
        self._file = path.open("xb", buffering=0)
        path.chmod(0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._container: Any = av.open(self._file, "w", format="matroska", options=_OPTIONS)
        if kind == "video":
            self._stream = self._container.add_mux_stream(
                "libvpx", rate=30, width=first.width, height=first.height
            )
        else:
            # With an encoder's stream the file gets the head that Opus needs; nothing is encoded.
            self._stream = self._container.add_stream("libopus", rate=clock_rate, layout="stereo")

    def write(self, frame: Frame, pts: int) -> None:
        """`pts` counts from the first frame; it never stands still, whatever a sender says."""
        pts = max(pts, self._last + 1)
        packet = av.Packet(frame.data)
        packet.stream = self._stream
        packet.pts = packet.dts = pts
        packet.time_base = self._time_base
        packet.is_keyframe = frame.is_keyframe
        self._container.mux(packet)
        self._last = pts
        self.frames += 1
        self.duration = pts

    def sync(self) -> None:
        """Returns when all that was written is on disk."""
        os.fsync(self._file.fileno())

    def finish(self) -> None:
        """Writes the end, so that players know the length."""
        self._container.close()
        self.sync()

    def let_go(self) -> None:
        """Nobody writes to it any more."""
        self._file.close()
