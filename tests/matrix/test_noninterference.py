"""Non-interference: two histories that differ only inside a caucus look the same, byte for byte, to everybody outside.

Both begin as copies of one house, at one stopped clock. The same is done outside in both, and whatever the dice say inside; then
all that outsiders were sent, and all that they can ask for, is compared. Ids, salts and what is made of them are random: each is
called by the place of its first appearance, so that a pattern in them would show. How long a commit takes is out of scope.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from mediation.jobs import Job
from mediation.people.signin import SignedIn, open_sign_in
from mediation.record.bundle import bundle
from mediation.record.entry import Entry
from mediation.record.export import Wish, ask_for_export
from mediation.rooms.channel import private_of, talks_of
from mediation.writer import Audience
from signaling.announce import Announcer
from signaling.bridge import Bridge
from signaling.desk.desk import Connection, Desk
from tests.conftest import House
from tests.site import site_settings
from tests.stories import Story, opened
from web.app import make_app
from web.session import SESSION_COOKIE

INSIDERS = ("mediator", "respondent", "agent")
OUTSIDERS = ("claimant", "judge", "clerk", "stranger")
MADE_BY_CHANCE = re.compile(
    r"[0-9a-f]{64}|(?<![0-9a-f])[0-9a-f]{16}(?![0-9a-f])|(?<![\w-])[\w-]{22}(?![\w-])|[\w-]{30,}\.?[\w-]*"
)
PATH = re.compile(r'"path":\[.*?\]\]')
"""The way through the tree of a seal, which is sorted by the ids of channels: by chance. Its length tells about how many channels of the
whole installation have entries, see docs/record.md."""
PAGES = {
    "claimant": (
        "/",
        "/search?q=open",
        "/search?q=secret",
        "/acts",
        "/cases/{case}",
        "/cases/{case}/consent",
        "/rooms/{room}",
        "/rooms/{room}/carried",
    ),
    "judge": ("/", "/search?q=secret", "/cases/{case}", "/rooms/{room}/carried"),
}

EXPORTS = {"claimant": ("record", "own"), "judge": ("record",)}

Act = tuple[str, str, int]
"""Who does what, with a number for whatever has to be chosen."""
Step = tuple[Act, tuple[list[Act], list[Act]]]
"""What is done outside in both histories, and before it what is done inside in each."""

SAID_INSIDE = ("say", "recall", "read", "tag", "write_in_line", "mention")
INSIDE = st.one_of(
    st.tuples(st.sampled_from(INSIDERS), st.sampled_from(SAID_INSIDE), st.integers(0, 4)),
    st.tuples(st.sampled_from(("respondent", "agent")), st.sampled_from(("call_mediator", "come_and_go")), st.integers(0, 4)),
    st.tuples(st.just("mediator"), st.sampled_from(("lock", "time", "announce", "call_again", "come_and_go")), st.integers(0, 4)),
)  # fmt: skip
OUTSIDE = st.one_of(
    st.tuples(st.just("claimant"), st.sampled_from(("say", "read", "recall", "ask_mediator")), st.integers(0, 4)),
    st.tuples(st.sampled_from(("mediator", "judge")), st.just("note"), st.integers(0, 4)),
    st.tuples(st.just("mediator"), st.sampled_from(("meet", "say", "call_other_side", "end")), st.integers(0, 4)),
)  # fmt: skip
HISTORY = st.lists(
    st.tuples(OUTSIDE, st.tuples(st.lists(INSIDE, max_size=4), st.lists(INSIDE, max_size=4))),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize(
    "examples", [6, pytest.param(100, marks=[pytest.mark.long, pytest.mark.timeout(900)])]
)
def test_what_goes_on_in_a_caucus_is_seen_by_nobody_outside(examples: int) -> None:
    assert_outsiders_see_the_same(examples)


def assert_outsiders_see_the_same(examples: int) -> None:
    @settings(max_examples=examples, deadline=None, database=None, derandomize=True, phases=[Phase.generate])
    @given(HISTORY)
    def play(history: list[Step]) -> None:
        one, other = (asyncio.run(seen_in(history, which)) for which in (0, 1))
        assert one.keys() == other.keys()
        for what, seen in one.items():
            assert other[what] == seen, what

    play()


async def seen_in(history: list[Step], which: int) -> dict[str, str]:
    """Everything that outsiders have seen when one of the two histories is over."""
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder) / "data", **SETTINGS)
        world = await begin(house)
        try:
            for outside, inside in history:
                for who, act, choice in inside[which]:
                    await world.inside(who, act, choice)
                who, act, choice = outside
                await world.outside(who, act, choice)
                house.clock.pass_by(seconds=30)
            return await world.seen()
        finally:
            await world.close()
            house.store.close()


SETTINGS = site_settings()


class Nowhere:
    """Stands where Socket.IO does: everybody is known by their id alone."""

    async def enter_room(self, *_: object) -> None: ...


class Ears(Announcer):
    """Keeps what is sent to whom."""

    def __init__(self) -> None:
        super().__init__(Nowhere())
        self.sent: list[tuple[str, str, Mapping[str, Any]]] = []

    def _push(self, event: str, payload: Mapping[str, Any], to: list[str]) -> None:
        self.sent += [(name.rpartition("/")[2], event, payload) for name in to]


@dataclass(slots=True)
class World:
    """One of two histories: its house, its desk and its pages."""

    house: House
    story: Story
    desk: Desk
    ears: Ears
    app: web.Application
    secrets: dict[str, str]
    caucus: str = ""
    other: str = ""
    insides: Iterator[int] = field(default_factory=itertools.count)
    outsides: Iterator[int] = field(default_factory=itertools.count)

    async def ask(self, who: str, name: str, **payload: Any) -> Any:
        for connection in self.desk.connections.values():
            connection.budget = 300
        return await self.desk.answer(name, who, payload)

    async def inside(self, who: str, act: str, choice: int) -> None:
        name, asked = self.wish(act, choice)
        if self.other and (name == "announce_to_caucuses" or (who == "mediator" and act == "come_and_go")):
            return  # these are seen in the other side's caucus too, as they are meant to be
        await self.ask(who, name, **asked)

    def wish(self, act: str, choice: int) -> tuple[str, dict[str, Any]]:
        """What is asked for inside, by the dice."""
        channel, room, client_id = self.caucus, self.story.room, f"in{next(self.insides)}"
        people = [self.story.people["agent"]]
        line = self.house.ask(private_of, room, "respondent")
        said = {"channel": channel, "client_id": client_id, "text": "secret " * (choice + 1)}
        once, at = {"channel": channel, "client_id": client_id}, {"channel": channel, "seq": choice + 1}
        moves = "leave_caucus" if choice % 2 else "enter_caucus"
        wishes: dict[str, tuple[str, dict[str, Any]]] = {
            "say": ("post_message", said),
            "mention": ("post_message", said | {"mentions": people}),
            "write_in_line": ("post_message", said | {"channel": line}),
            "recall": ("recall_message", at),
            "read": ("mark_read", at),
            "tag": ("tag_statement", at | {"tag": "may_tell"}),
            "call_mediator": ("call_mediator", {"room": room, "client_id": client_id}),
            "come_and_go": (moves, {"channel": channel}),
            "lock": ("lock_caucus", once | {"locked": choice % 2 == 0}),
            "time": ("time_caucus", once | {"minutes": choice}),
            "call_again": ("call_again", once | {"people": people}),
            "announce": ("announce_to_caucuses", {"room": room, "text": "secret", "client_id": client_id}),
        }
        return wishes[act]

    async def outside(self, who: str, act: str, choice: int) -> None:
        room, client_id = self.story.room, f"out{next(self.outsides)}"
        talks = self.house.ask(talks_of, room)
        match act:
            case "say":
                await self.ask(who, "post_message", channel=talks, client_id=client_id, text=f"open {choice}")
            case "note":
                said = {"channel": self.story.record, "client_id": client_id, "text": f"noted {choice}"}
                await self.ask(who, "post_message", **said)
            case "recall":
                await self.ask(who, "recall_message", channel=talks, seq=choice + 1)
            case "read":
                await self.ask(who, "mark_read", channel=talks, seq=choice + 1)
            case "ask_mediator":
                await self.ask(who, "call_mediator", room=room, client_id=client_id)
            case "meet":
                await self.ask(who, "start_hearing", room=room, client_id=client_id)
            case "call_other_side" if not self.other:
                people = [self.story.people["claimant"]]
                made = await self.ask(who, "open_caucus", room=room, people=people, client_id=client_id)
                self.other = made.get("channel", "")
            case "end":
                await self.ask(who, "close_caucus", channel=self.caucus, client_id=client_id)

    async def seen(self) -> dict[str, str]:
        """What each outsider was sent, and gets when they ask for all they can."""
        seen: dict[str, str] = {}
        await asyncio.sleep(0)  # what was written last is published in the loop
        for role in OUTSIDERS:
            person = self.story.people[role]
            frames = [(event, payload) for to, event, payload in self.ears.sent if to == person]
            seen[f"{role}: frames"] = json.dumps(frames)
            entered = await self.ask(role, "enter_room", room=self.story.room)
            seen[f"{role}: enter_room"] = json.dumps(entered)
            for number, channel in enumerate(entered.get("channels", [])):
                read = await self.ask(role, "read_entries", channel=channel["id"], after=0)
                seen[f"{role}: channel {number}"] = json.dumps(read)
            for words in ("open", "secret"):
                found = await self.ask(role, "search", room=self.story.room, query=words)
                seen[f"{role}: search {words}"] = json.dumps(found)
            for path in PAGES.get(role, ()):
                seen[f"{role}: {path}"] = await self.page(role, path)
            seen[f"{role}: notices"] = self.notices(person)
            for scope in EXPORTS.get(role, ()):
                seen |= {f"{role}: {scope}, {name}": text for name, text in self.export(person, scope)}
        return {what: unchance(text) for what, text in seen.items()}

    def notices(self, person: str) -> str:
        """What goes out to somebody by mail and by telephone."""
        found = self.house.ask(lambda session: session.scalars(select(Job).order_by(Job.run_at)).all())
        mine = [job for job in found if job.payload.get("person") == person]
        return json.dumps([(job.kind, job.payload, str(job.run_at)) for job in mine])

    def export(self, person: str, scope: str) -> Iterator[tuple[str, str]]:
        """What somebody takes along of the case, file by file."""
        wish = Wish(scope)
        made = self.house.do(
            ask_for_export, by=person, case=self.story.case, wish=wish, client_id=f"{scope}-{person}"
        )
        file = BytesIO(b"".join(bundle(self.house.store, made.id)))
        with zipfile.ZipFile(file) as taken:
            for number, name in enumerate(taken.namelist()):
                text = taken.read(name).decode("utf-8", "replace")
                if name == "manifest.json":
                    text = by_size(text)
                yield f"{number} {unchance(name)}", PATH.sub("path", text)

    async def page(self, role: str, path: str) -> str:
        address = path.format(case=self.story.case, room=self.story.room)
        headers = {"Cookie": f"{SESSION_COOKIE}={self.secrets[role]}", "Host": "localhost"}
        request = make_mocked_request("GET", address, headers=headers, app=self.app)
        answer = await self.app._handle(request)
        told = {
            name: value for name, value in answer.headers.items() if name not in ("Date", "Content-Length")
        }
        text = answer.text if isinstance(answer, web.Response) else ""
        return f"{answer.status} {json.dumps(told)} {text}"

    async def close(self) -> None:
        await self.desk.close()


async def begin(house: House) -> World:
    """The respondent's side is in a caucus with the mediator; everybody has the room open."""
    story, ears = opened(house), Ears()
    bridge: Any = Bridge(house.store)
    media: Any = None  # nobody is on the stage
    desk = Desk(bridge, Nowhere(), ears, media)
    loop = asyncio.get_running_loop()

    def publish(happened: list[Entry], audience: Audience) -> None:
        loop.call_soon_threadsafe(ears.entries, happened, audience)

    house.store.writer.publish = publish
    app = make_app(house.store)
    app.pre_freeze()
    secrets = {role: sign_in(house, story, role) for role in PAGES}
    for role in (*INSIDERS, *OUTSIDERS):
        desk.connections[role] = Connection(role, who(house, story.people[role]))
    world = World(house, story, desk, ears, app, secrets)
    for role in ("mediator", *OUTSIDERS):
        await world.ask(role, "enter_room", room=story.room)
    people = [story.people["respondent"], story.people["agent"]]
    made = await world.ask("mediator", "open_caucus", room=story.room, people=people, client_id="caucus")
    world.caucus = made["channel"]
    return world


def who(house: House, person: str) -> SignedIn:
    """Somebody who is signed in, as the desk knows them."""
    return SignedIn(
        sign_in="s", kind="browser", way="code", person=person, name="", office=None, locale="en", zone="UTC",
        seen_at=house.clock.now, device="Test browser",
    )  # fmt: skip


def sign_in(house: House, story: Story, role: str) -> str:
    person = story.people[role]
    return house.do(open_sign_in, person=person, kind="browser", way="code", device="Test browser")


def by_size(manifest: str) -> str:
    """A manifest without its order, which is that of random names; each file's digest is that of what is compared itself."""
    told = json.loads(manifest)
    files = sorted(
        (
            name.rpartition("/")[2],
            0 if name == "seals.jsonl" else file["size"],  # of what is left out of it
        )  # the paths in it
        for name, file in told.pop("files").items()
    )
    return json.dumps([told, files])


def unchance(text: str) -> str:
    """The text with everything that is random called by the place of its first appearance."""
    names: dict[str, str] = {}
    called: Callable[[re.Match[str]], str] = lambda found: names.setdefault(found[0], f"<{len(names)}>")  # noqa: E731
    return MADE_BY_CHANCE.sub(called, text)
