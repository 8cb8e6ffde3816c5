"""RTCP of both directions: what clients report and ask for, and what they are told in turn."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
    unpack_remb_fci,
)

from signaling.media.dtls import SrtpError
from signaling.media.police import MOST_REPORTERS

if TYPE_CHECKING:
    from signaling.media.outgoing import Outgoing
    from signaling.media.transport import Transport

# The server's own SSRC in what it reports.
OURS = 1
_CNAME = 1
# SRTP takes 1,352 bytes; a compound stays below a usual MTU.
_LONGEST = 1100
# More than any line carries. REMB can say 2^81, and that is a number which no message to the server can hold.
_MOST_BANDWIDTH = 2**40
_SSRC = struct.Struct("!I")
_NACK = struct.Struct("!BBHII")


def read_rtcp(transport: Transport, data: bytes, now: float) -> None:
    """What a client says about what it sends and receives."""
    if transport.rtcp_left <= 0:
        transport.drops["over_allowance"] += 1
        return
    (reporter,) = _SSRC.unpack_from(data, 4)
    known = reporter in transport.incoming or reporter in transport.repairs or reporter in transport.reporters
    if not known and len(transport.reporters) >= MOST_REPORTERS:
        transport.drops["unknown_ssrc"] += 1
        return
    try:
        plain = transport.unprotect_rtcp(data)
    except SrtpError:
        transport.drops["srtcp"] += 1
        return
    transport.heard_at = now
    if not known:
        transport.reporters.add(reporter)
    try:
        packets = RtcpPacket.parse(plain)
    except (ValueError, IndexError, struct.error):
        transport.drops["malformed_rtcp"] += 1
        packets = []
    transport.rtcp_left -= max(1, len(packets))
    for packet in packets:
        _heard(transport, packet, now)


def _heard(transport: Transport, packet: AnyRtcpPacket, now: float) -> None:
    if isinstance(packet, RtcpSrPacket):
        stream = transport.incoming.get(packet.ssrc)
        if stream is not None:
            stream.heard_report(packet.sender_info, now)
        _heard_reports(transport, packet.reports, now)
    elif isinstance(packet, RtcpRrPacket):
        _heard_reports(transport, packet.reports, now)
    elif isinstance(packet, RtcpRtpfbPacket):
        sink = transport.outgoing.get(packet.media_ssrc)
        if packet.fmt == RTCP_RTPFB_NACK and sink is not None:
            transport.nacks_heard += 1
            _resend(transport, sink, packet.lost, now)
    elif isinstance(packet, RtcpPsfbPacket):
        _heard_wish(transport, packet, now)


def _resend(transport: Transport, sink: Outgoing, lost: list[int], now: float) -> None:
    """What is asked for is counted, found or not: one packet can ask for thousands."""
    asked = lost[: max(0, transport.repairs_left)]
    if len(asked) < len(lost):
        transport.drops["over_allowance"] += 1
    transport.repairs_left -= len(asked)
    transport.resent += sink.resend(asked, now)


def _heard_reports(transport: Transport, reports: list[RtcpReceiverInfo], now: float) -> None:
    for report in reports:
        sink = transport.outgoing.get(report.ssrc)
        if sink is not None:
            sink.reception.heard(report.fraction_lost, report.lsr, report.dlsr, packets=sink.packets, now=now)


def _heard_wish(transport: Transport, packet: RtcpPsfbPacket, now: float) -> None:
    if packet.fmt == RTCP_PSFB_APP:
        try:
            transport.available = min(unpack_remb_fci(packet.fci)[0], _MOST_BANDWIDTH)
        except (ValueError, IndexError, struct.error):
            transport.drops["malformed_rtcp"] += 1
        return
    wanted = [packet.media_ssrc]
    if packet.fmt == RTCP_PSFB_FIR:
        wanted = [struct.unpack_from("!I", packet.fci, at)[0] for at in range(0, len(packet.fci) - 7, 8)]
    elif packet.fmt != RTCP_PSFB_PLI:
        return
    for ssrc in wanted:
        sink = transport.outgoing.get(ssrc)
        if sink is not None:
            sink.wants_keyframe(now)


def ask_again(transport: Transport, now: float) -> None:
    """NACKs and keyframe requests that are due to a publisher."""
    out = b""
    for stream in list(transport.needs_feedback):
        if len(out) > _LONGEST // 2:
            transport.send_rtcp(out)
            out = b""
        numbers = stream.due(now)
        if numbers:
            transport.nacks_sent += 1
            out += nack(stream.ssrc, numbers)
        if transport.live and stream.keyframe_due(now):
            transport.keyframes_asked += 1
            out += bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=OURS, media_ssrc=stream.ssrc))
        if not stream.missing and not stream.keyframe_wanted:
            transport.needs_feedback.discard(stream)
    transport.send_rtcp(out)


def nack(ssrc: int, numbers: list[int]) -> bytes:
    """A request for packets, in rising order (RFC 4585, 6.2.1): one and the sixteen after it, also where they start again at 0."""
    pairs: list[list[int]] = []
    for number in numbers:
        ahead = (number - pairs[-1][0]) & 0xFFFF if pairs else 0
        if 0 < ahead <= 16:
            pairs[-1][1] |= 1 << (ahead - 1)
        else:
            pairs.append([number, 0])
    head = _NACK.pack(0x80 | RTCP_RTPFB_NACK, RTCP_RTPFB, 2 + len(pairs), OURS, ssrc)
    return head + b"".join(struct.pack("!HH", *pair) for pair in pairs)


def report_arrivals(transport: Transport) -> None:
    """Transport-wide feedback, each message in a packet of its own."""
    media = next(iter(transport.incoming), 0)
    for message in transport.arrivals.take(OURS, media):
        transport.send_rtcp(message)


def report_streams(transport: Transport, now: float) -> None:
    """Receiver reports to a publisher."""
    reports = [stream.report(now) for stream in transport.incoming.values() if stream.highest >= 0]
    for place in range(0, len(reports), 31):
        transport.send_rtcp(bytes(RtcpRrPacket(ssrc=OURS, reports=reports[place : place + 31])))


def report_times(transport: Transport, now: float) -> None:
    """Sender reports to a subscriber, with the name that ties a person's sound to its picture."""
    out = b""
    for sink in transport.outgoing.values():
        times = sink.report_times(now)
        if times is None:
            continue
        report = _sender_report(sink, times)
        if len(out) + len(report) > _LONGEST:
            transport.send_rtcp(out)
            out = b""
        out += report
    transport.send_rtcp(out)


def _sender_report(sink: Outgoing, times: tuple[int, int]) -> bytes:
    info = RtcpSenderInfo(
        ntp_timestamp=times[0],
        rtp_timestamp=times[1],
        packet_count=sink.packets & 0xFFFFFFFF,
        octet_count=sink.bytes & 0xFFFFFFFF,
    )
    source = RtcpSourceInfo(ssrc=sink.ssrc, items=[(_CNAME, sink.cname)])
    return bytes(RtcpSrPacket(ssrc=sink.ssrc, sender_info=info)) + bytes(RtcpSdesPacket(chunks=[source]))
