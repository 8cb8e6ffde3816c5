"""Packets as real encoders make them: pictures by libvpx, packed as a browser packs them, and sound by libopus."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import av
from aiortc.codecs.vpx import Vp8Encoder

from signaling.media.recording.pipe import Taken

STEP = 9000
"""Ten pictures a second."""


@cache
def pictures(count: int, *, track: int = 1, size: int = 320, first: int = 0) -> tuple[Taken, ...]:
    """Frames of several packets each; the first one needs no other."""
    encoder = Vp8Encoder()
    packets: list[Taken] = []
    for number in range(count):
        frame = av.VideoFrame(size, size * 3 // 4, "yuv420p")
        for at, plane in enumerate(frame.planes):
            # Noise, so that a frame does not fit into one packet.
            seed = number * 7 + at
            plane.update(bytes((seed + each * each * 31) & 0xFF for each in range(plane.buffer_size)))
        frame.pts, frame.time_base = number * STEP, Fraction(1, 90000)
        payloads, timestamp = encoder.encode(frame)
        for place, payload in enumerate(payloads):
            marker = 0x80 if place == len(payloads) - 1 else 0
            timestamp = (first + number * STEP) & 0xFFFFFFFF
            packets.append(Taken(track, 0x10000 + len(packets), timestamp, marker, number / 10, payload))
    return tuple(packets)


@cache
def sounds(count: int, *, track: int = 2, first: int = 0) -> tuple[Taken, ...]:
    """Opus packets of 20 ms."""
    codec = av.CodecContext.create("libopus", "w")
    assert isinstance(codec, av.AudioCodecContext)
    codec.sample_rate, codec.layout, codec.format = 48000, "stereo", "s16"
    payloads: list[bytes] = []
    for number in range(count + 2):
        frame = av.AudioFrame("s16", "stereo", 960)
        frame.sample_rate, frame.pts = 48000, number * 960
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        payloads += [bytes(packet) for packet in codec.encode(frame)]
    return tuple(
        Taken(track, 0x10000 + number, (first + number * 960) & 0xFFFFFFFF, 0, number / 50, payload)
        for number, payload in enumerate(payloads[:count])
    )
