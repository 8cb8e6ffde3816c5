"""How often a subscriber gets what it asks for: a packet once a round trip, a keyframe less and less often.

On a line that is too narrow everything comes late and is asked for again and again. Granting it all would fill the line with
repairs and keyframes, and take the place of the sound.
"""

from __future__ import annotations

# Two requests for one packet in so short a time are one.
_AT_LEAST = 0.02
_AT_MOST = 1.0
# A little less than the round trip: the next request may be on its way already.
_OF_A_ROUND = 0.9
_REMEMBERED = 1024

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 2.0
_FORGIVES = 4.0


class Repairs:
    """What was sent again to one subscriber, and when."""

    __slots__ = ("_sent_at",)

    def __init__(self) -> None:
        self._sent_at: dict[int, float] = {}

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._sent_at)

    def may_send(self, index: int, now: float, rtt: float | None) -> bool:
        """Whether what was sent again before can have arrived by now, if it was."""
        pause = min(_AT_MOST, max(_AT_LEAST, (rtt or 0.0) * _OF_A_ROUND))
        if now - self._sent_at.get(index, -_AT_MOST) < pause:
            return False
        if len(self._sent_at) >= _REMEMBERED:
            self._sent_at.clear()
        self._sent_at[index] = now
        return True

    def forget(self) -> None:
        """Numbers begin anew."""
        self._sent_at.clear()


class Keyframes:
    """The keyframes that one subscriber asks for."""

    __slots__ = ("_granted_at", "_pause")

    def __init__(self) -> None:
        self._granted_at = -_FORGIVES
        self._pause = _FIRST_PAUSE

    def may_have(self, now: float) -> bool:
        """One at once, and the next after a pause that grows while the line cannot even carry them."""
        passed = now - self._granted_at
        if passed < self._pause:
            return False
        self._pause = _FIRST_PAUSE if passed >= _FORGIVES else min(_LONGEST_PAUSE, self._pause * 2)
        self._granted_at = now
        return True
