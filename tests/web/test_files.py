"""Files over HTTP: the same bytes to whoever may read the channel, a part of them on demand, and nothing that could act."""

import asyncio
import io
import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from PIL import Image
from sqlalchemy import update
from sqlalchemy.orm import Session

from mediation.cases.party import Party
from mediation.documents.sounds import make_sound
from mediation.people.person import Person
from mediation.rooms.message import recall_message
from mediation.work import Work
from tests.conftest import House
from tests.mediation.documents import samples
from tests.mediation.documents.reels import a_voice
from tests.stories import Story
from tests.web.sending import PDF, Depot, depot_of
from web.acts_view import Act, Asked, acts_for
from web.pages.files import FILES, keep_tidy


@pytest_asyncio.fixture(loop_scope="module")
async def depot(house: House) -> AsyncIterator[Depot]:
    async with depot_of(house) as made:
        yield made


async def test_a_file_comes_with_its_name_its_type_and_no_power(depot: Depot) -> None:
    sent = await depot.send("claimant", depot.story.talks, filename='..\\借条 \u202e"1".pdf')

    got = await depot.ask("agent", "GET", f"/files/{sent['document']['id']}")

    assert await got.read() == PDF
    assert got.headers["Content-Type"] == "application/pdf"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Cache-Control"] == "private, no-cache"
    assert got.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert got.headers["Referrer-Policy"] == "no-referrer"
    assert got.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert got.content_disposition is not None
    assert (got.content_disposition.type, got.content_disposition.filename) == ("inline", '借条 "1".pdf')
    saved = await depot.ask("agent", "GET", f"/files/{sent['document']['id']}?download=1")
    assert saved.headers["Content-Disposition"].startswith("attachment")


async def test_every_kind_is_sandboxed_and_only_what_a_browser_can_show_opens_by_itself(depot: Depot) -> None:
    for name, data in samples.HONEST.items():
        sent = await depot.send("claimant", depot.story.talks, data, filename=name, client_id=name)
        got = await depot.ask("mediator", "GET", f"/files/{sent['document']['id']}")

        opens = not name.endswith(("docx", "xlsx", "pptx", "odt", "txt", "csv", "heic"))
        assert await got.read() == data
        assert got.headers["Content-Security-Policy"].startswith("sandbox;")
        assert got.headers["Content-Disposition"].startswith("inline" if opens else "attachment")
        assert "html" not in got.headers["Content-Type"]
        assert "svg" not in got.headers["Content-Type"]


async def test_who_opened_a_document_is_read_by_who_handed_it_in_and_by_nobody_else(depot: Depot) -> None:
    story = depot.story
    assert story.private is not None
    shared = await depot.send("claimant", story.record, purpose="document", client_id="a", filename="iou.pdf")
    walled = await depot.send("claimant", story.private["claimant"], purpose="document", client_id="b")

    for sent in (shared, walled):
        path = f"/files/{sent['document']['id']}"
        for _ in range(2):
            await depot.ask("mediator", "GET", path)
        await depot.ask("claimant", "GET", path)
        await depot.ask("respondent", "GET", path)

    looks = {role: _looks(story, role) for role in ("claimant", "respondent", "mediator", "clerk")}
    names = {role: story.house.ask(_name, story.people[role]) for role in ("mediator", "respondent")}
    seen = [(act.by, act.thing) for act in looks.pop("claimant") if act.kind == "looked_at"]
    assert len(seen) == 3
    assert [by for by, _ in seen].count(names["mediator"]) == 2
    assert (names["respondent"], "iou.pdf") in seen
    assert not [act for others in looks.values() for act in others if act.kind == "looked_at"]


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("bytes=0-0", 0, 1), ("bytes=5-99", 5, 100), ("bytes=70000-", 70_000, None), ("bytes=-10", -10, None)],
)
async def test_a_part_of_a_file_can_be_asked_for_behind_a_wall_too(
    depot: Depot, asked: str, start: int, stop: int | None
) -> None:
    assert depot.story.private is not None
    for channel in (depot.story.record, depot.story.private["claimant"]):
        sent = await depot.send("claimant", channel, purpose="document", client_id=channel)

        got = await depot.ask("mediator", "GET", f"/files/{sent['document']['id']}", headers={"Range": asked})

        wanted = PDF[start:stop]
        assert (got.status, await got.read()) == (206, wanted)
        first = start % len(PDF)
        assert got.headers["Content-Range"] == f"bytes {first}-{first + len(wanted) - 1}/{len(PDF)}"


async def test_what_a_file_has_not_and_what_has_not_changed_is_not_sent(depot: Depot) -> None:
    path = f"/files/{(await depot.send('claimant', depot.story.talks))['document']['id']}"

    beyond = await depot.ask("claimant", "GET", path, headers={"Range": f"bytes={len(PDF)}-"})
    assert (beyond.status, beyond.headers["Content-Range"]) == (416, f"bytes */{len(PDF)}")
    known = (await depot.ask("claimant", "GET", path)).headers["ETag"]
    same = await depot.ask("claimant", "GET", path, headers={"If-None-Match": known})
    assert (same.status, await same.read()) == (304, b"")
    other = await depot.ask("claimant", "GET", path, headers={"Range": "bytes=0-1", "If-Range": '"older"'})
    assert (other.status, await other.read()) == (200, PDF)
    head = await depot.ask("claimant", "HEAD", path)
    assert (head.status, head.headers["Content-Length"], await head.read()) == (200, str(len(PDF)), b"")


async def test_a_picture_is_shown_by_its_preview_and_saved_as_it_was(depot: Depot) -> None:
    photo = samples.a_photo_with_a_place()
    sent = await depot.send("claimant", depot.story.talks, photo, filename="假期.jpg")
    path = f"/files/{sent['document']['id']}"

    shown = await depot.ask("respondent", "GET", f"{path}?preview=1")
    saved = await depot.ask("respondent", "GET", path)

    preview = await shown.read()
    assert shown.headers["Content-Type"] == "image/jpeg"
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert b"Canary" not in preview
    with Image.open(io.BytesIO(preview)) as picture:
        assert picture.size == (sent["document"]["width"], sent["document"]["height"]) == (300, 400)
    assert await saved.read() == photo
    pdf = await depot.send("claimant", depot.story.talks, client_id="u2")
    assert (await depot.ask("respondent", "GET", f"/files/{pdf['document']['id']}?preview=1")).status == 404


@pytest.mark.parametrize(
    ("where", "sender", "seen_by"),
    [
        ("record", "clerk", {"claimant", "respondent", "agent", "mediator", "judge", "clerk"}),
        ("talks", "agent", {"claimant", "respondent", "agent", "mediator"}),
        ("claimant", "claimant", {"claimant", "mediator"}),
        ("respondent", "mediator", {"respondent", "agent", "mediator"}),
    ],
)
async def test_a_file_is_for_those_who_may_read_its_channel(
    depot: Depot, where: str, sender: str, seen_by: set[str]
) -> None:
    channel = {"record": depot.story.record, "talks": depot.story.talks, **(depot.story.private or {})}[where]
    purpose = "message" if where == "talks" else "document"
    sent = await depot.send(sender, channel, purpose=purpose)

    answers = {
        role: await depot.ask(role, "GET", f"/files/{sent['document']['id']}") for role in depot.tokens
    }

    assert {role for role, answer in answers.items() if answer.status == 200} == seen_by
    assert {answer.status for role, answer in answers.items() if role not in seen_by} == {404}
    nobody = await depot.client.get(f"/files/{sent['document']['id']}", allow_redirects=False)
    assert nobody.status == 303
    assert nobody.headers["Location"].startswith("/sign-in")


async def test_who_has_left_the_case_finds_its_files_no_more(depot: Depot) -> None:
    sent = await depot.send("claimant", depot.story.talks)
    gone = depot.story.people["agent"]

    def leave(work: Work) -> None:
        work.session.execute(update(Party).where(Party.person_id == gone).values(left_at=work.now))

    depot.story.house.do(leave)

    assert (await depot.ask("agent", "GET", f"/files/{sent['document']['id']}")).status == 404


async def test_a_file_taken_back_is_gone(depot: Depot) -> None:
    sent = await depot.send("claimant", depot.story.talks)
    seq = sent["entry"]["seq"]
    depot.story.house.do(
        recall_message, by=depot.story.people["claimant"], channel=depot.story.talks, seq=seq
    )

    for role in ("claimant", "respondent", "mediator"):
        assert (await depot.ask(role, "GET", f"/files/{sent['document']['id']}")).status == 404


async def test_what_a_kill_left_behind_is_swept_at_the_start_and_what_is_used_stays(depot: Depot) -> None:
    sent = await depot.send("claimant", depot.story.talks)
    app = depot.client.app
    assert app is not None
    orphan = app[FILES].blobs.put([b"an orphan"])
    kept = len(depot.files()) - 1
    for path in depot.files():
        os.utime(path, (1, 1))

    tidying = keep_tidy(app)
    await anext(tidying)
    while len(depot.files()) > kept:
        await asyncio.sleep(0.01)
    await anext(tidying, None)

    assert not app[FILES].blobs.has(orphan.blob)
    got = await depot.ask("respondent", "GET", f"/files/{sent['document']['id']}")
    assert await got.read() == PDF


async def test_a_voice_message_is_played_in_parts_as_soon_as_it_is_prepared(depot: Depot) -> None:
    sent = await depot.send(
        "claimant", depot.story.talks, a_voice(), filename="voice.webm", filetype="audio/webm",
        kind="voice", levels="3,40", caption="Listen.",
    )  # fmt: skip
    path = f"/files/{sent['document']['id']}/sound"

    early = await depot.ask("respondent", "GET", path, headers={"Accept": "application/json"})
    assert (early.status, (await early.json())["error"]["code"]) == (409, "being_prepared")
    await asyncio.to_thread(make_sound, depot.story.house.store, {"file": sent["document"]["id"]})
    part = await depot.ask("respondent", "GET", path, headers={"Range": "bytes=0-11"})

    assert (part.status, (await part.read())[4:11]) == (206, b"ftypM4A")
    assert part.headers["Content-Type"] == "audio/mp4"
    assert part.headers["Content-Disposition"].startswith("inline")
    assert part.headers["X-Content-Type-Options"] == "nosniff"
    assert part.headers["Content-Security-Policy"].startswith("sandbox;")
    pdf = await depot.send("claimant", depot.story.talks, client_id="u2")
    assert (await depot.ask("claimant", "GET", f"/files/{pdf['document']['id']}/sound")).status == 404
    seq = sent["entry"]["seq"]
    depot.story.house.do(
        recall_message, by=depot.story.people["claimant"], channel=depot.story.talks, seq=seq
    )
    assert (await depot.ask("respondent", "GET", path)).status == 404


def _looks(story: Story, role: str) -> list[Act]:
    asked = Asked(looks=True)
    return story.house.ask(acts_for, story.house.store.keys, story.people[role], asked, limit=50)


def _name(session: Session, person: str) -> str:
    return session.get_one(Person, person).name
