"""People in rooms who talk at a steady rate, and how long it takes until everybody in the room has what was said."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

import aiohttp

from bench.talk.line import Line

_CLIENT = '"client_id":"'
_ID = 16
_AT_ONCE = 40
_LAST_ONES = 5.0


@dataclass
class Member:
    """Somebody in a room, by the token of their program."""

    room: str
    channel: str
    token: str
    line: Line


@dataclass
class Played:
    """Milliseconds: until the sender was answered, and until everybody had it. `missing` never came to everybody."""

    rate: float
    seconds: float
    answered: list[float] = field(default_factory=list)
    delivered: list[float] = field(default_factory=list)
    missing: int = 0
    refused: int = 0

    def percentile(self, share: int) -> float:
        return quantiles(self.delivered, n=100)[share - 1] if len(self.delivered) > 1 else float("inf")

    def answered_in(self, share: int) -> float:
        return quantiles(self.answered, n=100)[share - 1] if len(self.answered) > 1 else float("inf")


@dataclass
class _Said:
    at: float
    waits_for: int


class Crowd:
    """All rooms and their people."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        self._said: dict[str, _Said] = {}
        self._played = Played(0, 0)
        self._number = 0
        self._all_there = asyncio.Event()
        self.rooms: dict[str, list[Member]] = {}

    async def come(self, people: list[tuple[str, str, str]], *, enters: bool = True) -> None:
        """People (room, channel, token) connect and enter, some at once."""
        places = asyncio.Semaphore(_AT_ONCE)

        async def one(room: str, channel: str, token: str) -> None:
            member = Member(room, channel, token, Line(self._heard))
            async with places:
                await member.line.connect(self._http, self._address, token)
                if enters:
                    answer = await member.line.ask("enter_room", {"room": room})
                    if "error" in answer:
                        raise ConnectionError(str(answer))
            self.rooms.setdefault(room, []).append(member)

        await asyncio.gather(*(one(*each) for each in people))

    async def go(self) -> None:
        await asyncio.gather(*(each.line.close() for members in self.rooms.values() for each in members))
        await self._http.close()

    async def talk(self, rate: float, seconds: float) -> Played:
        """So many messages a second, each in the next room, by the next of its people."""
        rooms = list(self.rooms.values())
        self._played = played = Played(rate, seconds)
        self._said.clear()
        began = time.perf_counter()
        for number in range(int(rate * seconds)):
            wait = began + number / rate - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            members = rooms[number % len(rooms)]
            self._say(members[number // len(rooms) % len(members)], len(members))
        played.seconds = time.perf_counter() - began
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_ONES):
                await self._all_there.wait()
        played.missing = len(self._said)
        return played

    def _say(self, member: Member, listeners: int) -> None:
        self._number += 1
        client_id = f"{self._number:0{_ID}d}"
        at = time.perf_counter()
        self._said[client_id] = _Said(at, listeners)
        self._all_there.clear()
        text = f"Number {self._number}: I can pay on the first of each month. 我可以每月一号付款。"
        answer = member.line.begin(
            "post_message", {"channel": member.channel, "client_id": client_id, "text": text}
        )
        answer.add_done_callback(lambda done: self._answered(done.result(), at))

    def _answered(self, answer: Any, at: float) -> None:
        if "error" in answer:
            self._played.refused += 1
        else:
            self._played.answered.append((time.perf_counter() - at) * 1000)

    def _heard(self, line: Line, push: str) -> None:
        place = push.find(_CLIENT)
        if place < 0:
            return
        client_id = push[place + len(_CLIENT) : place + len(_CLIENT) + _ID]
        said = self._said.get(client_id)
        if said is None:
            return
        said.waits_for -= 1
        if not said.waits_for:
            self._played.delivered.append((time.perf_counter() - said.at) * 1000)
            del self._said[client_id]
            if not self._said:
                self._all_there.set()
