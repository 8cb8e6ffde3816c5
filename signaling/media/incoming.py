"""One RTP stream from a publisher: what has come, what is missing, and the packets kept for those who lost them."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, NamedTuple, Protocol

from aiortc.rtp import RtcpReceiverInfo, RtcpSenderInfo

from signaling.media.layers import Layer
from signaling.media.vp8 import Picture

if TYPE_CHECKING:
    from signaling.media.transport import Transport

# A power of two: 2 s of video at 1.2 Mbit/s, 5 s of sound; 300 kB for each picture that is sent.
KEPT = 256
_MASK = KEPT - 1
_JUMP = 200
_MOST_MISSING = 128

NACK_AFTER = 0.01
NACK_AGAIN = 0.06
NACK_TRIES = 8
KEYFRAME_PAUSE = 0.5

# A layer without a packet for so long does not flow: its publisher has no bandwidth for it.
DRIES_UP = 1.2


class Kept(NamedTuple):
    """A packet as it is passed on: payload without padding, the extension that passes through, its send time.

    `picture` is read only where a subscriber may get other picture numbers than the publisher's.
    """

    number: int
    timestamp: int
    marker: int
    payload: bytes
    extra: bytes
    stamp: bytes
    picture: Picture | None = None


class Sink(Protocol):
    """Who takes a stream: a subscriber's, or a recorder's tap. One that waits is begun where a decoder can begin."""

    waiting: bool
    first: int

    def begin(self, index: int, timestamp: int, now: float) -> None: ...
    def send(self, packet: Kept, now: float) -> None: ...


class Incoming:
    """Numbers are unwrapped: they count on where a sequence number starts again at 0."""

    __slots__ = (
        "_asked_at",
        "_bytes_before",
        "_due_at",
        "_expected_before",
        "_packets_before",
        "_rated_at",
        "_received_before",
        "_sender_ntp",
        "_slots",
        "at",
        "bytes",
        "clock_rate",
        "duplicates",
        "height",
        "highest",
        "interval_loss",
        "jitter",
        "keyframe_wanted",
        "layer",
        "layered",
        "level",
        "lowest",
        "mime_type",
        "missing",
        "most_bytes",
        "most_packets",
        "packets",
        "payload_type",
        "rate",
        "reference",
        "rid",
        "rtx_payload_type",
        "sinks",
        "ssrc",
        "temporals",
        "timestamp",
        "transit",
        "transport",
        "video",
        "waiting",
        "width",
    )

    def __init__(
        self,
        transport: Transport,
        ssrc: int,
        *,
        mime_type: str,
        clock_rate: int,
        payload_type: int,
        rtx_payload_type: int | None,
        rid: str | None = None,
        layer: int = 0,
        layered: bool = False,
    ) -> None:
        self.transport = transport
        self.ssrc = ssrc
        self.rid = rid
        self.mime_type = mime_type
        self.video = mime_type.startswith("video/")
        self.clock_rate = clock_rate
        self.payload_type = payload_type
        self.rtx_payload_type = rtx_payload_type
        self.layer = layer
        self.layered = layered
        self.temporals = 1
        self.width = self.height = 0
        self.sinks: tuple[Sink, ...] = ()
        self.waiting = False
        self.level = 127
        self.lowest = -1
        self.highest = -1
        self.packets = 0
        self.bytes = 0
        # Until the first look at the clock; see police.py.
        self.most_packets = 2_000
        self.most_bytes = 1_500_000
        self.rate = 0
        self.at = -DRIES_UP
        self.timestamp = -1
        self.duplicates = 0
        self.jitter = 0.0
        self.transit = 0.0
        self.missing: dict[int, tuple[float, int]] = {}
        self.keyframe_wanted = False
        self.reference: tuple[float, int, float] | None = None
        self.interval_loss = 0.0
        self._asked_at = -1.0
        self._expected_before = 0
        self._received_before = 0
        self._packets_before = 0
        self._sender_ntp = 0
        self._due_at = math.inf
        self._bytes_before = 0
        self._rated_at = -1.0
        self._slots: list[Kept | None] = [None] * KEPT

    def accept(self, number: int, now: float) -> int:
        """The full number of a packet, or -1 for a duplicate or one that is too old; notes the gap it opens."""
        highest = self.highest
        if highest < 0:
            self.lowest = self.highest = number + 0x10000
            return self.highest
        index = highest + (((number - highest + 0x8000) & 0xFFFF) - 0x8000)
        if index > highest:
            self.highest = index
            if index != highest + 1:
                self._opened(highest + 1, index, now)
            return index
        kept = self._slots[index & _MASK]
        if highest - index >= KEPT or (kept is not None and kept.number == index):
            self.duplicates += 1
            return -1
        self.missing.pop(index, None)
        return index

    def keep(self, packet: Kept) -> None:
        self._slots[packet.number & _MASK] = packet

    def kept(self, index: int) -> Kept | None:
        packet = self._slots[index & _MASK]
        return packet if packet is not None and packet.number == index else None

    def due(self, now: float) -> list[int]:
        """Sequence numbers to ask the publisher for again; gives up after some tries."""
        if now < self._due_at:
            return []
        numbers = []
        for index, (at, tries) in list(self.missing.items()):
            if tries >= NACK_TRIES or self.highest - index >= KEPT:
                del self.missing[index]
            elif at <= now:
                self.missing[index] = (now + NACK_AGAIN * 1.4**tries, tries + 1)
                numbers.append(index & 0xFFFF)
        self._due_at = min((at for at, _ in self.missing.values()), default=math.inf)
        return numbers

    def measure(self, now: float) -> None:
        """Bits a second since the last look, evened out; a picture that stands still costs little for a moment only."""
        elapsed = now - self._rated_at
        if self._rated_at >= 0 and elapsed > 0:
            rate = int((self.bytes - self._bytes_before) * 8 / elapsed)
            self.rate = (self.rate + rate) // 2 if self.rate else rate
        self._rated_at, self._bytes_before = now, self.bytes

    def flowing(self, now: float) -> Layer:
        """What this layer costs and shows; a bitrate of 0 where it does not flow."""
        rate = max(self.rate, 1) if now - self.at < DRIES_UP else 0
        return Layer(rate, self.width, self.height, self.temporals)

    def want_keyframe(self) -> None:
        """Somebody cannot go on without one; asked for at the next tick."""
        self.keyframe_wanted = self.video
        self.transport.needs_feedback.add(self)

    def keyframe_due(self, now: float) -> bool:
        """Whether to send a request now: at most one in 500 ms, whoever wants it."""
        if not self.keyframe_wanted or not self.video or now - self._asked_at < KEYFRAME_PAUSE:
            return False
        self._asked_at = now
        self.keyframe_wanted = self.waiting
        return True

    def heard_report(self, sender: RtcpSenderInfo, now: float) -> None:
        """A sender report ties the stream's clock to the publisher's wall clock."""
        self._sender_ntp = sender.ntp_timestamp
        self.reference = (sender.ntp_timestamp / 2**32, sender.rtp_timestamp, now)

    def report(self, now: float) -> RtcpReceiverInfo:
        """What the publisher is told about its stream; repaired packets count as lost, as RFC 3550 wants."""
        expected = self.highest - self.lowest + 1 if self.highest >= 0 else 0
        received = self.packets - self._packets_before
        expected_now = expected - self._expected_before
        lost_now = max(0, expected_now - (received - self._received_before))
        self._expected_before, self._received_before = expected, received
        self.interval_loss = lost_now / expected_now if expected_now > 0 else 0.0
        delay = int((now - self.reference[2]) * 65536) if self.reference else 0
        return RtcpReceiverInfo(
            ssrc=self.ssrc,
            fraction_lost=min(255, int(self.interval_loss * 256)),
            packets_lost=max(0, min(0x7FFFFF, expected - received)),
            highest_sequence=max(0, self.highest - 0x10000) & 0xFFFFFFFF,
            jitter=int(self.jitter) & 0xFFFFFFFF,
            lsr=(self._sender_ntp >> 16) & 0xFFFFFFFF,
            dlsr=delay & 0xFFFFFFFF,
        )

    def _opened(self, start: int, end: int, now: float) -> None:
        if end - start > _JUMP:
            # The publisher began anew (or was away): nothing of the gap can be repaired in time.
            # What was before says nothing about loss either.
            self.missing.clear()
            self.lowest = end
            self._packets_before = self.packets
            self._expected_before = self._received_before = 0
            self.keyframe_wanted = self.video
            return
        if end - start + len(self.missing) > _MOST_MISSING:
            # The line is overloaded: asking for all of it again would be the last straw.
            self.missing.clear()
            self.keyframe_wanted = self.video
            return
        at = now + NACK_AFTER
        self._due_at = min(self._due_at, at)
        for index in range(start, end):
            self.missing[index] = (at, 0)


def random_ssrc() -> int:
    """Never one of the small numbers that clients keep for themselves (1234 is mediasoup's probator)."""
    return random.SystemRandom().randrange(0x10000, 0xFFFFFFFF)
