"""The wall of a caucus: whatever goes on inside, nothing that anybody outside is sent or can ask for changes by a byte."""

import json
import random
import re
from dataclasses import dataclass, field
from typing import Any

import socketio

from mediation.rooms.caucus import open_caucus
from mediation.rooms.channel import private_of
from tests.client import Client
from tests.mediation.documents.samples import a_pdf, a_picture
from tests.site import Site, Visitor
from tests.stories import Story, opened

OUTSIDE = ("claimant", "agent", "judge", "clerk", "stranger")
"""The agent stands for the respondent, and was not taken along."""
CANARY = "canary-7f3a"
PER_RENDERING = re.compile(r'(name="client_id"[^>]*value=")[^"]*')


@dataclass(slots=True)
class Outsider:
    """Somebody who asks for everything they may, and keeps every frame they are sent."""

    visitor: Visitor
    client: socketio.AsyncClient
    story: Story
    frames: list[tuple[str, Any]] = field(default_factory=list)

    async def view(self) -> dict[str, str]:
        """Every page and every answer of the desk, as it is sent."""
        case, room = self.story.case, self.story.room
        paths = [
            "/",
            "/acts",
            f"/cases/{case}",
            f"/cases/{case}/consent",
            f"/cases/{case}/agreement",
            f"/rooms/{room}",
            f"/rooms/{room}/carried",
        ]
        seen = {}
        for path in paths:
            answer = await self.visitor.get(path)
            headers = {name: value for name, value in answer.headers.items() if name != "Date"}
            seen[path] = json.dumps(headers) + PER_RENDERING.sub(r"\1", await answer.text())
        entered = await self.client.call("enter_room", {"room": room}, timeout=5)
        seen["mentions"] = json.dumps(await self.client.call("read_mentions", {"room": room}, timeout=5))
        seen["enter_room"] = json.dumps(entered)
        for channel in entered.get("channels", []):
            read = await self.client.call("read_entries", {"channel": channel["id"], "after": 0}, timeout=5)
            up = await self.client.call("read_notices", {"channel": channel["id"]}, timeout=5)
            seen[channel["id"]] = json.dumps([read, up])
        return seen


async def test_nothing_of_a_caucus_or_a_private_line_is_seen_or_heard_outside(site: Site) -> None:
    story = opened(site.house)
    people = {"by": story.people["mediator"], "people": [story.people["respondent"]]}
    caucus = site.house.do(open_caucus, room=story.room, **people, name=f"{CANARY} name", client_id="c")
    line = site.house.ask(private_of, story.room, "respondent")
    inside = [await entered(site, story, role) for role in ("mediator", "respondent")]
    outsiders = {role: await outsider(site, story, role) for role in OUTSIDE}
    before = await views(outsiders)
    for each in outsiders.values():
        each.frames.clear()

    await much_goes_on(inside, caucus)
    assert await views(outsiders) == before
    assert [each.frames for each in outsiders.values()] == [[]] * len(outsiders)

    del outsiders["agent"]  # who is in the side's private line with the mediator
    await much_goes_on(inside, line)
    assert {role: view for role, view in before.items() if role in outsiders} == await views(outsiders)

    assert [each.frames for each in outsiders.values()] == [[]] * len(outsiders)
    assert CANARY not in json.dumps(before)
    for client in inside:
        assert CANARY in json.dumps(client.ledgers[caucus].entries)
        await client.close()


async def views(outsiders: dict[str, Outsider]) -> dict[str, dict[str, str]]:
    """What each sees, once all of them are there."""
    for each in outsiders.values():
        await each.client.call("enter_room", {"room": each.story.room}, timeout=5)
    return {role: await each.view() for role, each in outsiders.items()}


async def entered(site: Site, story: Story, role: str) -> Client:
    client = await Client(site.origin, site.token(story.people[role])).connect()
    await client.enter(story.room)
    return client


async def outsider(site: Site, story: Story, role: str) -> Outsider:
    person = story.people[role]
    made = Outsider(site.visitor(person), await site.socket(site.token(person)), story)
    made.client.on("*", lambda event, payload: made.frames.append((event, payload)))
    return made


async def much_goes_on(inside: list[Client], channel: str) -> None:
    """Words, files, recalls and read marks, by the dice."""
    dice = random.Random(4)
    for number in range(25):
        client = dice.choice(inside)
        match dice.randrange(6):
            case 0:
                name, data = dice.choice(((f"{CANARY}.png", a_picture()), (f"{CANARY}.pdf", a_pdf())))
                await client.upload(channel, name, data)
            case 1 if client.ledgers[channel].entries:
                await client.ask("mark_read", {"channel": channel, "seq": client.ledgers[channel].last})
            case 2:
                answer = await client.talk(channel, f"{CANARY} {number}")
                await client.ask("recall_message", {"channel": channel, "seq": answer["seq"]})
            case _:
                await client.talk(channel, f"{CANARY} {number}" * dice.randrange(1, 30))
    moderator, party = inside
    pinned = await moderator.ask("pin_notice", {"channel": channel, "text": CANARY, "client_id": "notice"})
    await party.ask("acknowledge_notice", {"channel": channel, "seq": pinned["seq"]})
    for mentions in (["all"], [party.me]):
        called = {"channel": channel, "text": f"{CANARY} @", "client_id": mentions[0], "mentions": mentions}
        await moderator.ask("post_message", called)
    for client in inside:
        await client.until(lambda each: len(each.ledgers[channel].entries) > 5)
