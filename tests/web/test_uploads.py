"""Uploads over HTTP: tus as its specification says, resumable after every accident, and silent to everybody else."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import pytest_asyncio

from mediation.record.entry import read_entries
from mediation.rooms.caucus import open_caucus
from tests.conftest import House
from tests.mediation.documents import samples
from tests.web.sending import PATCH, PDF, TUS, Depot, depot_of


@pytest_asyncio.fixture(loop_scope="module")
async def depot(house: House) -> AsyncIterator[Depot]:
    async with depot_of(house) as made:
        yield made


async def test_a_file_sent_in_pieces_arrives_whole_and_everybody_in_the_channel_can_have_it(
    depot: Depot,
) -> None:
    begun = await depot.announce("claimant", depot.story.talks)
    place = begun.headers["Location"]
    assert begun.status == 201

    half = await depot.patch("claimant", place, 0, PDF[:400_000])
    assert (half.status, half.headers["Upload-Offset"]) == (204, "400000")
    assert await depot.offset("claimant", place) == 400_000
    done = await depot.patch("claimant", place, 400_000, PDF[400_000:])

    answer = await done.json()
    assert done.status == 200
    assert answer["document"]["name"] == "借条.pdf"
    assert answer["document"]["sha256"] == hashlib.sha256(PDF).hexdigest()
    entry = depot.story.house.published[-1]
    assert answer["entry"] == {"seq": entry.seq, "id": entry.id, "hash": entry.hash}
    got = await depot.ask("respondent", "GET", f"/files/{answer['document']['id']}")
    assert await got.read() == PDF
    assert len(depot.files()) == 1


async def test_the_server_says_what_it_takes(depot: Depot) -> None:
    told = await depot.client.options("/uploads")

    assert told.status == 204
    assert told.headers["Tus-Version"] == "1.0.0"
    assert told.headers["Tus-Extension"] == "creation"
    assert told.headers["Tus-Max-Size"] == str(depot.story.house.settings.upload_limit)


async def test_another_version_another_body_and_a_wrong_offset_get_the_answers_of_the_specification(
    depot: Depot,
) -> None:
    place = (await depot.announce("claimant", depot.story.talks)).headers["Location"]

    other = await depot.ask("claimant", "HEAD", place, headers={"Tus-Resumable": "0.2.2"})
    assert (other.status, other.headers["Tus-Version"]) == (412, "1.0.0")
    body = await depot.ask("claimant", "PATCH", place, data=b"x", headers=TUS | {"Upload-Offset": "0"})
    assert body.status == 415
    wrong = await depot.patch("claimant", place, 7, b"x")
    assert (wrong.status, (await wrong.json())["error"]["code"]) == (409, "wrong_offset")
    longer = await depot.patch("claimant", place, 0, PDF + b"x")
    assert (longer.status, (await longer.json())["error"]["code"]) == (413, "too_large")
    none = await depot.ask("claimant", "PATCH", place, data=b"x", headers=PATCH)
    assert none.status == 422
    assert await depot.offset("claimant", place) == 0


async def test_a_stream_that_is_longer_than_announced_stops_at_the_end(depot: Depot) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield bytes(300_000)

    place = (await depot.announce("claimant", depot.story.talks)).headers["Location"]
    headers = PATCH | {"Upload-Offset": "0"}

    with suppress(ConnectionError):
        answer = await depot.ask("claimant", "PATCH", place, data=endless(), headers=headers)
        assert answer.status == 413

    assert await depot.offset("claimant", place) <= len(PDF)
    assert sum(path.stat().st_size for path in depot.files()) <= len(PDF)


async def test_a_connection_that_breaks_off_keeps_what_has_come(depot: Depot) -> None:
    place = (await depot.announce("claimant", depot.story.talks)).headers["Location"]

    async def breaking_off() -> AsyncIterator[bytes]:
        yield PDF[:500_000]
        await asyncio.Event().wait()

    sending = asyncio.create_task(
        depot.ask("claimant", "PATCH", place, data=breaking_off(), headers=PATCH | {"Upload-Offset": "0"})
    )
    part = depot.blobs / "uploads" / place.rsplit("/", 1)[1]
    while not part.exists() or part.stat().st_size < 262_144:
        await asyncio.sleep(0.01)
    sending.cancel()
    with suppress(asyncio.CancelledError):
        await sending

    at = await depot.offset("claimant", place)
    assert 262_144 <= at <= 500_000
    done = await depot.patch("claimant", place, at, PDF[at:])
    assert (await done.json())["document"]["sha256"] == hashlib.sha256(PDF).hexdigest()


async def test_who_asks_again_does_not_wait_for_a_dead_connection(depot: Depot) -> None:
    place = (await depot.announce("claimant", depot.story.talks)).headers["Location"]
    hold = asyncio.Event()

    async def hanging() -> AsyncIterator[bytes]:
        yield PDF[:300_000]
        await hold.wait()

    hanging_request = asyncio.create_task(
        depot.ask("claimant", "PATCH", place, data=hanging(), headers=PATCH | {"Upload-Offset": "0"})
    )
    part = depot.blobs / "uploads" / place.rsplit("/", 1)[1]
    while not part.exists() or part.stat().st_size < 262_144:
        await asyncio.sleep(0.01)

    at = await asyncio.wait_for(depot.offset("claimant", place), 5)

    done = await depot.patch("claimant", place, at, PDF[at:])
    assert done.status == 200
    hold.set()
    with suppress(ConnectionError):
        await hanging_request


async def test_the_last_answer_can_be_asked_for_again(depot: Depot) -> None:
    first = await depot.send("claimant", depot.story.talks)
    begun = await depot.announce("claimant", depot.story.talks)
    assert begun.headers["Upload-Offset"] == str(len(PDF))

    again = await depot.patch("claimant", begun.headers["Location"], len(PDF), b"")

    assert await again.json() == first
    entries = depot.story.house.ask(read_entries, depot.story.house.store.keys, depot.story.talks)
    assert len(entries) == 1


async def test_the_same_last_piece_ten_times_at_once_makes_one_entry(depot: Depot) -> None:
    place = (await depot.announce("claimant", depot.story.talks)).headers["Location"]
    await depot.patch("claimant", place, 0, PDF[:-10])

    answers = await asyncio.gather(
        *(depot.patch("claimant", place, len(PDF) - 10, PDF[-10:]) for _ in range(10))
    )

    assert {answer.status for answer in answers} <= {200, 409}
    assert 200 in {answer.status for answer in answers}
    entries = depot.story.house.ask(read_entries, depot.story.house.store.keys, depot.story.talks)
    assert len(entries) == 1
    assert len(depot.files()) == 1


@pytest.mark.parametrize(
    ("told", "size", "status", "code"),
    [
        ({}, 0, 422, "invalid"),
        ({}, 500 * 1024 * 1024, 413, "too_large"),
        ({"filename": "page.html"}, 10, 422, "invalid"),
        ({"filename": ""}, 10, 422, "invalid"),
        ({"purpose": "else"}, 10, 422, "invalid"),
        ({"channel": "nowhere"}, 10, 404, "not_found"),
    ],
)
async def test_a_bad_announcement_gets_a_sentence_before_the_first_byte(
    depot: Depot, told: dict[str, str], size: int, status: int, code: str
) -> None:
    facts = dict(told)
    answer = await depot.announce("claimant", facts.pop("channel", depot.story.talks), size=size, **facts)

    error = (await answer.json())["error"]
    assert (answer.status, error["code"]) == (status, code)
    assert re.search(r"[\u4e00-\u9fff]", error["message"])
    assert "documents." not in error["message"]


async def test_a_file_that_lies_about_its_type_is_refused_and_gone(depot: Depot) -> None:
    page = b"<html><script>alert(1)</script></html>"
    place = (await depot.announce("respondent", depot.story.talks, size=len(page))).headers["Location"]

    answer = await depot.patch("respondent", place, 0, page)

    assert answer.status == 422
    assert "does not match its ending" in (await answer.json())["error"]["message"]
    assert depot.files() == []
    assert (await depot.ask("respondent", "HEAD", place, headers=TUS)).status == 404
    assert depot.story.house.ask(read_entries, depot.story.house.store.keys, depot.story.talks) == []


async def test_an_upload_does_not_exist_for_anybody_else(depot: Depot) -> None:
    place = (await depot.announce("claimant", depot.story.talks)).headers["Location"]

    for role in ("respondent", "mediator", "clerk", "stranger"):
        assert (await depot.ask(role, "HEAD", place, headers=TUS)).status == 404
        assert (await depot.patch(role, place, 0, b"x")).status == 404
    unknown = await depot.client.head(place, headers=TUS)
    assert unknown.status == 401


async def test_a_foreign_page_cannot_send(depot: Depot) -> None:
    foreign = {
        "Origin": "https://evil.example",
        "Sec-Fetch-Depot": "cross-depot",
        "Cookie": "__Host-session=x",
    }

    assert (await depot.client.post("/uploads", headers=TUS | foreign)).status == 403
    assert (await depot.client.patch("/uploads/x", headers=PATCH | foreign)).status == 403


async def test_two_sides_may_use_the_same_client_id(depot: Depot) -> None:
    first = await depot.send("claimant", depot.story.talks)
    second = await depot.send("respondent", depot.story.talks)

    assert first["document"]["id"] != second["document"]["id"]
    assert first["document"]["sha256"] == second["document"]["sha256"]
    assert len(depot.files()) == 1


async def test_a_caucus_upload_is_sealed_from_its_first_byte_and_known_to_nobody_outside(
    depot: Depot,
) -> None:
    story = depot.story
    channel = story.house.do(
        open_caucus,
        by=story.people["mediator"],
        room=story.room,
        people=[story.people["respondent"]],
        client_id="k1",
    )
    canary = b"canary-in-the-caucus-91bc"
    pdf = samples.a_pdf(b"% " + canary + b"\n" + bytes(range(33, 127)) * 9000)
    begun = await depot.announce("respondent", channel, size=len(pdf), filename="offer.pdf")
    await depot.patch("respondent", begun.headers["Location"], 0, pdf[:300_000])
    assert not [path for path in depot.files() if canary in path.read_bytes()]

    done = await depot.patch("respondent", begun.headers["Location"], 300_000, pdf[300_000:])

    file = (await done.json())["document"]["id"]
    assert not [path for path in depot.files() if canary in path.read_bytes()]
    assert await (await depot.ask("mediator", "GET", f"/files/{file}")).read() == pdf
    for role in ("claimant", "judge", "clerk", "stranger", "agent"):
        hidden = await depot.ask(role, "GET", f"/files/{file}")
        nothing = await depot.ask(role, "GET", "/files/none-such")
        assert (hidden.status, await hidden.read()) == (nothing.status, await nothing.read())
        assert hidden.status == 404
        assert (await depot.announce(role, channel, client_id="probe")).status == 404
