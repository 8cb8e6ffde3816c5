"""How much a subscriber's line carries, from what the subscriber reports: REMB and loss.

The estimate of a receiver never rises far above what it receives, and follows it slowly upwards, so it cannot tell
whether more would fit: that is tried, one step at a time, and taken back where the line does not like it. What fails is
tried again later and later. An estimate below what is sent means an overload only while it does not rise.
"""

from __future__ import annotations

import math
from collections import deque

OVERLOAD_LOSS = 0.10
HEAVY_LOSS = 0.12
_FAILED_LOSS = 0.08
# A report or two must have come since a step was taken before it says anything about it.
_SETTLES = 0.9
_TRIAL = 6.0
_PATIENCE = 8.0
_LONGEST = 64.0
_FORGIVES = 60.0
_MARGIN = 0.9
_RISES = 1.03
_FALLEN = 0.85
_A_SECOND = 0.9


class Bandwidth:
    """One receive transport. `look` once a second, with what was sent and what was reported since the last time."""

    def __init__(self) -> None:
        self._estimates: deque[int] = deque(maxlen=3)
        self._bad = 0
        self._patience = _PATIENCE
        self._next_trial = 0.0
        self._trial_at = -math.inf
        self._trial_from = 0
        self._trial_estimate: int | None = None
        self._usual_loss = 0.0
        self._backed_off_at = -math.inf

    def look(self, now: float, *, sent: int, least: int, loss: float, remb: int | None) -> int | None:
        """The bits a second that may be sent from now on, or None where what is sent is fine.

        `least` is what sound and everybody's smallest picture cost. Only heavy loss takes these away: an estimate is
        low for jitter alone, and a little loss may be a bad radio and no overload.
        """
        falls = self._falls(remb)
        if self.on_trial(now):
            if now - self._trial_at < _SETTLES:
                return None
            if self._trial_failed(loss, remb):
                return self._back_off(now, max(self._trial_from, least))
        over = loss > OVERLOAD_LOSS or (falls and remb is not None and remb < sent * _MARGIN)
        self._bad = self._bad + 1 if over else 0
        self._usual_loss = self._usual_loss * 0.8 + loss * 0.2
        # One bad second is bad luck; the second one is the line.
        if self._bad < 2:
            return None
        self._bad = 0
        carried = sent * (1 - loss / 2) if loss > OVERLOAD_LOSS else float(sent)
        if remb is not None:
            carried = min(carried, remb)
        budget = int(max(carried * _MARGIN, least if loss < HEAVY_LOSS else 0))
        return self._back_off(now, budget) if budget < sent else None

    def on_trial(self, now: float) -> bool:
        """Whether a step more is being tried."""
        return now - self._trial_at < _TRIAL

    def may_try(self, now: float, *, cost: int, remb: int | None) -> bool:
        """Whether so many bits in all may be sent now, to see what becomes of it."""
        if self.on_trial(now) or self._bad:
            return False
        return now >= self._next_trial or (remb is not None and remb > cost)

    def tries(self, now: float, *, sent: int) -> None:
        """A step more is sent from now on."""
        if now - self._backed_off_at > _FORGIVES:
            self._patience = _PATIENCE
        self._trial_at = now
        self._trial_from = sent
        self._trial_estimate = self._estimates[-1] if self._estimates else None

    def _trial_failed(self, loss: float, remb: int | None) -> bool:
        """Worse than before it: a line may lose some packets whatever is sent."""
        if loss > max(_FAILED_LOSS, self._usual_loss * 1.5 + 0.02):
            return True
        before = self._trial_estimate
        return remb is not None and before is not None and remb < before * _FALLEN

    def _falls(self, remb: int | None) -> bool:
        if remb is None:
            return False
        self._estimates.append(remb)
        return remb <= self._estimates[0] * _RISES

    def _back_off(self, now: float, budget: int) -> int:
        self._trial_at = -math.inf
        self._backed_off_at = now
        self._next_trial = now + self._patience
        self._patience = min(_LONGEST, self._patience * 2)
        return budget


class Line:
    """What is sent on one transport."""

    __slots__ = ("_at", "_bytes", "sent")

    def __init__(self) -> None:
        self.sent = 0
        self._at = -1.0
        self._bytes = 0

    def measure(self, bytes_out: int, now: float) -> bool:
        """Bits a second since the last look, from a counter of bytes; false until a second has passed."""
        passed = now - self._at
        if self._at > 0 and passed < _A_SECOND:
            return False
        measured = self._at > 0
        if measured:
            self.sent = int((bytes_out - self._bytes) * 8 / passed)
        self._at, self._bytes = now, bytes_out
        return measured
