"""The servers that ours is compared with: the loop without any protocol, and aiortc's relay."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Protocol

from aiortc.sdp import SessionDescription

from bench.load.parameters import camera_of, offer, voice_of
from bench.load.plan import PEOPLE, Address, Line, Person
from bench.running import ROOT
from signaling.media.ice import Credentials
from signaling.media.payloads import Fingerprint

# As long as a packet's header at least: receivers look at one before they know what came.
GREETING = 20


class Server(Protocol):
    name: str

    @property
    def pid(self) -> int: ...
    async def bring_in(self, rooms: range, theirs: list[Fingerprint]) -> list[Person]: ...
    async def close(self) -> None: ...


class Program:
    """A server that is a module of its own, told and telling a line at a time."""

    module: str

    async def open(self) -> None:
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", self.module, stdin=pipe, stdout=pipe, cwd=ROOT, limit=1 << 20
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    async def close(self) -> None:
        self._process.kill()
        await self._process.wait()

    async def hear(self) -> str:
        assert self._process.stdout is not None
        return (await self._process.stdout.readline()).decode()

    async def ask(self, asked: dict[str, str]) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        return str(json.loads(await self.hear()))


class Bare(Program):
    name = "bare loop"
    module = "bench.load.bare"
    _address: Address

    async def open(self) -> None:
        await super().open()
        self._address = "127.0.0.1", int(await self.hear())

    async def bring_in(self, rooms: range, theirs: list[Fingerprint]) -> list[Person]:
        return [self._person(room, place) for room in rooms for place in range(PEOPLE)]

    def _person(self, room: int, place: int) -> Person:
        name = f"{room}/{place}"
        hears = [each for other in range(PEOPLE) if other != place for each in _streams(room, other)]
        up, down = (Line(self._address, f"{name}/{way}".ljust(GREETING)) for way in ("up", "down"))
        return Person(name, up, down, *_streams(room, place), tuple(hears))


class Relay(Program):
    name = "aiortc relay"
    module = "bench.load.relay"

    async def bring_in(self, rooms: range, theirs: list[Fingerprint]) -> list[Person]:
        people = []
        for room in rooms:
            ups = [await self._offer(room, place, "up", theirs[0]) for place in range(PEOPLE)]
            downs = [await self._offer(room, place, "down", theirs[0]) for place in range(PEOPLE)]
            for place, ((up, _), (down, hears)) in enumerate(zip(ups, downs, strict=True)):
                people.append(
                    Person(f"{room}/{place}", up, down, *_streams(room, place), tuple(hears), real=True)
                )
        return people

    async def _offer(self, room: int, place: int, way: str, theirs: Fingerprint) -> tuple[Line, list[int]]:
        """Where to connect to, and the SSRCs that will come from there."""
        own = Credentials()
        names = (own.fragment, own.password)
        kinds = ["audio", "video"] * (1 if way == "up" else PEOPLE - 1)
        said = offer(kinds, "sendonly" if way == "up" else "recvonly", names, theirs)
        answer = SessionDescription.parse(
            await self.ask({"room": str(room), "person": str(place), "way": way, "sdp": said})
        )
        media = answer.media[0]
        assert media.dtls is not None
        assert media.ice is not None
        assert media.ice.usernameFragment is not None
        assert media.ice.password is not None
        there = next(each for each in media.ice_candidates if ":" not in each.ip)
        prints = [Fingerprint(algorithm=each.algorithm, value=each.value) for each in media.dtls.fingerprints]
        line = Line(
            (there.ip, there.port), media.ice.usernameFragment, media.ice.password, tuple(prints), own=names
        )
        return line, [each.ssrc for part in answer.media for each in part.ssrc]


def _streams(room: int, place: int) -> tuple[int, int]:
    return voice_of(room, place), camera_of(room, place)
