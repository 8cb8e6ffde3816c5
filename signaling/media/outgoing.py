"""One RTP stream to a subscriber: a publisher's packets under numbers and clocks that never jump."""

from __future__ import annotations

import random
import struct
from typing import TYPE_CHECKING

from signaling.media.extensions import ABS_SEND_TIME, lay_out
from signaling.media.incoming import Incoming, Kept
from signaling.media.reception import Reception
from signaling.media.renumber import Renumbering
from signaling.media.rtp import HEADER, abs_send_time, unwrap
from signaling.media.timestamps import Clocks, clocks_of, next_timestamp
from signaling.media.vp8 import Pictures
from signaling.media.wishes import Keyframes, Repairs

if TYPE_CHECKING:
    from signaling.media.transport import Transport

_pack = HEADER.pack
# Numbers may leap where packets are lost; where much more is left out than is sent, SRTP could not tell how often they wrapped.
_LEAP = 1024


class Outgoing:
    """Output numbers are the input's plus a shift, so a lost packet is found in the publisher's store.

    `temporal` is the highest temporal layer that is passed on.
    """

    __slots__ = (
        "_last_at",
        "_last_index",
        "_last_timestamp",
        "_numbers",
        "_pad",
        "_pad_extra",
        "_picture_begins",
        "_pictures",
        "_prefix",
        "_prefix_extra",
        "_reference",
        "_rtx_number",
        "_source_changed",
        "_stamped",
        "_takes_extra",
        "bytes",
        "cname",
        "first",
        "keyframes",
        "packets",
        "payload_type",
        "reception",
        "repairs",
        "rtx_payload_type",
        "rtx_ssrc",
        "source",
        "ssrc",
        "temporal",
        "timestamp_shift",
        "transport",
        "waiting",
    )

    def __init__(
        self,
        transport: Transport,
        *,
        ssrc: int,
        rtx_ssrc: int,
        payload_type: int,
        rtx_payload_type: int | None,
        extension_ids: dict[str, int],
        takes_extra: bool,
        mid: str,
        cname: str,
    ) -> None:
        self.transport = transport
        self.ssrc = ssrc
        self.rtx_ssrc = rtx_ssrc
        self.payload_type = payload_type
        self.rtx_payload_type = rtx_payload_type
        self.source: Incoming | None = None
        self.waiting = True
        self.first = 0
        self.packets = 0
        self.bytes = 0
        self.reception = Reception()
        self.cname = cname.encode()
        self.timestamp_shift = 0
        self.temporal = 3
        self._numbers = Renumbering()
        self._pictures = Pictures()
        self._picture_begins = True
        self._reference: Clocks | None = None
        self._last_index = 0x10000 + random.getrandbits(15)
        self._last_timestamp = random.getrandbits(32)
        self._last_at = 0.0
        self._source_changed = True
        self._rtx_number = random.getrandbits(15)
        self.repairs = Repairs()
        self.keyframes = Keyframes()
        self._takes_extra = takes_extra
        self._stamped = ABS_SEND_TIME in extension_ids
        layout = lay_out(extension_ids, mid)
        self._prefix, self._pad, self._prefix_extra, self._pad_extra = layout

    def follow(self, source: Incoming | None) -> None:
        """Take packets from this stream from now on, beginning where a decoder can."""
        if source is not self.source:
            if not self._source_changed:
                self._reference = clocks_of(self.source, self.timestamp_shift)
            self.source = source
            self._source_changed = True
        self.waiting = True

    def begin(self, index: int, timestamp: int, now: float) -> None:
        """The first packet after a pause or a change of source takes the next number, on a clock that goes on."""
        assert self.source is not None
        self.waiting = False
        self.first = index
        self._numbers.begin(index, self._last_index + 1)
        self._picture_begins = True
        if self._source_changed:
            self._source_changed = False
            passed = int((now - self._last_at) * self.source.clock_rate) if self._last_at else 0
            goes_on = next_timestamp(
                self.source, timestamp, after=self._last_timestamp, passed=passed, reference=self._reference
            )
            self.timestamp_shift = goes_on - timestamp
        self.repairs.forget()

    def send(self, packet: Kept, now: float) -> None:
        """Pass one packet on. Everything that is not needed for this is elsewhere."""
        number, timestamp, marker, payload, extra, stamp, picture = packet
        numbers = self._numbers
        index = number + numbers.shift
        if index <= self._last_index or picture is not None:
            sent = self._renumbered(packet)
            if sent is None:
                return
            index, payload = sent
        if not self._stamped:
            stamp = b""
        timestamp += self.timestamp_shift
        header = _pack(0x90, marker | self.payload_type, index & 0xFFFF, timestamp & 0xFFFFFFFF, self.ssrc)
        if extra and self._takes_extra:
            data = header + self._prefix_extra + stamp + extra + self._pad_extra + payload
        else:
            data = header + self._prefix + stamp + self._pad + payload
        # What Transport.send_repair does, without calling it.
        transport = self.transport
        try:
            sealed = transport.protect(data)
        except ValueError:
            transport.drops["too_long"] += 1
            return
        transport.packets_out += 1
        transport.bytes_out += len(sealed)
        address = transport.address
        if address is not None:
            transport.carry(sealed, address)
        self.packets += 1
        self.bytes += len(payload)
        if index > self._last_index:
            self._last_index = index
            self._last_timestamp = timestamp
            self._last_at = now

    def resend(self, numbers: list[int], now: float) -> int:
        """Answer a NACK from the publisher's store; by RTX, or the very same packet where that was not agreed.

        Sound is always repaired; it costs little and is missed most.
        """
        if self.source is None or self.waiting:
            return 0
        count = 0
        for number in numbers:
            if self.source.video and self.transport.repair_bytes <= 0:
                self.transport.drops["repairs_over_share"] += 1
                break
            index = self._numbers.back(unwrap(number, self._last_index))
            packet = self.source.kept(index) if self.first <= index else None
            if packet is None or not self.repairs.may_send(index, now, self.reception.rtt):
                continue
            repair = self._repair(packet, now)
            if repair is not None:
                self.transport.send_repair(repair)
                count += 1
        return count

    def wants_keyframe(self, now: float) -> None:
        """The subscriber cannot go on decoding."""
        if self.source is not None and self.keyframes.may_have(now):
            self.source.want_keyframe()

    def report_times(self, now: float) -> tuple[int, int] | None:
        """(NTP, RTP timestamp) of this moment on the publisher's clocks, so that its sound and picture stay in step."""
        if self.source is None or self.source.reference is None or self.waiting:
            return None
        seconds, timestamp, heard_at = self.source.reference
        elapsed = now - heard_at
        ntp = int((seconds + elapsed) * 2**32) & 0xFFFFFFFFFFFFFFFF
        rtp = (timestamp + int(elapsed * self.source.clock_rate) + self.timestamp_shift) & 0xFFFFFFFF
        self.reception.told_time(ntp, now)
        return ntp, rtp

    def _renumbered(self, packet: Kept) -> tuple[int, bytes] | None:
        """The number and payload of a packet that is late, or one of several layers; None where it is left out."""
        picture = packet.picture
        ahead = packet.number + self._numbers.shift - self._last_index
        newest = ahead > 0 and self._numbers.follows(packet.number)
        if picture is not None and picture.id >= 0:
            if self._picture_begins:
                self._picture_begins = False
                self._pictures.begin(picture)
            # What is late and left out goes out empty: its number is missed.
            if not self._pictures.takes(picture, self.temporal) and newest:
                self._numbers.drop(packet.number)
                return None
        if newest and ahead > _LEAP:
            self.first = packet.number
            self._numbers.begin(packet.number, self._last_index + 1)
        index = self._numbers.out(packet.number)
        if index is None:
            return None
        return index, self._payload(packet)

    def _payload(self, packet: Kept) -> bytes:
        picture = packet.picture
        if picture is None or picture.id < 0:
            return packet.payload
        return self._pictures.write(packet.payload, picture)

    def _write(self, packet: Kept, index: int, payload: bytes) -> bytes:
        """A packet as it went out before."""
        return (
            _pack(
                0x90,
                packet.marker | self.payload_type,
                index & 0xFFFF,
                (packet.timestamp + self.timestamp_shift) & 0xFFFFFFFF,
                self.ssrc,
            )
            + self._block(packet.extra, packet.stamp)
            + payload
        )

    def _repair(self, packet: Kept, now: float) -> bytes | None:
        index = self._numbers.out(packet.number)
        if index is None:
            return None
        if self.rtx_payload_type is None:
            # Byte for byte the packet that was sent: the same SRTP nonce must never cover something else.
            # What a picture's numbers were by then is not known for certain, and so it is not repaired.
            return self._write(packet, index, packet.payload) if packet.picture is None else None
        payload = self._payload(packet)
        self._rtx_number = (self._rtx_number + 1) & 0xFFFF
        return (
            _pack(
                0x90,
                packet.marker | self.rtx_payload_type,
                self._rtx_number,
                (packet.timestamp + self.timestamp_shift) & 0xFFFFFFFF,
                self.rtx_ssrc,
            )
            + self._block(packet.extra, abs_send_time(now))
            + struct.pack("!H", index & 0xFFFF)
            + payload
        )

    def _block(self, extra: bytes, stamp: bytes) -> bytes:
        if not self._stamped:
            stamp = b""
        if extra and self._takes_extra:
            return self._prefix_extra + stamp + extra + self._pad_extra
        return self._prefix + stamp + self._pad
