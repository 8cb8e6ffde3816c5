"""Sounds and films made in memory, as browsers and telephones record them."""

import io
from array import array
from fractions import Fraction
from functools import cache

import av
from av import AudioStream, Packet
from av.container import OutputContainer

RATE = 48_000
TICK = 960
"""Samples in a packet: a fiftieth of a second."""


@cache
def a_voice(seconds: float = 1.0, *, pause: float = 0.0) -> bytes:
    """A voice message as Chromium writes it: Opus in WebM, without a length in its head; after the first half nothing for a while."""
    written = io.BytesIO()
    with av.open(written, "w", format="webm", options={"live": "1"}) as made:
        _speak(made, round(seconds * RATE / TICK), round(pause * RATE))
    return written.getvalue()


@cache
def a_clip(kind: str = "mp4", *, with_sound: bool = True) -> bytes:
    """Half a second of blue, 64 by 48."""
    written = io.BytesIO()
    with av.open(written, "w", format=kind) as made:
        film = made.add_stream("libvpx" if kind == "webm" else "mpeg4", rate=10)
        film.width, film.height, film.pix_fmt = 64, 48, "yuv420p"
        if with_sound and kind == "webm":
            _speak(made, 25, 0)
        for number in range(5):
            frame = av.VideoFrame(64, 48, "yuv420p")
            for plane, value in zip(frame.planes, (41, 240, 110), strict=True):
                plane.update(bytes([value]) * plane.buffer_size)
            frame.pts, frame.time_base = number, Fraction(1, 10)
            made.mux(film.encode(frame))
        made.mux(film.encode(None))
    return written.getvalue()


def _speak(made: OutputContainer, packets: int, pause: int) -> None:
    sound = made.add_stream("libopus", rate=RATE, layout="mono")
    wave = array("h", [(n % 100 - 50) * 200 for n in range(TICK)]).tobytes()
    for number in range(packets):
        frame = av.AudioFrame(format="s16", layout="mono", samples=TICK)
        frame.sample_rate, frame.time_base = RATE, Fraction(1, RATE)
        frame.pts = number * TICK
        frame.planes[0].update(wave)
        _mux(made, sound.encode(frame), pause if number >= packets // 2 else 0)
    _mux(made, sound.encode(None), pause)


def _mux(made: OutputContainer, packets: "list[Packet[AudioStream]]", pause: int) -> None:
    for packet in packets:
        assert packet.pts is not None
        assert packet.dts is not None
        packet.pts, packet.dts = packet.pts + pause, packet.dts + pause
        made.mux(packet)
