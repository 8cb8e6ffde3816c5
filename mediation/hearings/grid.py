"""One picture of many: the ffmpeg command that lays the tracks of a recording side by side, each at its time."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

WIDTH, HEIGHT, FPS = 1280, 720, 25
SHORTEST = 0.5


@dataclass(frozen=True, slots=True)
class Piece:
    """A file in the film: whose, when it begins (seconds from the film's beginning), how long."""

    file: Path
    kind: str
    person: str
    source: str
    begins: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Timed:
    """A track's times: by this machine's clock, and by the sender's where that was told."""

    person: str
    started_at: float
    sender_clock: float | None


def offsets(tracks: Sequence[Timed]) -> list[float]:
    """When each track begins in the film. A person's own clock ties their sound to their picture better than arrival does."""
    shifts: dict[str, float] = {}
    for one in tracks:
        if one.sender_clock is not None:
            shift = one.started_at - one.sender_clock
            shifts[one.person] = min(shift, shifts.get(one.person, shift))
    times = [
        one.started_at if one.sender_clock is None else one.sender_clock + shifts[one.person]
        for one in tracks
    ]
    first = min(times, default=0.0)
    return [time - first for time in times]


def command(ffmpeg: str, pieces: Sequence[Piece], film: Path) -> list[str]:
    """Silences stay silent, a picture that ended is gone, and progress is told on stdout."""
    length = max((one.begins + one.seconds for one in pieces), default=0.0) + SHORTEST
    inputs = [part for one in pieces for part in ("-i", str(one.file))]
    pictures = [(at, one) for at, one in enumerate(pieces) if one.kind == "video"]
    sounds = [(at, one) for at, one in enumerate(pieces) if one.kind == "audio"]
    graph = [*_pictures(pictures, length), *_sounds(sounds)]
    maps = ["-map", "[film]", *(["-map", "[sound]"] if sounds else [])]
    return [
        ffmpeg, "-nostdin", "-hide_banner", "-loglevel", "error", "-y", *inputs,
        "-filter_complex", ";".join(graph), *maps, "-t", f"{length:.3f}",
        "-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-c:a", "aac", "-b:a", "96k",
        "-movflags", "+faststart", "-progress", "pipe:1", "-f", "mp4", str(film),
    ]  # fmt: skip


def _pictures(pictures: Sequence[tuple[int, Piece]], length: float) -> Iterable[str]:
    """Each person's camera and screen has its own field, in which its files follow each other."""
    fields = list(dict.fromkeys((one.person, one.source) for _, one in pictures))
    columns = math.ceil(math.sqrt(len(fields))) or 1
    rows = math.ceil(len(fields) / columns) or 1
    width, height = WIDTH // columns // 2 * 2, HEIGHT // rows // 2 * 2
    yield f"color=c=0x26231f:s={WIDTH}x{HEIGHT}:r={FPS}:d={length:.3f},format=yuv420p[ground0]"
    for number, (at, one) in enumerate(pictures):
        place = fields.index((one.person, one.source))
        x, y = place % columns * width, place // columns * height
        yield (
            f"[{at}:v]setpts=PTS-STARTPTS+{one.begins:.3f}/TB,scale={width}:{height}:force_original_aspect_ratio=decrease,"
            f"pad={width}:{height}:(ow-iw)/2:(oh-ih)/2,setsar=1,format=yuv420p[picture{number}]"
        )
        yield f"[ground{number}][picture{number}]overlay={x}:{y}:eof_action=pass[ground{number + 1}]"
    yield f"[ground{len(pictures)}]null[film]"


def _sounds(sounds: Sequence[tuple[int, Piece]]) -> Iterable[str]:
    if not sounds:
        return
    for number, (at, one) in enumerate(sounds):
        delay = round(one.begins * 1000)
        yield f"[{at}:a]aresample=48000:async=1:first_pts=0,adelay={delay}:all=1[voice{number}]"
    voices = "".join(f"[voice{number}]" for number in range(len(sounds)))
    yield f"{voices}amix=inputs={len(sounds)}:normalize=0:dropout_transition=0[sound]"
