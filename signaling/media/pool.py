"""Several workers, each with its own process and port: a room is pinned to one, and dies with no other.

A command finds its worker by what it names: a seat, a producer, or a room. So a new command needs nothing here.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec

from signaling.media import messages as m
from signaling.media.errors import MediaError
from signaling.media.keeper import Keeper, MediaSettings
from signaling.media.messages import MediaEvent, Statistics


class Pool:
    """The keepers, and which of them has which room. A pin lasts while the room has seats, also over a worker's death:
    a room that kills its worker is not taken to the next."""

    def __init__(
        self, settings: MediaSettings, on_event: Callable[[MediaEvent], None], worker: Sequence[str]
    ) -> None:
        self._on_event = on_event
        self._rooms: dict[str, Keeper] = {}
        self._seats: dict[str, str] = {}
        self._producers: dict[str, str] = {}
        self.keepers = [
            Keeper(settings, partial(self._heard, place), worker, place)
            for place in range(max(1, settings.workers))
        ]

    async def start(self) -> None:
        await asyncio.gather(*(keeper.start() for keeper in self.keepers))

    async def close(self) -> None:
        await asyncio.gather(*(keeper.close() for keeper in self.keepers))

    async def ask(self, command: m.Command) -> m.Answer:
        """Say a command to the worker it concerns; nobody's concern is the first one's to refuse."""
        try:
            answer = await self._concerned(command).ask(command)
        finally:
            if isinstance(command, m.CloseSeat):  # a worker that is lost has closed it too
                self._forget(command.seat)
        self._note(command, answer)
        return answer

    async def ask_all(self, command: type[m.Command]) -> list[m.Answer]:
        """Say the same to every worker; those that are lost at this moment are left out, but not all of them."""
        asked = [keeper.ask(command()) for keeper in self.keepers]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        for failed in answers:
            if isinstance(failed, BaseException) and not isinstance(failed, MediaError):
                raise failed
        given = [each for each in answers if isinstance(each, m.Answer)]
        if not given:
            raise MediaError("worker_lost", "no media worker answers")
        return given

    def keeper_of(self, room: str) -> Keeper | None:
        return self._rooms.get(room)

    def _concerned(self, command: m.Command) -> Keeper:
        seat, room = getattr(command, "seat", None), getattr(command, "room", None)
        seat = seat or self._producers.get(getattr(command, "producer", ""))
        if seat is not None and seat in self._seats:
            return self._rooms[self._seats[seat]]
        if seat is not None and room is not None:
            self._seats[seat] = room
            if room not in self._rooms:
                self._rooms[room] = self._least_loaded()
        return self._rooms.get(room or "", self.keepers[0])

    def _least_loaded(self) -> Keeper:
        load = Counter(self._rooms[room] for room in self._seats.values() if room in self._rooms)
        return min(self.keepers, key=lambda keeper: (not keeper.ready, load[keeper]))

    def _note(self, command: m.Command, answer: m.Answer) -> None:
        """Whose a producer is follows from what was asked; when its transport ends it is forgotten with its seat."""
        if isinstance(command, m.Produce) and answer.code is None:
            self._producers[msgspec.msgpack.decode(answer.result, type=str)] = command.seat
        elif isinstance(command, m.ChangeProducer) and command.act == "close":
            self._producers.pop(command.producer, None)

    def _forget(self, seat: str) -> None:
        room = self._seats.pop(seat, None)
        for producer in [each for each, owner in self._producers.items() if owner == seat]:
            del self._producers[producer]
        if room is not None and room not in self._seats.values():
            del self._rooms[room]

    def _heard(self, place: int, event: MediaEvent) -> None:
        if isinstance(event, m.WorkerLost):
            keeper = self.keepers[place]
            event = m.WorkerLost(frozenset(room for room, its in self._rooms.items() if its is keeper))
        self._on_event(event)


def altogether(all_: list[Statistics]) -> Statistics:
    """Several workers in one: numbers are added, lists joined, and the loop that lags most is the one to look at."""
    total: dict[str, Any] = msgspec.structs.asdict(all_[0])
    for each in all_[1:]:
        for name, value in msgspec.structs.asdict(each).items():
            if isinstance(value, dict):
                total[name] = dict(Counter(total[name]) + Counter(value))
            else:
                total[name] = total[name] + value
    total["loop_lag_ms"] = max(each.loop_lag_ms for each in all_)
    return Statistics(**total)
