"""One person as a browser would be: two transports, a microphone, a camera, and reports in both directions."""

from __future__ import annotations

import asyncio
import struct
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from aiortc import RTCCertificate
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_PLI,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
    pack_remb_fci,
)

from bench.load.clip import made_up, real
from bench.load.ears import Ear
from bench.load.plan import Person, Played
from bench.load.tracks import Camera, Sender, Voice
from bench.load.wire import Wire

SECOND = 1_000_000_000
# Chromium checks a path that works every 2.5 s.
CHECKS = 2_500_000_000
_REMB = 5_000_000
_NTP_1970 = 2_208_988_800
_KINDS = {200: "sender report", 201: "receiver report", 205: "feedback", 206: "keyframe request"}

Act = tuple[int, Any]


class Client:
    def __init__(self, person: Person, certificate: RTCCertificate) -> None:
        self.person = person
        self.up = Wire(person.up, certificate)
        self.down = Wire(person.down, certificate)
        self.rtcp: Counter[str] = Counter()
        self.tracks: list[Voice | Camera] = []
        self._last_reports: dict[int, tuple[int, float]] = {}

    async def connect(self) -> None:
        await asyncio.gather(self.up.connect(), self.down.connect())
        # The keys are known from here on.
        sender = Sender(self.up.protect, self.up.socket.send)
        clip = real() if self.person.real else made_up()
        if self.person.voice:
            self.tracks = [
                Voice(sender, self.person.voice, clip),
                Camera(sender, self.person.camera, clip),
            ]
        self.mouth = Ear(self.up, (), self._hear_up, stamped=False)
        self.ear = Ear(self.down, self.person.hears, self._hear_down, stamped=clip.stamped)

    async def close(self, *, goodbye: bool) -> None:
        for wire in (self.up, self.down):
            await wire.close(goodbye=goodbye)

    def acts(self) -> Iterator[Act]:
        """What this person does by the clock: (every so many nanoseconds, this)."""
        for track in self.tracks:
            yield track.period, track.play
        yield CHECKS, self.up.check
        yield CHECKS, self.down.check
        if self.up.secure and self.tracks:
            yield SECOND, self._report_up
            yield SECOND, self._report_down

    def drain(self, played: Played) -> None:
        self.ear.drain(played)

    def drain_up(self, played: Played) -> None:
        self.mouth.drain(played)

    def _report_up(self) -> None:
        now = time.time()
        ntp = int((now + _NTP_1970) * 2**32)
        out = b""
        for track in self.tracks:
            info = RtcpSenderInfo(
                ntp_timestamp=ntp,
                rtp_timestamp=track.timestamp,
                packet_count=track.packets,
                octet_count=track.bytes & 0xFFFFFFFF,
            )
            names = RtcpSdesPacket(chunks=[RtcpSourceInfo(ssrc=track.ssrc, items=[(1, b"bench")])])
            out += bytes(RtcpSrPacket(ssrc=track.ssrc, sender_info=info)) + bytes(names)
        self._send(self.up, out)

    def _report_down(self) -> None:
        now = time.monotonic()
        reports = [
            self._report(ssrc, number, now) for ssrc, number in self.ear.streams.items() if number >= 0
        ]
        remb = pack_remb_fci(_REMB, list(self.ear.streams))
        out = bytes(RtcpRrPacket(ssrc=self.person.voice, reports=reports))
        out += bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=self.person.voice, media_ssrc=0, fci=remb))
        self._send(self.down, out)

    def _report(self, ssrc: int, number: int, now: float) -> RtcpReceiverInfo:
        lsr, at = self._last_reports.get(ssrc, (0, now))
        return RtcpReceiverInfo(
            ssrc=ssrc,
            fraction_lost=0,
            packets_lost=0,
            highest_sequence=number,
            jitter=0,
            lsr=lsr,
            dlsr=int((now - at) * 65536),
        )

    def _send(self, wire: Wire, data: bytes) -> None:
        try:
            wire.socket.send(wire.protect_rtcp(data))
        except OSError:
            return

    def _hear_up(self, data: bytes) -> None:
        for packet in self._rtcp(self.up, data):
            if isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_PLI:
                for track in self.tracks:
                    if isinstance(track, Camera):
                        track.keyframe_wanted = True

    def _hear_down(self, data: bytes) -> None:
        for packet in self._rtcp(self.down, data):
            if isinstance(packet, RtcpSrPacket):
                lsr = packet.sender_info.ntp_timestamp >> 16 & 0xFFFFFFFF
                self._last_reports[packet.ssrc] = lsr, time.monotonic()

    def _rtcp(self, wire: Wire, data: bytes) -> list[Any]:
        if data[0] < 4 and wire.line.own:
            wire.answer(data)
        if not wire.secure or not 191 < data[1] < 224:
            return []
        plain = wire.unprotect_rtcp(data)
        self.rtcp[_KINDS.get(plain[1], "other")] += 1
        if plain[1] == 205:
            return []  # the loop has no rate to find and keeps nothing to send again
        try:
            return list(RtcpPacket.parse(plain))
        except (ValueError, struct.error):
            self.rtcp["unreadable"] += 1
            return []
