"""A desk in a few lines: it maps the names of requests to the media plane, so that the reference client can play here."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from typing import Any, TypeVar

import msgspec

from signaling.media.messages import ConsumerClosed, MediaEvent, Statistics
from signaling.media.payloads import DtlsParameters, RtpCapabilities, RtpParameters
from signaling.media.plane import MediaPlane, MediaSettings
from signaling.media.port import bind
from signaling.media.tcp import listen
from tests.onstage import Media, Payload

ROOM = "room"
E = TypeVar("E")


def plain(thing: object) -> Any:
    return msgspec.to_builtins(thing)


def free_ports(count: int) -> int:
    """The first of so many ports in a row that are free on UDP and TCP, none of which Linux gives to connections."""
    for first in range(20_000 + os.getpid() % 5_000, 32_000, count):
        with suppress(OSError), ExitStack() as held:
            for number in range(first, first + count):
                for hold in (bind, listen):
                    held.enter_context(hold("127.0.0.1", number))
            return first
    raise AssertionError("no free ports")


class Stand:
    """One room, one plane, and a line to each person in it."""

    def __init__(self, room: str = ROOM) -> None:
        self.plane: MediaPlane
        self.room = room
        self.events: list[MediaEvent] = []
        self.lines: dict[str, Line] = {}
        self.people: list[Media] = []
        self.producers: dict[str, tuple[str, str]] = {}
        self._numbers = itertools.count(1)
        self._news = asyncio.Event()
        # Where clients are sent instead of the worker's own port, as by a bad line between them.
        self.detour: int | None = None
        # What they may come by: programs on aiortc know UDP only.
        self.protocol = "udp"

    async def open(
        self, worker: Sequence[str] | None = None, host: str = "0.0.0.0", **settings: Any
    ) -> Stand:
        asked = MediaSettings(host=host, port=0, **settings)
        more = {"worker": worker} if worker else {}
        self.plane = await MediaPlane.start(asked, self.heard, **more)
        return self

    def heard(self, event: MediaEvent) -> None:
        self.events.append(event)
        self._news.set()
        if isinstance(event, ConsumerClosed) and event.seat in self.lines:
            self.lines[event.seat].push("consumer_closed", {"consumerId": event.consumer})

    async def sit(self, place: str | None = "main") -> Line:
        """A new seat in a place, for whoever will use it."""
        line = Line(self, f"{self.room}-{next(self._numbers)}", self.room)
        self.lines[line.seat] = line
        await self.plane.place_seat(self.room, line.seat, place)
        return line

    async def enter(self, place: str | None = "main") -> Media:
        """A new person with a seat in a place."""
        line = await self.sit(place)
        person = Media(line.ask, line.hear, self.room)
        await person.join()
        self.people.append(person)
        return person

    async def statistics(self) -> Statistics:
        return await self.plane.statistics(self.room)

    async def clear(self) -> None:
        """Everybody goes, and nothing of them stays."""
        await asyncio.gather(*(person.drop() for person in self.people))
        for line in self.lines.values():
            await self.plane.close_seat(line.seat)
        self.people, self.lines = [], {}

    async def until(
        self, kind: type[E], matches: Callable[[E], bool] = lambda _: True, within: float = 9
    ) -> E:
        """The first event of a kind, now or when it comes."""
        async with asyncio.timeout(within):
            while True:
                for event in self.events:
                    if isinstance(event, kind) and matches(event):
                        return event
                self._news.clear()
                await self._news.wait()

    async def move(self, person: Media, place: str | None) -> None:
        for closed in await self.plane.place_seat(person.room, person.seat, place):
            self.lines[closed.seat].push("consumer_closed", {"consumerId": closed.consumer})

    async def close(self) -> None:
        await self.clear()
        await self.plane.close()


class Line:
    """What a socket is for the real desk."""

    def __init__(self, stand: Stand, seat: str, room: str) -> None:
        self.stand = stand
        self.seat = seat
        self.room = room
        self.consumers: dict[str, str] = {}
        self._handlers: dict[str, list[Callable[[Payload], None]]] = {}

    def hear(self, event: str, handler: Callable[[Payload], None]) -> None:
        self._handlers.setdefault(event, []).append(handler)

    def push(self, event: str, payload: Payload) -> None:
        for handler in self._handlers.get(event, []):
            handler(payload)

    async def ask(self, name: str, payload: Payload) -> Payload:
        result = await getattr(self, f"_{name}")(payload)
        return result or {}

    async def _join_stage(self, _: Payload) -> Payload:
        capabilities = plain(self.stand.plane.rtp_capabilities)
        return {"seat": self.seat, "state": "on", "rtpCapabilities": capabilities, "producers": []}

    async def _open_transport(self, asked: Payload) -> Payload:
        opened = await self.stand.plane.open_transport(self.room, self.seat, asked["direction"])
        opened.ice_candidates = [
            each for each in opened.ice_candidates if each.protocol == self.stand.protocol
        ]
        for candidate in opened.ice_candidates:
            candidate.port = self.stand.detour or candidate.port
        return dict(plain(opened))

    async def _connect_transport(self, asked: Payload) -> None:
        parameters = msgspec.convert(asked["dtlsParameters"], DtlsParameters)
        await self.stand.plane.connect_transport(self.seat, asked["transportId"], parameters)

    async def _produce(self, asked: Payload) -> Payload:
        parameters = msgspec.convert(asked["rtpParameters"], RtpParameters)
        made = await self.stand.plane.produce(
            self.seat, asked["transportId"], asked["kind"], asked["source"], parameters
        )
        return {"id": made}

    async def _consume(self, asked: Payload) -> Payload:
        wanted = msgspec.convert(asked["rtpCapabilities"], RtpCapabilities)
        options = await self.stand.plane.consume(self.seat, asked["transportId"], asked["producerId"], wanted)
        self.consumers[asked["producerId"]] = options.id
        return dict(plain(options))

    async def _restart_ice(self, asked: Payload) -> Payload:
        return {"iceParameters": plain(await self.stand.plane.restart_ice(self.seat, asked["transportId"]))}

    async def _resume_consumer(self, asked: Payload) -> None:
        await self.stand.plane.resume_consumer(self.seat, asked["consumerId"])
