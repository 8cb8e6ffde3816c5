"""Cycles of garbage: looked for when nobody waits for an answer.

With a thousand connections a full look takes a third of a second, in which nobody is answered; Python would take it amid the busiest talk,
since it counts what is made. Most of what the server lets go of is in no cycle, and is gone at once without a look.
"""

import asyncio
import gc
from collections.abc import Callable
from time import monotonic

EVERY = 300.0
"""Seconds between two full looks, where a moment of rest comes."""
AT_LATEST = 3600.0
"""… and where none comes."""
REST = 2.0
"""Seconds in which nobody has asked for anything."""
YOUNG, MIDDLE, SELDOM = 50_000, 50, 1_000_000
"""Python's own thresholds: the young are looked at as always, all of it practically never."""


class Cycles:
    """Decides when to look; `answered` counts what was asked for so far."""

    def __init__(self, answered: Callable[[], int], *, clock: Callable[[], float] = monotonic) -> None:
        self._answered = answered
        self._clock = clock
        self._looked_at = clock()
        self._seen = answered()

    async def run(self) -> None:
        """Looks now and then; what was loaded at the start stays for good, and is never looked at."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG, MIDDLE, SELDOM)
        while True:
            await asyncio.sleep(REST)
            self.pause()

    def pause(self) -> bool:
        """A full look, if it is time for one; whether there was."""
        seen, self._seen = self._seen, self._answered()
        waited = self._clock() - self._looked_at
        if waited < EVERY or (seen != self._seen and waited < AT_LATEST):
            return False
        gc.collect()
        self._looked_at = self._clock()
        return True
