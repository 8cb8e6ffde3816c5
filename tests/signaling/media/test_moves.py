"""Five hundred moves by the dice, while everybody speaks: once a move is answered, nobody outside gets a packet from inside."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio

from signaling.media.dtls import new_certificate
from signaling.media.payloads import RtpCapabilities, RtpParameters
from signaling.media.plane import MediaPlane
from tests.packets import CAPABILITIES, sound
from tests.signaling.media.conftest import Shared
from tests.wall import AWAY, Walker, Wall

MOVES = 500
PLACES = (AWAY, "main", "caucus:1", "caucus:2")
WANTED = msgspec.convert(CAPABILITIES, RtpCapabilities)

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Room:
    """A wall before a real worker; who may hear whom, does."""

    def __init__(self, plane: MediaPlane, name: str) -> None:
        self.plane = plane
        self.name = name
        self.wall = Wall(new_certificate())
        self.producers: dict[str, str] = {}
        self.receives: dict[str, str] = {}
        self.consumers: set[tuple[str, str]] = set()

    async def enter(self, seat: str) -> Walker:
        walker = self.wall.add(seat)
        await self.plane.place_seat(self.name, seat, AWAY)
        for direction, line in (("send", walker.up), ("recv", walker.down)):
            options = await self.plane.open_transport(
                self.name, seat, "send" if direction == "send" else "recv"
            )
            await self.plane.connect_transport(seat, options.id, line.parameters)
            await line.connect(options)
            if direction == "send":
                parameters = msgspec.convert(sound(walker.ssrc), RtpParameters)
                self.producers[seat] = await self.plane.produce(seat, options.id, "audio", "mic", parameters)
            else:
                self.receives[seat] = options.id
        return walker

    async def move(self, seat: str, place: str | None) -> None:
        stays = self.wall.walkers[seat].place == place
        with self.wall.moving({seat: place}):
            closed = await self.plane.place_seat(self.name, seat, place)
        kept = {pair for pair in self.consumers if stays or seat not in pair}
        assert len(closed) == len(self.consumers) - len(kept)
        self.consumers = kept
        await self.take_all()

    async def take_all(self) -> None:
        """Everybody receives everybody there, as a browser does when it is told of a new producer."""
        missing = {(one.name, other.name) for one, other in self.wall.pairs()} - self.consumers
        await asyncio.gather(*(self.take(one, other) for one, other in missing))
        self.consumers |= missing

    async def take(self, seat: str, other: str) -> None:
        options = await self.plane.consume(seat, self.receives[seat], self.producers[other], WANTED)
        await self.plane.resume_consumer(seat, options.id)

    async def hold(self, seat: str, *, held: bool) -> None:
        if held:
            with self.wall.silencing(seat):
                await self.plane.hold_producer(self.producers[seat])
        else:
            self.wall.walkers[seat].silenced = False
            await self.plane.release_producer(self.producers[seat])

    async def close(self) -> None:
        for seat in self.wall.walkers:
            await self.plane.close_seat(seat)
        await self.wall.close()


@pytest_asyncio.fixture(loop_scope="session")
async def room(shared: Shared) -> AsyncIterator[Room]:
    made = Room(shared.plane, "moves")
    for seat in ("lin", "chen", "bo", "gu", "he"):
        await made.enter(seat)
    yield made
    await made.close()


async def test_after_each_of_500_moves_nobody_outside_gets_a_packet_from_inside(room: Room) -> None:
    dice = random.Random(11)
    seats = list(room.wall.walkers)

    for _ in range(MOVES):
        seat = dice.choice(seats)
        if dice.random() < 0.15:
            await room.hold(seat, held=not room.wall.walkers[seat].silenced)
        await room.move(seat, dice.choices(PLACES, weights=(1, 4, 3, 2))[0])
        assert not room.wall.strays

    assert room.wall.heard > MOVES  # they did meet, and hear each other
