"""The process that plays all clients: asyncio while they connect, then one tight loop that sends by the clock and drains."""

from __future__ import annotations

import asyncio
import heapq
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import NamedTuple

from aiortc import RTCCertificate

from bench.load.client import SECOND, Client
from bench.load.plan import Person, Played
from bench.load.processor import Use, pin, used
from signaling.media.dtls import fingerprints

# What is due within 5 ms goes out together; sockets are drained every 20 ms, feedback is read every 100 ms.
_TICK = 5_000_000
_DRAIN = 4
_FEEDBACK = 20
# After the last packet was sent, what is on its way still comes.
_AFTER = 0.5
_AT_ONCE = 12


@dataclass(frozen=True)
class Open:
    people: list[Person]


@dataclass(frozen=True)
class Play:
    """Send and receive; what is measured begins after `warm` seconds."""

    server: int
    warm: float
    seconds: float


@dataclass(frozen=True)
class Close:
    """These leave, or all; with a word of goodbye or without."""

    people: frozenset[str] | None = None
    goodbye: bool = True


Order = Open | Play | Close


def serve(orders: Connection, core: int | None) -> None:
    """The process: an order, its answer, until the line is closed. First it tells its fingerprint."""
    pin(0, core)
    clients = Clients()
    orders.send(fingerprints(clients.certificate))
    with asyncio.Runner() as runner:
        while True:
            try:
                order: Order = orders.recv()
            except EOFError:
                return
            try:
                if isinstance(order, Play):
                    orders.send(clients.play(order))
                else:
                    orders.send(runner.run(clients.change(order)))
            except Exception as error:  # noqa: BLE001 - it is raised where the order was given
                orders.send(error)


class Moment(NamedTuple):
    """The counters at one end of the measured seconds."""

    sent: int
    heard: int
    pictures: int
    server: Use
    clients: Use
    at: float


class Clients:
    def __init__(self) -> None:
        self.certificate = RTCCertificate.generateCertificate()
        self._clients: dict[str, Client] = {}
        self._due: list[tuple[int, int, int, Callable[[], object]]] = []

    async def change(self, order: Open | Close) -> None:
        if isinstance(order, Close):
            leaving = self._clients.keys() if order.people is None else order.people
            for name in list(leaving):
                await self._clients.pop(name).close(goodbye=order.goodbye)
            return
        for place in range(0, len(order.people), _AT_ONCE):
            come = [Client(each, self.certificate) for each in order.people[place : place + _AT_ONCE]]
            await asyncio.gather(*(client.connect() for client in come))
            self._clients.update({client.person.name: client for client in come})

    def play(self, order: Play) -> Played:
        played = Played()
        self._plan()
        begin = time.monotonic_ns()
        self._loop(begin + int(order.warm * SECOND), played)
        before = self._moment(order, played)
        del played.delays[:]
        self._loop(begin + int((order.warm + order.seconds) * SECOND), played)
        after = self._moment(order, played)
        played.sent, played.heard = after.sent - before.sent, after.heard - before.heard
        played.pictures = after.pictures - before.pictures
        played.server, played.clients = after.server - before.server, after.clients - before.clients
        played.seconds = after.at - before.at
        self._settle(played)
        return played

    def _moment(self, order: Play, played: Played) -> Moment:
        return Moment(
            self._sent(),
            played.all_heard,
            played.all_pictures,
            used(order.server),
            used(os.getpid()),
            time.monotonic(),
        )

    def _plan(self) -> None:
        """Everybody's acts at times of their own."""
        now = time.monotonic_ns()
        acts = [act for client in self._clients.values() for act in client.acts()]
        self._due = [
            (now + random.randrange(period), place, period, act) for place, (period, act) in enumerate(acts)
        ]
        heapq.heapify(self._due)
        for client in self._clients.values():
            client.rtcp.clear()
            for track in client.tracks:
                track.packets = 0

    def _loop(self, until: int, played: Played) -> None:
        """Without a line of asyncio: what is due, then what has come, then sleep until the next tick."""
        due, clients = self._due, list(self._clients.values())
        clock, replace = time.monotonic_ns, heapq.heapreplace
        count, tick = 0, clock()
        while tick < until:
            while due and due[0][0] <= tick:
                at, place, period, act = due[0]
                act()
                replace(due, (at + period, place, period, act))
            count += 1
            if not count % _DRAIN:
                for client in clients:
                    client.drain(played)
            if not count % _FEEDBACK:
                for client in clients:
                    client.drain_up(played)
            tick += _TICK
            rest = tick - clock()
            if rest > 0:
                time.sleep(rest / SECOND)

    def _settle(self, played: Played) -> None:
        end = time.monotonic() + _AFTER
        while time.monotonic() < end:
            time.sleep(0.02)
            for client in self._clients.values():
                client.drain(played)
                client.drain_up(played)
        played.all_sent = self._sent()
        for client in self._clients.values():
            played.rtcp += client.rtcp

    def _sent(self) -> int:
        return sum(track.packets for client in self._clients.values() for track in client.tracks)
