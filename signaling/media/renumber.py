"""Numbers in, numbers out: a shift, less what was left out on purpose, so that the other side sees no gap."""

from __future__ import annotations

from bisect import bisect_left

# As far back as a late packet or a request for a repair may reach.
REMEMBERED = 512


class Renumbering:
    """Input numbers are unwrapped and whoever calls drops them in rising order; `shift` is what holds for the newest."""

    __slots__ = ("_dropped", "shift")

    def __init__(self) -> None:
        self.shift = 0
        self._dropped: list[int] = []

    def begin(self, number: int, out: int) -> None:
        """From here on `number` goes out as `out`; what came before is forgotten."""
        self.shift = out - number
        self._dropped.clear()

    def drop(self, number: int) -> None:
        """Leave out a number above all that were left out before."""
        self.shift -= 1
        self._dropped.append(number)
        if len(self._dropped) > 2 * REMEMBERED:
            del self._dropped[:REMEMBERED]

    def follows(self, number: int) -> bool:
        """Whether it is above all that were left out, so that it may be left out as well."""
        return not self._dropped or number > self._dropped[-1]

    def out(self, number: int) -> int | None:
        """The number it goes out under; None for one that was left out."""
        dropped = self._dropped
        if not dropped or number > dropped[-1]:
            return number + self.shift
        before = bisect_left(dropped, number)
        if dropped[before] == number:
            return None
        return number + self.shift + len(dropped) - before

    def back(self, out: int) -> int:
        """The number that went out under this one."""
        dropped = self._dropped
        number = out - self.shift
        # Each one that was left out after it has moved the shift by one: how far each lies behind never falls.
        last = len(dropped) - 1
        below = bisect_left(range(last + 1), number - last, key=lambda place: dropped[place] - place)
        return number - (last + 1 - below)
