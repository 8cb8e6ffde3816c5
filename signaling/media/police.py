"""What one publisher may send, so that nobody's flood is everybody's: so many packets and bits a second, and no more.

Looking is cheap and comes first; counting comes after a packet has been authenticated, so that a stranger's forgeries use
up nobody's allowance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from signaling.media.incoming import Incoming
    from signaling.media.transport import Transport


class Allowance(NamedTuple):
    """In a second, on average over each half second."""

    packets: int
    bits: int


# Far above what browsers send: Opus at its best has 510 kbit/s, a screen in full motion some Mbit/s.
SOUND = Allowance(400, 1_000_000)
PICTURE = Allowance(2_000, 12_000_000)
# All that comes on one transport, divided among its streams: three layers of a camera and three of a screen fit in.
ALL = Allowance(6_000, 30_000_000)
# A client's reports one by one, the packets that it wants again, and its checks of the path.
RTCP = 1_000
REPAIRS = 1_000
CHECKS = 100
# The bytes that may be sent again of pictures: half of what went out for the first time, and never less than a few packets.
# A line on which more is lost is too narrow, and repairs would make it narrower.
_REPAIRS_OF_SENT = 2
LEAST_REPAIRS = 4_000

# What SRTP keeps of an SSRC is half a kilobyte; a camera that is switched on anew takes six.
MOST_ANNOUNCED = 4_000
# Firefox reports on each stream that it receives under a name of its own, and streams come and go for hours.
MOST_REPORTERS = 1_000


def renew(transport: Transport, seconds: float) -> None:
    """Allow for so many seconds more, from what has come by now."""
    transport.rtcp_left = int(RTCP * seconds)
    transport.repairs_left = int(REPAIRS * seconds)
    transport.checks_left = int(CHECKS * seconds)
    first = transport.bytes_out - transport.bytes_again
    transport.repair_bytes = max(LEAST_REPAIRS, (first - transport.bytes_before) // _REPAIRS_OF_SENT)
    transport.bytes_before = first
    streams = transport.incoming.values()
    for stream in streams:
        _renew(stream, PICTURE if stream.video else SOUND, seconds, len(streams))


def _renew(stream: Incoming, allowed: Allowance, seconds: float, among: int) -> None:
    packets, bits = min(allowed.packets, ALL.packets // among), min(allowed.bits, ALL.bits // among)
    stream.most_packets = stream.packets + int(packets * seconds)
    stream.most_bytes = stream.bytes + int(bits / 8 * seconds)
