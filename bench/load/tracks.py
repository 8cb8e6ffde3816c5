"""What a client sends: Opus and VP8 in RTP with a browser's header extensions, and the time of sending at the end."""

from __future__ import annotations

import os
import random
import struct
import time
from collections.abc import Callable

# What Chromium calls them; the router has other numbers, so the server has something to map.
OPUS, VP8, VP8_RTX = 111, 96, 97
LEVEL_ID, SEND_TIME_ID, CC_ID, MID_ID = 1, 2, 3, 4
VOICE_MID, CAMERA_MID = b"0", b"1"

STAMP = struct.Struct("!Q")
_VOICE = struct.Struct("!BBHIIHHB1sBBIBHx")
_CAMERA = struct.Struct("!BBHIIHHB1sIBHxxxBBHBB")
_SEND_TIME = SEND_TIME_ID << 28 | 2 << 24
_WORDS = 3

VOICE_BYTES = 80
PACKET_BYTES = 1100
PACKETS_A_FRAME = 3
# A keyframe comes without being asked for after so many frames.
FRAMES = 150


class Sender:
    """What the tracks of one transport share: its socket, its keys and the transport-wide number."""

    __slots__ = ("number", "packets", "protect", "send")

    def __init__(self, protect: Callable[[bytes], bytes], send: Callable[[bytes], object]) -> None:
        self.protect = protect
        self.send = send
        self.number = random.getrandbits(15)
        self.packets = 0


class Voice:
    """Opus at 20 ms: one small packet each."""

    period = 20_000_000
    clock_rate = 48_000

    __slots__ = ("_number", "_sender", "_tail", "bytes", "packets", "ssrc", "timestamp")

    def __init__(self, sender: Sender, ssrc: int) -> None:
        self._sender = sender
        self.ssrc = ssrc
        self.timestamp = random.getrandbits(31)
        self.packets = self.bytes = 0
        self._number = random.getrandbits(15)
        self._tail = os.urandom(VOICE_BYTES - STAMP.size)

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
        sender.send(sender.protect(head + self._tail + STAMP.pack(now)))
        sender.packets += 1
        self.packets += 1
        self.bytes += VOICE_BYTES


class Camera:
    """VP8 at 30 frames a second, three packets a frame; a keyframe where one was asked for."""

    period = 33_333_333
    clock_rate = 90_000

    __slots__ = (
        "_frame",
        "_number",
        "_picture",
        "_sender",
        "_tail",
        "bytes",
        "keyframe_wanted",
        "packets",
        "ssrc",
        "timestamp",
    )

    def __init__(self, sender: Sender, ssrc: int) -> None:
        self._sender = sender
        self.ssrc = ssrc
        self.timestamp = random.getrandbits(31)
        self.packets = self.bytes = 0
        self.keyframe_wanted = True
        self._number = random.getrandbits(15)
        self._picture = random.getrandbits(15)
        self._frame = random.randrange(FRAMES)
        self._tail = os.urandom(PACKET_BYTES - 7 - STAMP.size)

    def play(self) -> None:
        self._frame += 1
        self._picture += 1
        self.timestamp = (self.timestamp + 3000) & 0xFFFFFFFF
        keyframe = self.keyframe_wanted or self._frame >= FRAMES
        if keyframe:
            self._frame = 0
            self.keyframe_wanted = False
        for place in range(PACKETS_A_FRAME):
            self._send(place, keyframe)

    def _send(self, place: int, keyframe: bool) -> None:
        sender = self._sender
        now = time.time_ns()
        self._number = (self._number + 1) & 0xFFFF
        sender.number = (sender.number + 1) & 0xFFFF
        head = _CAMERA.pack(
            0x90,
            VP8 | (0x80 if place == PACKETS_A_FRAME - 1 else 0),
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
            0x90 if place == 0 else 0x80,
            0xE0,
            0x8000 | self._picture & 0x7FFF,
            self._picture & 0xFF,
            0x20,
        )
        first = b"\x00" if place == 0 and keyframe else b"\x01"
        sender.send(sender.protect(head + first + self._tail + STAMP.pack(now)))
        sender.packets += 1
        self.packets += 1
        self.bytes += PACKET_BYTES


def _send_time(now: int) -> int:
    """abs-send-time: 6.18 fixed point seconds."""
    return (now << 18) // 1_000_000_000 & 0xFFFFFF
