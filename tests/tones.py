"""Made-up sound and picture: a tone of one pitch, a plane of one colour, and the ears and eyes that know them again."""

from __future__ import annotations

import asyncio
import fractions
import math
import time
from array import array
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame

RATE = 48000
SAMPLES = 960
FPS = 10

# Y, U, V.
COLOURS = {"red": (81, 90, 240), "green": (145, 54, 34), "blue": (41, 240, 110), "grey": (126, 128, 128)}


class Paced(MediaStreamTrack):
    """A track whose frames come in time."""

    step = 0.02

    def __init__(self) -> None:
        super().__init__()
        self._began: float | None = None
        self._count = 0

    async def next(self) -> int:
        """Wait until the next frame is due; its number."""
        if self.readyState != "live":
            raise MediaStreamError
        now = time.monotonic()
        if self._began is None:
            self._began = now
        due = self._began + self._count * self.step
        if due < now - 1:
            self._began = now - self._count * self.step
        await asyncio.sleep(max(0.0, due - now))
        self._count += 1
        return self._count - 1


class Tone(Paced):
    """A sine of a whole number of periods in 100 ms, so that blocks join without a click."""

    kind = "audio"

    def __init__(self, pitch: int = 440) -> None:
        super().__init__()
        wave = array("h", (int(9000 * math.sin(2 * math.pi * pitch * at / RATE)) for at in range(RATE // 10)))
        data = wave.tobytes()
        self._blocks = [data[at : at + 2 * SAMPLES] for at in range(0, len(data), 2 * SAMPLES)]

    async def recv(self) -> AudioFrame:
        number = await self.next()
        frame = AudioFrame(format="s16", layout="mono", samples=SAMPLES)
        frame.planes[0].update(self._blocks[number % len(self._blocks)])
        frame.pts = number * SAMPLES
        frame.sample_rate = RATE
        frame.time_base = fractions.Fraction(1, RATE)
        return frame


class Colour(Paced):
    """A picture of one colour, with a bar that moves so that every frame is another."""

    kind = "video"
    step = 1 / FPS

    def __init__(self, colour: str = "red", width: int = 160, height: int = 120) -> None:
        super().__init__()
        self._planes = [bytes((value,)) for value in COLOURS[colour]]
        self._width, self._height = width, height

    async def recv(self) -> VideoFrame:
        number = await self.next()
        frame = VideoFrame(self._width, self._height, "yuv420p")
        for plane, value in zip(frame.planes, self._planes, strict=True):
            plane.update(value * plane.buffer_size)
        rows = bytearray(bytes(frame.planes[0]))
        line = frame.planes[0].line_size
        at = (number % 30) * 4 * line
        rows[at : at + 2 * line] = bytes(len(rows[at : at + 2 * line]))
        frame.planes[0].update(bytes(rows))
        frame.pts = number * 90000 // FPS
        frame.time_base = fractions.Fraction(1, 90000)
        return frame


@dataclass
class Seen:
    """What has been decoded of one track."""

    kind: str
    frames: int = 0
    energy: float = 0.0
    size: tuple[int, int] = (0, 0)
    colours: Counter[str] = field(default_factory=Counter)
    pitches: Counter[int] = field(default_factory=Counter)
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    async def more(self, frames: int) -> None:
        """Wait until so many more have been decoded."""
        wanted = self.frames + frames
        while self.frames < wanted:
            self._came.clear()
            await self._came.wait()

    def take(self, frame: AudioFrame | VideoFrame) -> None:
        self.frames += 1
        self._came.set()
        if isinstance(frame, VideoFrame):
            self.size = (frame.width, frame.height)
            self.colours[nearest_colour(frame)] += 1
        else:
            channels = len(frame.layout.channels)
            samples = array("h", bytes(frame.planes[0])[: 2 * channels * frame.samples])[::channels]
            loudness = sum(each * each for each in samples[::8]) / len(samples[::8])
            self.energy += loudness / 32768**2
            if loudness > 200_000:
                crossings = sum(1 for a, b in pairwise(samples) if a < 0 <= b)
                self.pitches[round(crossings * frame.sample_rate / len(samples) / 50) * 50] += 1

    @property
    def colour(self) -> str | None:
        return self.colours.most_common(1)[0][0] if self.colours else None

    def heard(self, pitch: int) -> bool:
        """Whether a tone of that pitch was what was heard most; a block of 20 ms tells it to 50 Hz."""
        return bool(self.pitches) and abs(self.pitches.most_common(1)[0][0] - pitch) <= 50


def nearest_colour(frame: VideoFrame) -> str:
    means = []
    for plane in frame.planes:
        data = bytes(plane)[::7]
        means.append(sum(data) / len(data))
    return min(COLOURS, key=lambda name: sum((a - b) ** 2 for a, b in zip(COLOURS[name], means, strict=True)))
