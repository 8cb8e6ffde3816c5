"""Packets back in their order: what is missing is waited for while a repair can come, and then given up."""

from __future__ import annotations

from signaling.media.recording.pipe import Taken

PATIENCE = {"video": 200, "audio": 20}
"""How many later packets may come before one that is missing is given up."""


class Reorder:
    """Takes packets as they come and gives them on in order. `lost` counts those that were given up, `gaps` how often."""

    def __init__(self, kind: str) -> None:
        self.lost = 0
        self.gaps = 0
        self._patience = PATIENCE[kind]
        self._next: int | None = None
        self._waiting: dict[int, Taken] = {}

    def restart(self, number: int) -> None:
        """Goes on with this number; what lies between is no loss."""
        self._waiting.clear()
        self._next = number

    def push(self, packet: Taken) -> tuple[list[Taken], bool]:
        """What may now go on, and whether something before it was given up."""
        if self._next is None:
            self._next = packet.number
        if packet.number < self._next:
            return [], False
        self._waiting[packet.number] = packet
        torn = False
        if packet.number != self._next and len(self._waiting) >= self._patience:
            self._give_up(min(self._waiting))
            torn = True
        return self._ready(), torn

    def rest(self) -> list[tuple[list[Taken], bool]]:
        """At the end nothing more is waited for: what is left, in runs without gaps."""
        runs = []
        while self._waiting:
            first = min(self._waiting)
            torn = first != self._next
            if torn:
                self._give_up(first)
            runs.append((self._ready(), torn))
        return runs

    def _give_up(self, first: int) -> None:
        assert self._next is not None
        self.lost += first - self._next
        self.gaps += 1
        self._next = first

    def _ready(self) -> list[Taken]:
        assert self._next is not None
        ready = []
        while (packet := self._waiting.pop(self._next, None)) is not None:
            ready.append(packet)
            self._next += 1
        return ready
