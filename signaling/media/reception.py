"""How a stream arrives at its subscriber, by the receiver reports (RFC 3550, 6.4)."""

from __future__ import annotations

_HOLDS = 1.5
_SENDER_REPORTS_KEPT = 8


class Reception:
    """`loss` is a share, `rtt` in seconds and None until a report has answered one of ours."""

    __slots__ = ("_heard_at", "_packets_then", "_reported", "loss", "rtt", "sent")

    def __init__(self) -> None:
        self.loss = 0.0
        self.rtt: float | None = None
        self.sent: dict[int, float] = {}
        """When each of the last sender reports went out, by the middle of its NTP time."""
        self._heard_at = 0.0
        self._reported = self._packets_then = 0

    def told_time(self, ntp: int, now: float) -> None:
        """A sender report goes out."""
        self.sent[(ntp >> 16) & 0xFFFFFFFF] = now
        while len(self.sent) > _SENDER_REPORTS_KEPT:
            del self.sent[next(iter(self.sent))]

    def heard(self, fraction_lost: int, lsr: int, dlsr: int, *, packets: int, now: float) -> None:
        """A report came when so many packets had been sent."""
        self.loss = fraction_lost / 256
        self._reported, self._packets_then = packets - self._packets_then, packets
        self._heard_at = now
        sent_at = self.sent.get(lsr)
        if sent_at is not None:
            self.rtt = max(0.0, now - sent_at - dlsr / 65536)

    def reported(self, now: float) -> int:
        """How many packets the last report was about; none where that is too long ago to say anything."""
        return self._reported if now - self._heard_at < _HOLDS else 0
