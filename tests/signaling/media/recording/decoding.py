"""Recorded files, decoded: what is in them, heard and seen."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
from av.error import FFmpegError

from mediation.hearings.manifest import Manifest, read_manifests
from tests.tones import Seen


@dataclass
class Decoded:
    """A file with all that could be decoded of it."""

    manifest: Manifest
    seen: Seen
    seconds: float


def decode_all(folder: Path) -> list[Decoded]:
    return [decode(folder, each) for each in read_manifests(folder)]


def decode(folder: Path, manifest: Manifest) -> Decoded:
    """A file that was cut off is decoded as far as it goes."""
    decoded = Decoded(manifest, Seen(manifest.kind), 0.0)
    for seconds, frame in frames_of(folder / manifest.file):
        decoded.seen.take(frame)
        decoded.seconds = seconds
    return decoded


def frames_of(path: Path, kind: str = "") -> Iterator[tuple[float, av.AudioFrame | av.VideoFrame]]:
    """The frames of its first stream, or of the first one of a kind."""
    resampler = av.AudioResampler(format="s16", layout="stereo", rate=48000)
    with av.open(str(path)) as container, contextlib.suppress(FFmpegError):
        stream = next(each for each in container.streams if kind in ("", each.type))
        for frame in container.decode(stream):
            if isinstance(frame, av.VideoFrame):
                yield frame.time or 0.0, frame
            elif isinstance(frame, av.AudioFrame):
                for each in resampler.resample(frame):
                    yield frame.time or 0.0, each
