"""A packet's way: unprotect, find its stream, note what came, and send it on to everyone who takes that stream.

This is the loop that everything else stays out of: no object, task, queue or await per packet, and one long function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signaling.media.dtls import SrtpError
from signaling.media.incoming import Kept
from signaling.media.rtp import HEADER, abs_send_time, extensions, is_keyframe

if TYPE_CHECKING:
    from signaling.media.transport import Transport

_unpack = HEADER.unpack_from


def forward(transport: Transport, data: bytes, now: float) -> None:  # noqa: C901
    """Take one SRTP packet that came from the transport's own address."""
    drops = transport.drops
    ssrc = int.from_bytes(data[8:12], "big")
    stream = transport.incoming.get(ssrc)
    repair = False
    if stream is None:
        stream = transport.repairs.get(ssrc)
        repair = stream is not None
        if stream is None and transport.guesses <= 0:
            # Nobody announced it: not worth decrypting, nor the memory that SRTP keeps for each SSRC.
            drops["unknown_ssrc"] += 1
            return
    try:
        packet = transport.unprotect(data)
    except SrtpError as error:
        drops["srtp_replay" if "replay" in str(error) else "srtp"] += 1
        return
    transport.heard_at = now
    first, second, number, timestamp, _ = _unpack(packet)
    size = len(packet)
    start = 12 + 4 * (first & 15)
    extra = b""
    mid = rid = repaired = None
    if first & 0x10:
        if size < start + 4:
            drops["malformed"] += 1
            return
        profile = packet[start] << 8 | packet[start + 1]
        end = start + 4 + 4 * (packet[start + 2] << 8 | packet[start + 3])
        if size < end:
            drops["malformed"] += 1
            return
        for name, value in extensions(packet, start + 4, end, profile):
            if name == transport.cc_id:
                if len(value) >= 2:
                    transport.arrivals.add(value[0] << 8 | value[1], int(now * 1e6))
            elif name == transport.level_id:
                extra = b"\xa0" + value[:1]
            elif name == transport.orientation_id:
                extra = b"\xb0" + value[:1]
            elif name == transport.mid_id:
                mid = value
            elif name == transport.rid_id:
                rid = value
            elif name == transport.repaired_id:
                repaired = value
        start = end
    stop = size
    if first & 0x20:
        stop -= packet[-1]
    if stop < start or not size:
        drops["malformed"] += 1
        return

    if stream is None:
        stream = transport.bind(ssrc, second & 0x7F, mid, rid, repaired)
        if stream is None:
            drops["unknown_ssrc"] += 1
            return
        repair = ssrc in transport.repairs
    payload_type = second & 0x7F
    if repair:
        if payload_type != stream.rtx_payload_type:
            drops["payload_type"] += 1
            return
        if stop - start < 2 or stream.highest < 0:
            return  # a bandwidth probe without a packet in it
        number = packet[start] << 8 | packet[start + 1]
        start += 2
        transport.repaired += 1
    elif payload_type != stream.payload_type:
        drops["payload_type"] += 1
        return
    else:
        transit = now * stream.clock_rate - timestamp
        if stream.packets:
            change = abs(transit - stream.transit)
            if change < stream.clock_rate:
                stream.jitter += (change - stream.jitter) / 16
        stream.transit = transit
        stream.packets += 1
        stream.bytes += stop - start

    index = stream.accept(number, now)
    if index < 0:
        drops["duplicate"] += 1
        return
    if extra and not stream.video:
        stream.level = min(stream.level, extra[1] & 0x7F)
    if stream.missing or stream.keyframe_wanted:
        transport.needs_feedback.add(stream)

    # Padding-only packets keep their number: they are passed on empty.
    kept = Kept(index, timestamp, second & 0x80, packet[start:stop], extra, abs_send_time(now))
    stream.keep(kept)
    if not stream.sinks:
        return
    if stream.waiting:
        starts = not stream.video or is_keyframe(stream.mime_type, kept.payload)
        waiting = False
        for sink in stream.sinks:
            if sink.waiting:
                if starts:
                    sink.begin(index, timestamp, now)
                    sink.send(kept, now)
                else:
                    waiting = True
            elif index >= sink.first:
                sink.send(kept, now)
        stream.waiting = waiting
        return
    for sink in stream.sinks:
        if index >= sink.first:
            sink.send(kept, now)
