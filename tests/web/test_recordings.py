"""The page of the recordings: everybody sees that there are some, who may look gets them in parts, and each look is noted."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.hearings.composing import note_film
from mediation.hearings.tape import Recording
from mediation.hearings.tracks import tracks_of
from mediation.people.person import acts_of
from mediation.record.entry import entries
from tests.mediation.hearings.taped import FILM, a_sound, taped
from tests.site import Site
from tests.stories import Story, opened


@pytest.fixture
def story(site: Site) -> Story:
    site.house.clock.follow_real_time()
    return opened(site.house)


def looks_of(site: Site, person: str, recording: str) -> list[dict[str, str]]:
    def ask(session: Session) -> list[str]:
        channel = acts_of(session, person)
        query = select(entries.c.public).where(
            entries.c.channel == channel, entries.c.kind == "recording_viewed"
        )
        return list(session.scalars(query.order_by(entries.c.seq)))

    told = [json.loads(each) for each in site.house.ask(ask)]
    return [each for each in told if each["recording"] == recording]


async def test_a_party_sees_that_there_is_a_recording_and_its_fingerprint_but_no_film(
    site: Site, story: Story
) -> None:
    recording = taped(story)

    page = await (await site.visitor(story.people["claimant"]).get(f"/cases/{story.case}/recordings")).text()

    assert "只有调解员可以查看" in page
    assert f'href="/genuine/{recording}"' in page, (
        "whether a film is this one can be checked without seeing it"
    )
    assert "视频指纹" in page
    assert f"/recordings/{recording}" not in page
    assert "<video" not in page


async def test_who_led_the_meeting_sees_the_film_and_every_track(site: Site, story: Story) -> None:
    recording = taped(story)
    (track,) = site.house.ask(tracks_of, recording)
    lin = site.visitor(story.people["mediator"])

    page = await (await lin.get(f"/cases/{story.case}/recordings")).text()
    film = await lin.get(f"/recordings/{recording}/film")
    file = await lin.get(f"/recordings/tracks/{track.id}")

    assert f'src="/recordings/{recording}/film"' in page
    assert track.sha256 in page
    assert (await film.read(), film.headers["Content-Type"]) == (FILM, "video/mp4")
    assert (await file.read(), file.headers["Content-Type"]) == (a_sound(), "video/x-matroska")
    assert file.headers["Content-Disposition"].startswith("attachment")


async def test_a_player_gets_the_film_in_parts(site: Site, story: Story) -> None:
    recording = taped(story)
    lin = site.visitor(story.people["mediator"])

    part = await lin.get(f"/recordings/{recording}/film", Range="bytes=100-199")
    beyond = await lin.get(f"/recordings/{recording}/film", Range=f"bytes={len(FILM)}-")

    assert (part.status, await part.read()) == (206, FILM[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(FILM)}"
    assert beyond.status == 416


async def test_each_look_is_one_entry_in_the_lookers_own_record(site: Site, story: Story) -> None:
    recording = taped(story)
    (track,) = site.house.ask(tracks_of, recording)
    lin = site.visitor(story.people["mediator"])

    for start in (0, 100, 200):
        await lin.get(f"/recordings/{recording}/film", Range=f"bytes={start}-")
    await lin.get(f"/recordings/tracks/{track.id}")
    first = looks_of(site, story.people["mediator"], recording)
    site.house.clock.now += timedelta(minutes=11)
    await lin.get(f"/recordings/{recording}/film", Range="bytes=300-")

    assert first == [
        {"recording": recording, "track": None},
        {"recording": recording, "track": track.id},
    ]
    assert len(looks_of(site, story.people["mediator"], recording)) == 3


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("composing", "已完成25%"),
        ("no_ffmpeg", "sudo apt install ffmpeg"),
        ("failed", "未能合成视频"),
        ("empty", "没有任何画面和声音"),
    ],
)
async def test_the_page_says_how_far_the_film_is(site: Site, story: Story, state: str, words: str) -> None:
    recording = taped(story, film=False)
    site.house.do(note_film, recording=recording, state=state, percent=25)

    page = await site.visitor(story.people["mediator"]).get(f"/cases/{story.case}/recordings")

    assert words in await page.text()


async def test_the_film_can_be_asked_for_again(site: Site, story: Story) -> None:
    recording = taped(story, film=False)
    site.house.do(note_film, recording=recording, state="no_ffmpeg")

    answer = await site.visitor(story.people["mediator"]).post(f"/recordings/{recording}/film")

    assert answer.status == 303

    def state(session: Session) -> str | None:
        return session.get_one(Recording, recording).film_state

    assert site.house.ask(state) in {"waiting", "composing", "done", "failed"}
