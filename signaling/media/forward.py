"""A packet's way: unprotect, find its stream, note what came, and send it on to everyone who takes that stream.

This is the loop that everything else stays out of: no object, task, queue or await per packet, and one long function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signaling.media.dtls import SrtpError
from signaling.media.extensions import AUDIO_LEVEL, VIDEO_ORIENTATION, passed_on_as
from signaling.media.incoming import Kept
from signaling.media.rtp import HEADER, ONE_BYTE, extensions, is_keyframe
from signaling.media.vp8 import UNREADABLE, Picture, picture_size, read_picture

if TYPE_CHECKING:
    from signaling.media.incoming import Incoming
    from signaling.media.transport import Transport

# What can be sent on with a subscriber's own header and what SRTP adds; browsers stay below 1,200.
_LONGEST = 1300
_unpack = HEADER.unpack_from
_new = tuple.__new__

# The extensions that pass through, as elements with the ids that subscribers know them by.
LEVELS = passed_on_as(AUDIO_LEVEL)
ORIENTATIONS = passed_on_as(VIDEO_ORIENTATION)


def forward(transport: Transport, data: bytes, now: float) -> None:  # noqa: C901
    """Take one SRTP packet that came from the transport's own address."""
    # SRTP leaves the header in the clear, and whatever it says is worth nothing until it has been authenticated.
    first, second, number, timestamp, ssrc = _unpack(data)
    stream = transport.incoming.get(ssrc)
    repair = False
    if stream is None:
        stream = transport.repairs.get(ssrc)
        repair = stream is not None
        if stream is None and transport.guesses <= 0:
            # Nobody announced it: not worth decrypting, nor the memory that SRTP keeps for each SSRC.
            transport.drops["unknown_ssrc"] += 1
            return
    if stream is not None and (stream.packets >= stream.most_packets or stream.bytes >= stream.most_bytes):
        transport.drops["over_allowance"] += 1
        return
    try:
        packet = transport.unprotect(data)
    except SrtpError as error:
        transport.drops["srtp_replay" if "replay" in str(error) else "srtp"] += 1
        return
    transport.heard_at = now
    start = 12 + 4 * (first & 15)
    stop = len(packet)
    extra = b""
    named: list[tuple[int, bytes]] = []
    if first & 0x10:
        if stop < start + 4:
            _waste(transport, stream, ssrc, "malformed")
            return
        profile = packet[start] << 8 | packet[start + 1]
        end = start + 4 + 4 * (packet[start + 2] << 8 | packet[start + 3])
        if stop < end:
            _waste(transport, stream, ssrc, "malformed")
            return
        if profile == ONE_BYTE and stream is not None:
            # The two that matter in each packet, found without an object for each element.
            at = start + 4
            arrival, level, orientation = transport.heads
            while at < end:
                head = packet[at]
                if head == arrival and at + 2 < end:
                    transport.arrived((packet[at + 1] << 8 | packet[at + 2], now))
                elif head == level and at + 1 < end:
                    extra = LEVELS[packet[at + 1]]
                elif head == orientation and at + 1 < end:
                    extra = ORIENTATIONS[packet[at + 1]]
                at += (head & 15) + 2 if head else 1
        else:
            named = extensions(packet, start + 4, end, profile)
        start = end
    if first & 0x20:
        stop -= packet[-1]
    if not start <= stop <= start + _LONGEST:
        _waste(transport, stream, ssrc, "malformed" if stop < start else "too_long")
        return
    if named or stream is None:
        ids, extra = _read(transport, named, now)
        if stream is None:
            stream = transport.bind(ssrc, second & 0x7F, *ids)
            if stream is None:
                transport.drops["unknown_ssrc"] += 1
                return
            repair = ssrc in transport.repairs
    payload_type = second & 0x7F
    if repair:
        if payload_type != stream.rtx_payload_type:
            _waste(transport, stream, ssrc, "payload_type")
            return
        stream.most_packets -= 1
        stream.most_bytes -= stop - start
        if stop - start < 2 or stream.highest < 0:
            return  # a bandwidth probe without a packet in it
        number = packet[start] << 8 | packet[start + 1]
        start += 2
        transport.repaired += 1
    elif payload_type != stream.payload_type:
        _waste(transport, stream, ssrc, "payload_type")
        return
    else:
        if timestamp != stream.timestamp:
            # RFC 3550, 6.4.1; the packets of one picture say nothing about the line but its first.
            stream.timestamp = timestamp
            transit = now * stream.clock_rate - timestamp
            change = abs(transit - stream.transit)
            if change < stream.clock_rate:
                stream.jitter += (change - stream.jitter) / 16
            stream.transit = transit
        stream.packets += 1
        stream.bytes += stop - start

    index = stream.highest + 1
    if number == index & 0xFFFF and index:
        stream.highest = index
    else:
        index = stream.accept(number, now)
        if index < 0:
            transport.drops["duplicate"] += 1
            return
    stream.at = now
    if extra and not stream.video:
        level_now = extra[1] & 0x7F
        if level_now < stream.level:
            stream.level = level_now
    if stream.missing or stream.keyframe_wanted:
        transport.needs_feedback.add(stream)

    # Padding-only packets keep their number: they are passed on empty.
    payload = packet[start:stop]
    # RFC 5285's send time: 24 bits, 6.18 fixed point seconds.
    stamp = (int(now * 262144) & 0xFFFFFF).to_bytes(3, "big")
    picture = _look(stream, payload) if stream.layered else None
    kept: Kept = _new(Kept, (index, timestamp, second & 0x80, payload, extra, stamp, picture))
    stream.keep(kept)
    if stream.waiting:
        _begin_those_who_wait(stream, kept, now)
        return
    for sink in stream.sinks:
        if index >= sink.first:
            sink.send(kept, now)


def _waste(transport: Transport, stream: Incoming | None, ssrc: int, why: str) -> None:
    """What an admitted client sends in vain is counted too: else a flood of it would be free."""
    transport.drops[why] += 1
    if stream is None:
        transport.bind(ssrc, 0, None, None, None)
    else:
        stream.most_packets -= 1


def _read(
    transport: Transport, named: list[tuple[int, bytes]], now: float
) -> tuple[tuple[bytes | None, bytes | None, bytes | None], bytes]:
    """All extensions of a packet: (MID, RID, repaired RID), and the one that is passed on."""
    extra = b""
    mid = rid = repaired = None
    for name, value in named:
        if name == transport.cc_id:
            if len(value) >= 2:
                transport.arrived((value[0] << 8 | value[1], now))
        elif name == transport.level_id:
            extra = LEVELS[value[0]] if value else b""
        elif name == transport.orientation_id:
            extra = ORIENTATIONS[value[0]] if value else b""
        elif name == transport.mid_id:
            mid = value
        elif name == transport.rid_id:
            rid = value
        elif name == transport.repaired_id:
            repaired = value
    return (mid, rid, repaired), extra


def _look(stream: Incoming, payload: bytes) -> Picture:
    """The picture of a packet of several layers; keyframes tell how large the layer is."""
    picture = read_picture(payload) or UNREADABLE
    if picture.temporal >= stream.temporals:
        stream.temporals = picture.temporal + 1
    if is_keyframe(stream.mime_type, payload):
        size = picture_size(payload)
        if size is not None:
            stream.width, stream.height = size
    return picture


def _begin_those_who_wait(stream: Incoming, kept: Kept, now: float) -> None:
    """Whoever waits begins where a decoder can; the others go on."""
    starts = not stream.video or is_keyframe(stream.mime_type, kept.payload)
    for sink in stream.sinks:
        if sink.waiting and starts:
            sink.begin(kept.number, kept.timestamp, now)
        if not sink.waiting and kept.number >= sink.first:
            sink.send(kept, now)
    stream.waiting = any(sink.waiting for sink in stream.sinks)
