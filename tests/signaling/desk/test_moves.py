"""Private talks, admissions and locks by the dice, asked for at the desk while everybody speaks: an answer means that it is done."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from signaling.media.dtls import new_certificate
from signaling.media.payloads import TransportOptions
from tests.packets import CAPABILITIES, sound
from tests.signaling.desk.asking import Program, enter
from tests.site import Site
from tests.stories import Story, opened
from tests.wall import AWAY, Wall

SIDES = {"claimant": ("claimant",), "respondent": ("respondent", "agent")}
PEOPLE = ("claimant", "respondent", "agent", "judge", "clerk")


@dataclass(slots=True)
class Meeting:
    """Everybody of the case with a line each way, and what the mediator does with them."""

    site: Site
    story: Story
    wall: Wall
    programs: dict[str, Program] = field(default_factory=dict)
    producers: dict[str, str] = field(default_factory=dict)
    receives: dict[str, str] = field(default_factory=dict)
    taken: set[tuple[str, str]] = field(default_factory=set)
    admitted: set[str] = field(default_factory=set)
    caucus: tuple[str, frozenset[str]] | None = None
    locks: dict[str | None, set[str]] = field(default_factory=dict)
    acts: itertools.count[int] = field(default_factory=itertools.count)

    async def lead(self, name: str, **asked: Any) -> dict[str, Any]:
        """What the mediator asks for; the allowance of a connection is not in question here."""
        for connection in self.site.signaling.desk.connections.values():
            connection.budget = 300
        return await self.programs["mediator"].ask(name, **asked, client_id=f"act:{next(self.acts)}")

    async def sit(self, role: str) -> None:
        program = self.programs[role] = await enter(self.site, self.story, role)
        if role == "mediator":
            await self.lead("start_hearing", room=self.story.room)
        await program.ask("join_stage", room=self.story.room)
        walker = self.wall.add(role, "main" if role == "mediator" else AWAY)
        for direction, line in (("send", walker.up), ("recv", walker.down)):
            opened = await program.ask("open_transport", room=self.story.room, direction=direction)
            told = {"transportId": opened["id"], "dtlsParameters": msgspec.to_builtins(line.parameters)}
            await program.ask("connect_transport", **told)
            await line.connect(msgspec.convert(opened, TransportOptions))
            self.receives[role] = opened["id"]
            if direction == "send":
                track = {"kind": "audio", "source": "mic", "rtpParameters": sound(walker.ssrc)}
                made = await program.ask("produce", transportId=opened["id"], **track)
                self.producers[role] = made["id"]

    def place_of(self, role: str) -> str | None:
        if role != "mediator" and role not in self.admitted:
            return AWAY
        return self.caucus[0] if self.caucus is not None and role in self.caucus[1] else "main"

    async def act(self, dice: random.Random) -> None:
        """One thing by the dice, and everybody takes what they may take then."""
        role = dice.choice(PEOPLE)
        match dice.choices(("walls", "door", "lock"), weights=(6, 3, 2))[0]:
            case "walls" if self.caucus is None:
                await self.begin_caucus(SIDES[dice.choice(("claimant", "respondent"))])
            case "walls":
                await self.end_caucus()
            case "door":
                await self.let(role, out=role in self.admitted)
            case _:
                await self.lock(role)
        for name, walker in self.wall.walkers.items():
            walker.silenced = name in self.locks.get(walker.place, ())
        await self.take_all()

    async def begin_caucus(self, roles: tuple[str, ...]) -> None:
        inside = frozenset({"mediator", *roles})
        there = {role: "a caucus" for role in inside if self.place_of(role) is not AWAY}
        with self.moving(there):
            people = [self.story.people[role] for role in roles]
            answer = await self.lead("open_caucus", room=self.story.room, people=people)
        for role in there:
            self.wall.walkers[role].places = {answer["channel"]}
        self.caucus = (answer["channel"], inside)

    async def end_caucus(self) -> None:
        assert self.caucus is not None
        channel, inside = self.caucus
        with self.moving({role: "main" for role in inside if self.place_of(role) is not AWAY}):
            await self.lead("close_caucus", channel=channel)
        self.caucus = None

    async def let(self, role: str, *, out: bool) -> None:
        person = {"room": self.story.room, "person": self.story.people[role]}
        (self.admitted.discard if out else self.admitted.add)(role)
        with self.moving({role: self.place_of(role)}):
            if out:
                await self.lead("remove_person", **person, reason="a witness speaks")
            else:
                await self.lead("admit_person", **person)

    async def lock(self, role: str) -> None:
        """Locks a person in the mediator's place, or lifts it; a lock holds in that place, whenever the person is there."""
        place = self.place_of(role)
        if place != self.place_of("mediator"):
            return
        person = {"room": self.story.room, "person": self.story.people[role], "source": "mic"}
        if role in self.locks.setdefault(place, set()):
            self.locks[place].remove(role)
            self.wall.walkers[role].silenced = False
            await self.lead("unmute_person", **person)
        else:
            with self.wall.silencing(role):
                await self.lead("mute_person", **person, lock=True)
            self.locks[place].add(role)

    def moving(self, where: dict[str, str | None] | dict[str, str]) -> Any:
        changed = {role: place for role, place in where.items() if self.wall.walkers[role].place != place}
        self.taken = {pair for pair in self.taken if not set(pair) & changed.keys()}
        return self.wall.moving(dict(changed))

    async def take_all(self) -> None:
        missing = {(one.name, other.name) for one, other in self.wall.pairs()} - self.taken
        await asyncio.gather(*(self.take(one, other) for one, other in missing))
        self.taken |= missing

    async def take(self, role: str, other: str) -> None:
        program = self.programs[role]
        asked = {"transportId": self.receives[role], "producerId": self.producers[other]}
        made = await program.ask("consume", **asked, rtpCapabilities=CAPABILITIES)
        await program.ask("resume_consumer", consumerId=made["id"])


@pytest_asyncio.fixture(loop_scope="module")
async def meeting(site: Site) -> AsyncIterator[Meeting]:
    made = Meeting(site, opened(site.house), Wall(new_certificate()))
    for role in ("mediator", *PEOPLE):
        await made.sit(role)
    yield made
    await made.wall.close()


@pytest.mark.parametrize("moves", [120, pytest.param(500, marks=pytest.mark.long)])
@pytest.mark.asyncio(loop_scope="module")
async def test_after_each_answer_nobody_outside_gets_a_packet_from_inside(
    meeting: Meeting, moves: int
) -> None:
    dice = random.Random(moves)

    for number in range(moves):
        await meeting.act(dice)
        if number % 50 == 0:
            meeting.wall.consent()
        assert not meeting.wall.strays

    assert meeting.wall.heard > moves
