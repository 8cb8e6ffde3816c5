"""Whose turn it is at which tick: each transport once a second, each seat twice, those that carry something at every one."""

from __future__ import annotations

from signaling.media.seat import Seat
from signaling.media.stage import Stage
from signaling.media.transport import Transport


class Turns:
    """A second and half a second have so many ticks; arranged anew when somebody came, went, or began to carry something.

    Looking at everybody fifty times a second would cost more than all that a silent person does.
    """

    def __init__(self, stage: Stage, *, second: int, half: int) -> None:
        self._stage = stage
        self._second = second
        self._half = half
        self._arranged = -1
        self.busy: list[Transport] = []
        self.transports: list[list[Transport]] = []
        self.seats: list[list[Seat]] = []

    def arrange(self) -> None:
        """Follow the stage."""
        if self._arranged == self._stage.changes:
            return
        self._arranged = self._stage.changes
        self.busy = []
        self.transports = [[] for _ in range(self._second)]
        self.seats = [[] for _ in range(self._half)]
        for seat in self._stage.seats.values():
            self.seats[-seat.turn % self._half].append(seat)
            for transport in seat.transports.values():
                self.transports[-transport.turn % self._second].append(transport)
                if seat.carries:
                    self.busy.append(transport)
