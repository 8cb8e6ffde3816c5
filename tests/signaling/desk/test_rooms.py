"""The desk's rooms: programs enter, talk, read on after a gap, and strangers get nothing."""

import asyncio
from typing import Any

import pytest
import socketio

from mediation.packs.pack import load_pack
from mediation.record.erasure import Ground, erase_contents
from tests.site import Site
from tests.stories import Story, opened


@pytest.fixture
def story(site: Site) -> Story:
    return opened(site.house)


async def test_what_one_says_the_others_hear_once_and_in_order(site: Site, story: Story) -> None:
    chen, bo = await _in_room(site, story, "claimant"), await _in_room(site, story, "respondent")
    heard = _hearing(bo, "entry")

    for n in range(5):
        await _ask(
            chen, "post_message", {"channel": story.talks, "client_id": f"k{n}", "text": f"message {n}"}
        )

    said = await _first(heard, 5)
    assert [entry["seq"] for entry in said] == [1, 2, 3, 4, 5]
    assert [entry["body"]["text"] for entry in said] == [f"message {n}" for n in range(5)]


async def test_the_judge_and_the_clerk_hear_nothing_of_the_talks(site: Site, story: Story) -> None:
    chen, judge = await _in_room(site, story, "claimant"), await _in_room(site, story, "judge")
    heard = _hearing(judge, "entry")

    await _ask(
        chen, "post_message", {"channel": story.talks, "client_id": "k", "text": "I would take 80,000"}
    )
    await _ask(judge, "post_message", {"channel": story.record, "client_id": "k", "text": "For the record"})

    assert [entry["channel"] for entry in await _first(heard, 1)] == [story.record]


async def test_sending_twice_is_one_entry_and_the_same_answer(site: Site, story: Story) -> None:
    chen = await _in_room(site, story, "claimant")
    message = {"channel": story.talks, "client_id": "once", "text": "once"}

    first, again = await _ask(chen, "post_message", message), await _ask(chen, "post_message", message)

    assert first == again
    assert len((await _ask(chen, "read_entries", {"channel": story.talks, "after": 0}))["entries"]) == 1


async def test_requests_of_one_connection_are_carried_out_in_their_order(site: Site, story: Story) -> None:
    chen = await _in_room(site, story, "claimant")

    answers = await asyncio.gather(
        *(
            _ask(chen, "post_message", {"channel": story.talks, "client_id": f"k{n}", "text": str(n)})
            for n in range(20)
        )
    )

    assert [answer["seq"] for answer in answers] == list(range(1, 21))


@pytest.mark.parametrize(
    ("name", "payload", "code"),
    [
        ("no_such_request", {}, "unknown_request"),
        ("enter_room", {"room": "nowhere"}, "not_found"),
        ("enter_room", {"room": 5}, "invalid"),
        ("enter_room", {"room": "nowhere", "role": "mediator"}, "invalid"),
        ("enter_room", "text", "invalid"),
        ("post_message", {"channel": "nowhere", "client_id": "k", "text": "x"}, "not_found"),
    ],
)
async def test_every_request_is_answered(
    site: Site, story: Story, name: str, payload: Any, code: str
) -> None:
    chen = await _in_room(site, story, "claimant")

    answer = await chen.call(name, payload, timeout=5)

    assert answer["error"]["code"] == code
    assert answer["error"]["message"]


async def test_a_message_of_a_hundred_thousand_characters_is_refused_and_the_connection_stays(
    site: Site, story: Story
) -> None:
    chen = await _in_room(site, story, "claimant")

    answer = await chen.call(
        "post_message", {"channel": story.talks, "client_id": "k", "text": "字" * 100_000}
    )

    assert answer["error"]["code"] == "too_large"
    await _ask(chen, "post_message", {"channel": story.talks, "client_id": "k2", "text": "short"})


async def test_who_is_not_signed_in_cannot_connect(site: Site) -> None:
    client = socketio.AsyncClient(reconnection=False)

    with pytest.raises(socketio.exceptions.ConnectionError):
        await client.connect(site.origin, auth={"token": "wrong"}, transports=["websocket"])


async def test_a_stranger_cannot_enter_and_hears_nothing(site: Site, story: Story) -> None:
    stranger = await site.socket(site.token(story.people["stranger"]))

    assert (await stranger.call("enter_room", {"room": story.room}))["error"]["code"] == "not_found"
    answer = await stranger.call("read_entries", {"channel": story.talks, "after": 0})
    assert answer["error"]["code"] == "not_found"


async def test_a_reader_that_missed_pushes_reads_on_after_its_seq(site: Site, story: Story) -> None:
    chen = await _in_room(site, story, "claimant")
    for n in range(7):
        await _ask(chen, "post_message", {"channel": story.talks, "client_id": f"k{n}", "text": str(n)})

    bo = await _in_room(site, story, "respondent")
    missed = await _ask(bo, "read_entries", {"channel": story.talks, "after": 4, "limit": 50})
    older = await _ask(bo, "read_entries", {"channel": story.talks, "before": 4, "limit": 2})

    assert [entry["seq"] for entry in missed["entries"]] == [5, 6, 7]
    assert [entry["seq"] for entry in older["entries"]] == [2, 3]


async def test_a_recalled_message_leaves_a_stub_without_its_words(site: Site, story: Story) -> None:
    chen = await _in_room(site, story, "claimant")
    said = await _ask(chen, "post_message", {"channel": story.talks, "client_id": "k", "text": "a slip"})

    await _ask(chen, "recall_message", {"channel": story.talks, "seq": said["seq"]})

    entries = (await _ask(chen, "read_entries", {"channel": story.talks, "after": 0}))["entries"]
    assert [(entry["kind"], entry["body"]) for entry in entries] == [
        ("message_posted", None),
        ("message_recalled", {"seq": 1}),
    ]


async def test_what_was_erased_is_read_with_the_rule_and_the_entry_that_says_so(
    site: Site, story: Story
) -> None:
    chen = await _in_room(site, story, "claimant")
    said = await _ask(chen, "post_message", {"channel": story.talks, "client_id": "k", "text": "My floor"})
    await _ask(chen, "recall_message", {"channel": story.talks, "seq": said["seq"]})
    talks = next(one for one in load_pack("cn").retention if one.code == "talks")
    site.house.do(erase_contents, channel=story.talks, seqs=[1, 2], ground=Ground(talks))

    first, second, told = (await _ask(chen, "read_entries", {"channel": story.talks, "after": 0}))["entries"]

    assert (first["body"], second["body"]) == ({}, {"seq": 1})
    why = {"by": 3, "at": told["at"], "rule": "talks", "why": "period"}
    assert first["erased"] == second["erased"] == why | {"name": told["body"]["name"]}
    assert "erased" not in told
    assert told["body"]["seqs"] == [1, 2]


async def test_the_others_see_up_to_where_one_has_read(site: Site, story: Story) -> None:
    chen, bo = await _in_room(site, story, "claimant"), await _in_room(site, story, "respondent")
    reads = _hearing(chen, "read")
    said = await _ask(chen, "post_message", {"channel": story.talks, "client_id": "k", "text": "seen?"})

    await _ask(bo, "mark_read", {"channel": story.talks, "seq": said["seq"]})

    assert (await _first(reads, 1))[0]["person"] == story.people["respondent"]


async def _in_room(site: Site, story: Story, role: str) -> socketio.AsyncClient:
    client = await site.socket(site.token(story.people[role]))
    await _ask(client, "enter_room", {"room": story.room})
    return client


async def _ask(client: socketio.AsyncClient, name: str, payload: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = await client.call(name, payload, timeout=5)
    assert "error" not in answer, answer
    return answer


def _hearing(client: socketio.AsyncClient, event: str) -> "asyncio.Queue[dict[str, Any]]":
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    client.on(event, heard.put)
    return heard


async def _first(heard: "asyncio.Queue[dict[str, Any]]", count: int) -> list[dict[str, Any]]:
    return [await asyncio.wait_for(heard.get(), 5) for _ in range(count)]
