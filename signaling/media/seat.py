"""Seats: where a person's page is, and what it may receive there."""

from __future__ import annotations

import itertools
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signaling.media.consumer import Consumer
    from signaling.media.producer import Producer
    from signaling.media.transport import Transport

# The kit check: here, and nowhere else, a seat hears itself, and only itself.
CHECK = "check:"

_turns = itertools.count()


class Seat:
    """One person's page on the stage."""

    def __init__(self, room: str, name: str) -> None:
        self.room = room
        self.name = name
        self.person = ""
        self.place: str | None = None
        # When in half a second its turn comes for a look at its layers and lines.
        self.turn = next(_turns)
        # Made up, so that a name in RTCP says nothing about a person.
        self.cname = secrets.token_hex(8)
        self.transports: dict[str, Transport] = {}
        self.producers: dict[str, Producer] = {}
        self.consumers: dict[str, Consumer] = {}

    @property
    def carries(self) -> bool:
        """Whether anything flows here, or may."""
        return bool(self.producers or self.consumers)

    def may_receive(self, producer: Producer) -> bool:
        """The wall, in one expression."""
        other = producer.seat
        if self.place is None or self.room != other.room or self.place != other.place:
            return False
        return (self is other) == self.place.startswith(CHECK)
