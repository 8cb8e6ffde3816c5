"""What a client sends: Opus and VP8 in RTP with a browser's header extensions, and the time of sending at the end."""

from __future__ import annotations

import random
import struct
import time
from collections.abc import Callable

from bench.load.clip import STAMP, Clip

# What Chromium calls them; the router has other numbers, so the server has something to map.
OPUS, VP8, VP8_RTX = 111, 96, 97
LEVEL_ID, SEND_TIME_ID, CC_ID, MID_ID = 1, 2, 3, 4
VOICE_MID, CAMERA_MID = b"0", b"1"

_VOICE = struct.Struct("!BBHIIHHB1sBBIBHx")
_CAMERA = struct.Struct("!BBHIIHHB1sIBHxxxBBHBB")
_SEND_TIME = SEND_TIME_ID << 28 | 2 << 24
_WORDS = 3


class Sender:
    """What the tracks of one transport share: its socket, its keys and the transport-wide number."""

    __slots__ = ("number", "protect", "send")

    def __init__(self, protect: Callable[[bytes], bytes], send: Callable[[bytes], object]) -> None:
        self.protect = protect
        self.send = send
        self.number = random.getrandbits(15)


class Voice:
    """Opus at 20 ms: one small packet each."""

    period = 20_000_000
    clock_rate = 48_000

    __slots__ = ("_clip", "_number", "_place", "_sender", "bytes", "packets", "ssrc", "timestamp")

    def __init__(self, sender: Sender, ssrc: int, clip: Clip) -> None:
        self._sender = sender
        self._clip = clip
        self._place = 0
        self.ssrc = ssrc
        self.timestamp = random.getrandbits(31)
        self.packets = self.bytes = 0
        self._number = random.getrandbits(15)

    def play(self) -> None:
        sender = self._sender
        now = time.time_ns()
        self.timestamp = (self.timestamp + 960) & 0xFFFFFFFF
        self._number = (self._number + 1) & 0xFFFF
        sender.number = (sender.number + 1) & 0xFFFF
        head = _VOICE.pack(
            0x90,
            OPUS,
            self._number,
            self.timestamp,
            self.ssrc,
            0xBEDE,
            _WORDS,
            MID_ID << 4,
            VOICE_MID,
            LEVEL_ID << 4,
            0x80 | 30,
            _SEND_TIME | _send_time(now),
            CC_ID << 4 | 1,
            sender.number,
        )
        clip = self._clip
        self._place = (self._place + 1) % len(clip.sound)
        packet = head + clip.sound[self._place] + (STAMP.pack(now) if clip.stamped else b"")
        sender.send(sender.protect(packet))
        self.packets += 1
        self.bytes += len(packet)


class Camera:
    """VP8 at 30 frames a second, three packets a frame; begins the clip anew where a keyframe was asked for."""

    period = 33_333_333
    clock_rate = 90_000

    __slots__ = (
        "_clip",
        "_number",
        "_picture",
        "_place",
        "_sender",
        "bytes",
        "keyframe_wanted",
        "packets",
        "ssrc",
        "timestamp",
    )

    def __init__(self, sender: Sender, ssrc: int, clip: Clip) -> None:
        self._sender = sender
        self._clip = clip
        self.ssrc = ssrc
        self.timestamp = random.getrandbits(31)
        self.packets = self.bytes = 0
        self.keyframe_wanted = True
        self._number = random.getrandbits(15)
        self._picture = random.getrandbits(15)
        # Nobody's keyframes come at the same time as everybody's.
        self._place = random.randrange(len(clip.frames))

    def play(self) -> None:
        self._place = 0 if self.keyframe_wanted else (self._place + 1) % len(self._clip.frames)
        self.keyframe_wanted = False
        self._picture += 1
        self.timestamp = (self.timestamp + 3000) & 0xFFFFFFFF
        frame = self._clip.frames[self._place]
        last = len(frame) - 1
        for place, part in enumerate(frame):
            self._send(part, 0x10 if place == 0 else 0, 0x80 if place == last else 0)

    def _send(self, part: bytes, starts: int, marker: int) -> None:
        sender = self._sender
        now = time.time_ns()
        self._number = (self._number + 1) & 0xFFFF
        sender.number = (sender.number + 1) & 0xFFFF
        head = _CAMERA.pack(
            0x90,
            VP8 | marker,
            self._number,
            self.timestamp,
            self.ssrc,
            0xBEDE,
            _WORDS,
            MID_ID << 4,
            CAMERA_MID,
            _SEND_TIME | _send_time(now),
            CC_ID << 4 | 1,
            sender.number,
            # RFC 7741: an extended descriptor, S on the first packet; picture id, TL0PICIDX and layer follow.
            0x80 | starts,
            0xE0,
            0x8000 | self._picture & 0x7FFF,
            self._picture & 0xFF,
            0x20,
        )
        packet = head + part + (STAMP.pack(now) if self._clip.stamped else b"")
        sender.send(sender.protect(packet))
        self.packets += 1
        self.bytes += len(packet)


def _send_time(now: int) -> int:
    """abs-send-time: 6.18 fixed point seconds."""
    return (now << 18) // 1_000_000_000 & 0xFFFFFF
