"""Seats: who is on which stage, on which connection, in which place; plain objects, nothing waits here.

The worker enforces the wall; the seats are what people are told of it. A seat outlives its connection by half a minute.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mediation.hearings.line import Stretch
from mediation.ids import new_id

MAIN = "main"


@dataclass(slots=True)
class Produced:
    """A track somebody sends. `held` is a moderator's mute."""

    id: str
    kind: str
    source: str
    paused: bool = False
    held: bool = False


@dataclass(slots=True)
class Consumed:
    """A track somebody receives."""

    id: str
    producer: str
    kind: str
    paused: bool = True


@dataclass(slots=True)
class Seat:
    """A person on a stage. `place` is None in the waiting room, and `why` says why one waits.

    `silent` are the transports of which nothing has come for a while, `stretch` the figures of the line that are not kept yet.
    """

    room: str
    person: str
    socket: str | None
    leads: bool = False
    is_check: bool = False
    place: str | None = None
    hand: int = 0
    muted: set[str] = field(default_factory=set)
    locked: set[str] = field(default_factory=set)
    may_share: bool = False
    asks_share: bool = False
    is_lit: bool = False
    quality: str = ""
    why: str = ""
    silent: set[str] = field(default_factory=set)
    stretch: Stretch = field(default_factory=Stretch)
    ordering: asyncio.Lock = field(default_factory=asyncio.Lock)
    transports: dict[str, str] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)
    """What the worker said last of each transport: `connected` or `disconnected`."""
    producers: dict[str, Produced] = field(default_factory=dict)
    consumers: dict[str, Consumed] = field(default_factory=dict)
    id: str = field(default_factory=new_id)

    @property
    def state(self) -> str:
        """`waiting`, `on` or `check`."""
        return "check" if self.is_check else ("waiting" if self.place is None else "on")

    def order(self) -> dict[str, Any]:
        """What holds for this person here, as programs hear of it."""
        share = "yes" if self.may_share else ("asked" if self.asks_share else "no")
        return {
            "muted": sorted(self.muted),
            "locked": sorted(self.locked),
            "share": share,
            "spotlight": self.is_lit,
        }

    @property
    def flows(self) -> bool:
        """Whether anything is heard from its owner's media."""
        return "connected" in self._lines_now()

    @property
    def is_silent(self) -> bool:
        """Whether its media was there, and nothing has been heard of it for a quarter of a minute."""
        return bool(self._lines_now()) and not self.flows

    def _lines_now(self) -> list[str]:
        return [self.lines[id] for id in self.transports.values() if id in self.lines]

    def drop_media(self) -> None:
        """Its transports are gone, and all that was on them."""
        self.transports.clear()
        self.lines.clear()
        self.producers.clear()
        self.consumers.clear()
        self.silent.clear()


class Seats:
    """All seats of this server."""

    def __init__(self) -> None:
        self._seats: dict[str, Seat] = {}
        self._rooms: dict[str, dict[str, Seat]] = {}
        self._hands = 0

    def add(self, seat: Seat) -> Seat:
        self._seats[seat.id] = seat
        self._rooms.setdefault(seat.room, {})[seat.id] = seat
        return seat

    def remove(self, seat: Seat) -> None:
        self._seats.pop(seat.id, None)
        room = self._rooms.get(seat.room, {})
        room.pop(seat.id, None)
        if not room:
            self._rooms.pop(seat.room, None)

    def get(self, seat: str | None) -> Seat | None:
        return self._seats.get(seat or "")

    def of_person(self, room: str, person: str, *, check: bool = False) -> Seat | None:
        """The seat of a person on a stage, or in its kit check."""
        return next(
            (seat for seat in self.of_room(room) if seat.person == person and seat.is_check == check), None
        )

    def of_socket(self, socket: str) -> list[Seat]:
        return [seat for seat in self._seats.values() if seat.socket == socket]

    def of_room(self, room: str) -> list[Seat]:
        return list(self._rooms.get(room, {}).values())

    def all(self) -> list[Seat]:
        return list(self._seats.values())

    def beside(self, seat: Seat) -> list[Seat]:
        """The others in the same place; nobody is beside who waits or checks the kit."""
        if seat.place is None or seat.is_check:
            return []
        return [other for other in self.of_room(seat.room) if other.place == seat.place and other is not seat]

    def leaders(self, room: str) -> Iterator[Seat]:
        """Who may admit."""
        return (seat for seat in self.of_room(room) if seat.leads and not seat.is_check)

    def raise_hand(self, seat: Seat) -> None:
        if not seat.hand:
            self._hands += 1
            seat.hand = self._hands

    def hands(self, seat: Seat) -> list[str]:
        """Raised hands where this seat is, first raised first."""
        raised = [other for other in (*self.beside(seat), seat) if other.hand]
        return [other.person for other in sorted(raised, key=lambda other: other.hand)]

    def waiting(self, room: str) -> list[str]:
        """Who waits to be admitted."""
        return [
            seat.person
            for seat in self.of_room(room)
            if seat.state == "waiting" and not seat.leads and seat.why != "apart"  # nobody lets them in
        ]

    def around(self, seat: Seat) -> dict[str, Any]:
        """What a seat sees where it is: the others' producers, and the people with hands and mutes; nothing for who waits."""
        others = self.beside(seat)
        return {
            "producers": [told(other, made) for other in others for made in other.producers.values()],
            "people": [
                {"person": other.person, "hand": bool(other.hand), "quality": other.quality} | other.order()
                for other in others
            ],
        }


def told(seat: Seat, made: Produced) -> dict[str, Any]:
    """A producer as the others hear of it."""
    paused = made.paused or made.held
    return {"id": made.id, "person": seat.person, "kind": made.kind, "source": made.source, "paused": paused}
