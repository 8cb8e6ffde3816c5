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
# A client's reports, and its checks of the path: some a second.
RTCP = 400
CHECKS = 100


def renew(transport: Transport, seconds: float) -> None:
    """Allow for so many seconds more, from what has come by now."""
    transport.rtcp_left = int(RTCP * seconds)
    transport.checks_left = int(CHECKS * seconds)
    for stream in transport.incoming.values():
        _renew(stream, PICTURE if stream.video else SOUND, seconds)


def _renew(stream: Incoming, allowed: Allowance, seconds: float) -> None:
    stream.most_packets = stream.packets + int(allowed.packets * seconds)
    stream.most_bytes = stream.bytes + int(allowed.bits / 8 * seconds)
