"""A meeting is recorded from the question to the film, through the published protocol and with real transports."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.consent import withdraw_consent
from mediation.documents.file import documents_for
from mediation.hearings.composing import films
from mediation.hearings.manifest import read_manifests, tracks_folder
from mediation.hearings.tape import Recording
from mediation.hearings.tracks import RecordedTrack, tracks_of
from tests.client import Client, Refused
from tests.signaling.media.recording.decoding import decode_all, frames_of
from tests.site import Site
from tests.stories import Story, how, opened
from tests.tones import FPS, Seen

PITCH = {"mediator": 400, "claimant": 700, "respondent": 1000}
COLOUR = {"mediator": "grey", "claimant": "red", "respondent": "blue"}
acts = iter(range(1_000_000))


class Meeting:
    """Three people on the stage, sending tones and colours."""

    def __init__(self, site: Site, story: Story) -> None:
        self.site = site
        self.story = story
        self.clients: dict[str, Client] = {}

    async def come(self, role: str) -> Client:
        client = await Client(self.site.origin, self.site.token(self.story.people[role])).connect()
        self.clients[role] = client
        await client.enter(self.story.room)
        return client

    async def join(self, role: str, *, colour: str = "") -> Client:
        client = await self.come(role)
        await client.stage.join()
        if role != "mediator":
            await self.act("mediator", "admit_person", person=self.story.people[role])
            await client.stage.until(lambda stage: stage.state == "on")
        await client.stage.publish(pitch=PITCH[role], colour=colour or COLOUR[role])
        return client

    async def act(self, role: str, request: str, /, **payload: Any) -> dict[str, Any]:
        asked = {"room": self.story.room, "client_id": f"act-{next(acts)}"} | payload
        return await self.clients[role].ask(request, asked)

    async def record(self) -> str:
        asked = await self.act("mediator", "start_recording")
        for role in self.clients:
            answer = await self.act(role, "consent_to_recording", answer="given")
        assert answer["state"] == "on"
        return str(asked["recording"])

    def folder(self, recording: str) -> Path:
        return tracks_folder(self.site.house.settings.data, recording)

    async def taped(self, recording: str, tracks: int, frames: int = 10) -> None:
        await until(
            lambda: sum(each.frames >= frames for each in read_manifests(self.folder(recording))) >= tracks
        )

    async def ended(self, recording: str) -> Recording:
        """Once the film is made, or cannot be."""
        house = self.site.house

        def is_settled() -> bool:
            house.clock.follow_real_time()
            return house.ask(_tape, recording).film_state in {"done", "failed", "no_ffmpeg", "empty"}

        await until(is_settled, within=60)
        return house.ask(_tape, recording)

    def told(self, kind: str) -> list[dict[str, Any]]:
        ledger = self.clients["mediator"].ledgers[self.story.record]
        return [entry for entry in ledger.entries if entry["kind"] == kind]

    async def close(self) -> None:
        await asyncio.gather(*(client.close() for client in self.clients.values()))


async def until(holds: Any, within: float = 20) -> None:
    async with asyncio.timeout(within):
        while not holds():
            await asyncio.sleep(0.1)


def _tape(session: Session, recording: str) -> Recording:
    return session.scalars(select(Recording).where(Recording.id == recording)).one()


@pytest_asyncio.fixture(loop_scope="module")
async def meeting(site: Site) -> AsyncIterator[Meeting]:
    site.house.clock.follow_real_time()
    met = Meeting(site, opened(site.house))
    await met.come("mediator")
    await met.act("mediator", "start_hearing")
    await met.clients["mediator"].close()
    await met.join("mediator")
    yield met
    await met.close()


async def test_what_was_said_and_shown_in_the_meeting_is_kept_and_nothing_of_a_private_talk(
    meeting: Meeting,
) -> None:
    people = meeting.story.people
    for role in ("claimant", "respondent"):
        await meeting.join(role)
    recording = await meeting.record()
    await meeting.taped(recording, 6)

    caucus = await meeting.act("mediator", "open_caucus", people=[people["respondent"]], name="Private")
    bo = meeting.clients["respondent"].stage
    secrets = await bo.publish(pitch=1500, colour="green")
    await meeting.taped(recording, 2, frames=30)  # Chen is alone in the main place, and is recorded
    await asyncio.sleep(1)
    for secret in secrets:
        await meeting.clients["respondent"].ask("close_producer", {"producerId": secret})
    await meeting.clients["mediator"].ask("close_caucus", {"channel": caucus["channel"], "client_id": "end"})
    await meeting.act("mediator", "stop_recording")
    tape = await meeting.ended(recording)

    tracks = meeting.site.house.ask(tracks_of, recording)
    files = decode_all(meeting.folder(recording))
    assert {each.id for each in tracks} == {each.manifest.id for each in files}
    assert all(each.whole for each in tracks)
    assert {(each.person_id, each.source) for each in tracks if each.source in {"mic", "camera"}} == {
        (people[role], source) for role in PITCH for source in ("mic", "camera")
    }
    for each in files:
        assert not each.seen.heard(1500)
        assert each.seen.colour != "green"
        rate = FPS if each.manifest.kind == "video" else 50
        assert each.manifest.frames >= 0.9 * rate * each.manifest.duration_ms / 1000
    await until(lambda: meeting.told("recording_composed") or tape.film_state != "done")
    kept = meeting.told("recording_track_kept")
    assert {entry["body"]["sha256"] for entry in kept} == {each.sha256 for each in tracks}
    if shutil.which("ffmpeg"):
        the_film_shows_all(meeting, tape, tracks)


def the_film_shows_all(meeting: Meeting, tape: Recording, tracks: list[RecordedTrack]) -> None:
    data = meeting.site.house.settings.data
    assert (tape.film_state, tape.film_percent) == ("done", 100)
    assert films(data).has(tape.film or "")
    (path,) = (data / "recordings" / "films" / "open").rglob(tape.film_sha256 or "?")
    ends = [one.started_at + one.duration_ms / 1000 for one in tracks]
    length = max(ends) - min(one.started_at for one in tracks)
    for kind, codec in (("video", "h264"), ("audio", "aac")):
        seen, last = Seen(kind), 0.0
        for seconds, frame in frames_of(path, kind):
            seen.take(frame)
            last = seconds
        assert last == pytest.approx(length, abs=1.5)
        assert seen.size == (1280, 720) or seen.energy > 0
        assert (kind, codec) in probed(path)
    for one in tracks:
        codec = "vp8" if one.kind == "video" else "opus"
        assert probed(meeting.folder(tape.id) / f"{one.id}.mkv") == {(one.kind, codec)}
    assert meeting.told("recording_composed")[0]["body"]["sha256"] == tape.film_sha256


def probed(path: Path) -> set[tuple[str, str]]:
    """The streams of a file as ffprobe sees them."""
    asked = [
        "ffprobe",
        "-v",
        "error",
        "-show_entries",
        "stream=codec_type,codec_name",
        "-of",
        "json",
        f"{path}",
    ]
    told = json.loads(subprocess.run(asked, capture_output=True, check=True).stdout)
    return {(each["codec_type"], each["codec_name"]) for each in told["streams"]}


async def test_a_recording_is_no_document_that_everybody_may_fetch(meeting: Meeting) -> None:
    house, story = meeting.site.house, meeting.story
    recording = await meeting.record()
    await meeting.taped(recording, 2)
    await meeting.act("mediator", "stop_recording")
    await meeting.ended(recording)

    assert house.ask(documents_for, house.store.keys, story.people["mediator"], story.room) == []


async def test_a_recorder_that_dies_raises_an_alarm_and_the_recording_goes_on(meeting: Meeting) -> None:
    recording = await meeting.record()
    await meeting.taped(recording, 2)
    lin = meeting.clients["mediator"]

    os.kill(recorder(meeting), signal.SIGKILL)
    await lin.until(lambda client: bool(client.heard("recording_alarm")), within=5)
    await lin.until(lambda _: bool(meeting.told("recording_continued")))
    await meeting.taped(recording, 4)
    await meeting.act("mediator", "stop_recording")
    await meeting.ended(recording)

    (alarm,) = lin.heard("recording_alarm")
    assert alarm == {"room": meeting.story.room, "recording": recording, "code": "died"}
    assert meeting.told("recording_interrupted")[0]["body"]["code"] == "died"
    assert meeting.told("recording_continued")[0]["body"]["gap_ms"] >= 0
    tracks = meeting.site.house.ask(tracks_of, recording)
    assert sorted(each.whole for each in tracks) == [False, False, True, True]


async def test_a_media_worker_that_dies_is_a_gap_too(meeting: Meeting) -> None:
    recording = await meeting.record()
    await meeting.taped(recording, 2)
    lin = meeting.clients["mediator"]

    os.kill(worker(meeting), signal.SIGKILL)
    await lin.until(lambda client: bool(client.heard("stage_lost")))
    await lin.until(lambda client: bool(client.heard("recording_alarm")))
    await lin.stage.drop()
    await lin.stage.join()
    await lin.stage.publish(pitch=400)
    await meeting.taped(recording, 3)
    await meeting.act("mediator", "stop_recording")
    await meeting.ended(recording)

    assert meeting.told("recording_interrupted")[0]["body"]["code"] == "worker_lost"


async def test_who_has_not_consented_comes_in_only_then_and_is_not_taken_before(meeting: Meeting) -> None:
    recording = await meeting.record()
    chen = await meeting.come("claimant")
    await chen.stage.join()
    await chen.stage.publish(pitch=700)

    with pytest.raises(Refused) as refusal:
        await meeting.act("mediator", "admit_person", person=meeting.story.people["claimant"])
    assert refusal.value.code == "wrong_state"
    await meeting.act("claimant", "consent_to_recording", answer="given")
    await meeting.act("mediator", "admit_person", person=meeting.story.people["claimant"])
    await chen.stage.until(lambda stage: stage.state == "on")
    await meeting.taped(recording, 3)
    await meeting.act("claimant", "consent_to_recording", answer="withdrawn")
    await meeting.ended(recording)

    assert meeting.told("recording_stopped")[0]["body"]["code"] == "withdrawn"
    by_chen = [each for each in read_manifests(meeting.folder(recording)) if each.person == chen.me]
    assert len(by_chen) == 1


async def test_a_pause_takes_nothing(meeting: Meeting) -> None:
    recording = await meeting.record()
    await meeting.taped(recording, 2)

    await meeting.act("mediator", "pause_recording", reason="Recess")
    await until(lambda: all(each.closed for each in read_manifests(meeting.folder(recording))))
    await asyncio.sleep(1)
    during = len(list(read_manifests(meeting.folder(recording))))
    await meeting.act("mediator", "resume_recording")
    await meeting.taped(recording, 4)
    await meeting.act("mediator", "stop_recording")
    await meeting.ended(recording)

    assert during == 2


async def test_a_consent_to_the_mediation_that_is_taken_back_stops_the_tape(meeting: Meeting) -> None:
    recording = await meeting.record()
    await meeting.taped(recording, 2)
    story = meeting.story

    meeting.site.house.do(withdraw_consent, by=story.actor("claimant"), case=story.case, how=how())
    await meeting.ended(recording)

    assert all(each.closed for each in read_manifests(meeting.folder(recording)))
    assert meeting.told("recording_stopped")[0]["body"]["code"] == "room_closed"


def worker(meeting: Meeting) -> int:
    pid = meeting.site.signaling.desk.media.pid
    assert pid is not None
    return pid


def recorder(meeting: Meeting) -> int:
    pid = worker(meeting)
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return int(child)
