"""What is said and shown: made-up bytes where nobody decodes, real Opus and VP8 where the server does."""

from __future__ import annotations

import os
import random
import struct
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

STAMP = struct.Struct("!Q")

SOUND_BYTES = 80
PACKET_BYTES = 1100
PACKETS_A_FRAME = 3
FRAMES = 150
_DESCRIPTOR = 6
_WIDTH, _HEIGHT = 640, 480
# Thirty times a second about three packets of what Chromium sends at most.
_LONGEST = 1200
_BITRATE = 680_000


@dataclass(frozen=True)
class Clip:
    """Payloads of 20 ms of sound each, and frames in packets: the first is a keyframe. Stamped: the time is appended."""

    sound: list[bytes]
    frames: list[list[bytes]]
    stamped: bool


@cache
def made_up() -> Clip:
    sound = os.urandom(SOUND_BYTES - STAMP.size)
    rest = os.urandom(PACKET_BYTES - _DESCRIPTOR - 1 - STAMP.size)
    # The lowest bit of a VP8 frame's first byte is 0 in a keyframe.
    keyframe, other = [[first + rest, rest + b"\x01", rest + b"\x01"] for first in (b"\x00", b"\x01")]
    return Clip([sound], [keyframe] + [other] * (FRAMES - 1), stamped=True)


@cache
def real() -> Clip:
    """Five seconds of a moving picture and of noise, as aiortc's own encoders make them."""
    return Clip(_sound(), [_parts(frame) for frame in _pictures()], stamped=False)


def _sound() -> list[bytes]:
    from aiortc.codecs.opus import OpusEncoder
    from av import AudioFrame

    encoder = OpusEncoder()
    encoder.codec.bit_rate = 32_000
    chance = random.Random(1)
    payloads: list[bytes] = []
    for place in range(50):
        frame = AudioFrame(format="s16", layout="stereo", samples=960)
        frame.planes[0].update(
            b"".join(struct.pack("<h", chance.randrange(-3000, 3000)) for _ in range(1920))
        )
        frame.pts, frame.sample_rate, frame.time_base = place * 960, 48000, Fraction(1, 48000)
        payloads += encoder.encode(frame)[0]
    return payloads


def _pictures() -> list[bytes]:
    """Encoded frames, the payload descriptors taken off again."""
    from aiortc.codecs.vpx import Vp8Encoder, VpxPayloadDescriptor
    from av import VideoFrame

    encoder = Vp8Encoder()
    encoder.target_bitrate = _BITRATE
    chance = random.Random(1)
    # Grain that moves: a picture that costs its bitrate, as a camera's does.
    grain = bytes(min(255, max(0, int(chance.gauss(128, 7)))) for _ in range(_WIDTH * (_HEIGHT + FRAMES)))
    grey = bytes([128]) * (_WIDTH * _HEIGHT // 4)
    frames = []
    for place in range(FRAMES):
        picture = VideoFrame(_WIDTH, _HEIGHT, "yuv420p")
        shown = grain[place * _WIDTH : place * _WIDTH + _WIDTH * _HEIGHT]
        for plane, content in zip(picture.planes, (shown, grey, grey), strict=True):
            plane.update(content)
        picture.pts, picture.time_base = place * 3000, Fraction(1, 90000)
        payloads = encoder.encode(picture, force_keyframe=place == 0)[0]
        frames.append(b"".join(VpxPayloadDescriptor.parse(each)[1] for each in payloads))
    return frames


def _parts(frame: bytes) -> list[bytes]:
    """Packets of equal size, as Chromium cuts a frame."""
    count = max(PACKETS_A_FRAME, -(-len(frame) // _LONGEST))
    size = -(-len(frame) // count)
    return [frame[start : start + size] for start in range(0, len(frame), size)]
