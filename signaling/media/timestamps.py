"""One clock for a subscriber over several streams: what a new stream's timestamps become, so that no picture jumps in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from signaling.media.rtp import unwrap_bits

if TYPE_CHECKING:
    from signaling.media.incoming import Incoming

# Seconds by which two clocks of a publisher may disagree.
_LARGEST_STEP = 1.0


class Clocks(NamedTuple):
    """Where two clocks stand together: the publisher's wall clock in seconds, and the subscriber's timestamp."""

    seconds: float
    timestamp: int


def clocks_of(source: Incoming | None, shift: int) -> Clocks | None:
    """The clocks of a stream as its last sender report tells; None before the first."""
    if source is None or source.reference is None:
        return None
    seconds, timestamp, _ = source.reference
    return Clocks(seconds, timestamp + shift)


def next_timestamp(
    source: Incoming, timestamp: int, *, after: int, passed: int, reference: Clocks | None
) -> int:
    """What a new stream's first timestamp is on the clock so far.

    `after` is the last one that was sent, `passed` the time since then in units of the clock. Sender reports of both
    streams tell exactly how they stand to each other; without them it is the time that has passed.
    """
    rate = source.clock_rate
    exact = _by_reports(source, timestamp, after + passed, reference)
    # A report from another age, or clocks that disagree, must not make the picture jump; nor may time stand still.
    close = exact is not None and abs(exact - after - passed) <= _LARGEST_STEP * rate
    return max(exact if exact is not None and close else after + passed, after + rate // 1000)


def _by_reports(source: Incoming, timestamp: int, near: int, reference: Clocks | None) -> int | None:
    if reference is None or source.reference is None:
        return None
    seconds, told, _ = source.reference
    ahead = unwrap_bits(timestamp, told, 32) - told
    exact = reference.timestamp + int((seconds - reference.seconds) * source.clock_rate) + ahead
    return unwrap_bits(exact & 0xFFFFFFFF, near, 32)
