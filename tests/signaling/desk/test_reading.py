"""Writing, delivered, found: told to who reads the channel, and to nobody else."""

import asyncio
from functools import partial
from typing import Any

import socketio

from tests.site import Site
from tests.stories import Story, opened


async def in_room(
    site: Site, story: Story, role: str, heard: list[tuple[str, Any]], last: asyncio.Event
) -> socketio.AsyncClient:
    """Somebody's program; `last` is set by the entry that ends the test."""
    client = await site.socket(site.token(story.people[role]))

    def listen(event: str, said: dict[str, Any]) -> None:
        heard.append((event, said))
        if said.get("client_id") == "end":
            last.set()

    for event in ("typing", "delivered", "entry"):
        client.on(event, partial(listen, event))
    await ask(client, "enter_room", room=story.room)
    return client


async def ask(client: socketio.AsyncClient, name: str, **payload: Any) -> dict[str, Any]:
    answer: dict[str, Any] = await client.call(name, payload, timeout=5)
    assert "error" not in answer, answer
    return answer


async def test_writing_and_delivery_are_told_to_who_reads_the_channel_only(site: Site) -> None:
    story = opened(site.house)
    at_bo: list[tuple[str, Any]] = []
    at_judge: list[tuple[str, Any]] = []
    ends = [asyncio.Event() for _ in range(3)]
    chen = await in_room(site, story, "claimant", [], ends[0])
    bo = await in_room(site, story, "respondent", at_bo, ends[1])
    judge = await in_room(site, story, "judge", at_judge, ends[2])

    await ask(chen, "typing", channel=story.talks)
    await ask(chen, "typing", channel=story.talks)  # too soon to be told again
    said = await ask(chen, "post_message", channel=story.talks, client_id="k", text="还款三月")
    for _ in range(2):  # the second one is not new
        await ask(chen, "mark_delivered", channel=story.talks, seq=said["seq"])
    await ask(judge, "post_message", channel=story.record, client_id="end", text="That is all")
    async with asyncio.timeout(10):
        await asyncio.gather(*(each.wait() for each in ends))

    assert [event for event, _ in at_bo] == ["typing", "entry", "delivered", "entry"]
    assert at_bo[0][1] == {"channel": story.talks, "person": story.people["claimant"]}
    assert [event for event, _ in at_judge] == ["entry"]
    found = [await ask(one, "search", room=story.room, query="三月") for one in (bo, judge)]
    assert [len(each["hits"]) for each in found] == [1, 0]
    assert found[0]["hits"][0]["marks"] == [[2, 4]]
