"""A room is recorded by a real worker and a real recorder: what was sent is in the files, and nothing of a private place."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from mediation.hearings.manifest import read_manifests
from signaling.media.payloads import CodecParameters, Encoding, RtpParameters
from signaling.media.recording.events import NotTaped, RecorderBack, RecorderLost, TracksClosed
from signaling.media.stage import Stage
from tests.onstage import Media
from tests.signaling.media.recording.decoding import decode_all
from tests.signaling.media.stand import Stand
from tests.signaling.media.test_wall import NoPath
from tests.tones import FPS

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def own() -> AsyncIterator[Stand]:
    """A worker of one's own, whose recorder may be hurt."""
    opened = await Stand().open()
    yield opened
    await opened.close()


async def recorded(stand: Stand, folder: Path, tracks: int) -> None:
    """Waits until so many files grow."""
    async with asyncio.timeout(15):
        while sum(each.frames > 5 for each in read_manifests(folder)) < tracks:
            await asyncio.sleep(0.1)


async def closed(folder: Path, tracks: int) -> None:
    async with asyncio.timeout(15):
        while sum(each.closed for each in read_manifests(folder)) < tracks:
            await asyncio.sleep(0.05)


async def test_each_track_is_written_as_it_comes(stand: Stand, tmp_path: Path) -> None:
    for pitch, colour in ((400, "red"), (1000, "blue")):
        person = await stand.enter()
        await person.publish(pitch=pitch, colour=colour)

    await stand.plane.start_recording(stand.room, "rec", str(tmp_path))
    await recorded(stand, tmp_path, 4)
    await asyncio.sleep(3)
    await stand.plane.stop_recording(stand.room)
    await closed(tmp_path, 4)

    files = decode_all(tmp_path)
    assert sorted((each.manifest.source, each.seen.colour) for each in files if each.seen.colour) == [
        ("camera", "blue"),
        ("camera", "red"),
    ]
    for each in files:
        rate = FPS if each.manifest.kind == "video" else 50
        assert each.manifest.frames >= 0.9 * rate * each.manifest.duration_ms / 1000
        assert each.seconds >= 2.5
        assert each.manifest.lost == 0
    assert {pitch for each in files for pitch in (400, 1000) if each.seen.heard(pitch)} == {400, 1000}
    await stand.until(TracksClosed, lambda event: event.recording == "rec")


async def test_nothing_of_a_private_place_or_a_waiting_room_is_recorded(stand: Stand, tmp_path: Path) -> None:
    everybody = await stand.enter()
    await everybody.publish(pitch=400, colour="red")
    await stand.plane.start_recording(stand.room, "rec", str(tmp_path))
    secret = await stand.enter("caucus")
    await secret.publish(pitch=1000, colour="green")
    outside = await stand.enter(None)
    await outside.publish(pitch=1500, colour="grey")
    await recorded(stand, tmp_path, 2)

    await stand.move(everybody, "caucus")
    await asyncio.sleep(1)
    before = {each.id for each in read_manifests(tmp_path)}
    await asyncio.sleep(1)
    await stand.move(everybody, "main")
    await recorded(stand, tmp_path, 4)
    await stand.plane.stop_recording(stand.room)
    await closed(tmp_path, 4)

    files = decode_all(tmp_path)
    assert len(before) == 2
    assert not [each for each in files if each.seen.heard(1000) or each.seen.heard(1500)]
    assert {each.seen.colour for each in files if each.manifest.kind == "video"} <= {"red", None}
    assert {each.manifest.id for each in files} > before


async def test_a_recorder_that_dies_is_told_and_started_again_and_goes_on_in_new_files(
    own: Stand, tmp_path: Path
) -> None:
    person = await own.enter()
    await person.publish(pitch=400, colour="red")
    await own.plane.start_recording(own.room, "rec", str(tmp_path))
    await recorded(own, tmp_path, 2)

    os.kill(recorder_of(own), signal.SIGKILL)
    died = asyncio.get_running_loop().time()
    lost = await own.until(RecorderLost)
    assert asyncio.get_running_loop().time() - died < 5
    assert (lost.recordings, lost.reason) == (["rec"], "died")
    await own.until(RecorderBack, lambda event: event.recordings == ["rec"])
    await recorded(own, tmp_path, 4)
    await own.plane.stop_recording(own.room)
    await closed(tmp_path, 2)

    files = decode_all(tmp_path)
    assert [each.manifest.closed for each in files] == [False, False, True, True]
    assert all(each.seen.colour == "red" or each.seen.heard(400) for each in files)


async def test_a_recorder_that_hangs_is_an_alarm_within_six_seconds(own: Stand, tmp_path: Path) -> None:
    person = await own.enter()
    await person.publish(pitch=400)
    await own.plane.start_recording(own.room, "rec", str(tmp_path))
    await recorded(own, tmp_path, 1)

    os.kill(recorder_of(own), signal.SIGSTOP)
    await own.until(RecorderLost, within=6)

    await own.until(RecorderBack)
    await recorded(own, tmp_path, 2)
    await own.plane.stop_recording(own.room)


async def test_a_recorder_that_cannot_be_started_is_told_and_tried_again(tmp_path: Path) -> None:
    told: list[object] = []
    stage = Stage(NoPath(), [], told.append)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # No descriptor is left for a socket to a recorder.
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        stage.taps.start("room", "rec", str(tmp_path), None)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert told == [RecorderLost(["rec"], "failed")]
    async with asyncio.timeout(20):
        while RecorderBack(["rec"]) not in told:
            await asyncio.sleep(0.05)
    stage.taps.stop("room")


async def test_a_producer_that_cannot_be_taped_is_told_and_not_shut_out(stand: Stand, tmp_path: Path) -> None:
    person = await stand.sit()
    await stand.plane.start_recording(stand.room, "rec", str(tmp_path))
    transport = await stand.plane.open_transport(stand.room, person.seat, "send")
    codec = CodecParameters(
        mime_type="video/H264",
        payload_type=102,
        clock_rate=90000,
        parameters={"packetization-mode": 1, "profile-level-id": "42e01f"},
    )
    parameters = RtpParameters(codecs=[codec], encodings=[Encoding(ssrc=7)])

    made = await stand.plane.produce(person.seat, transport.id, "video", "camera", parameters)

    told = await stand.until(NotTaped)
    assert (told.recording, told.source, told.reason) == ("rec", "camera", "codec")
    assert made
    await stand.plane.stop_recording(stand.room)


def recorder_of(stand: Stand) -> int:
    """The worker's only child."""
    worker = stand.plane.pid
    children = Path(f"/proc/{worker}/task/{worker}/children").read_text(encoding="ascii").split()
    (pid,) = children
    return int(pid)


async def test_of_who_has_not_consented_nothing_is_taken_wherever_they_are(
    stand: Stand, tmp_path: Path
) -> None:
    people = []
    for name, pitch in (("pChen", 400), ("pBo", 1000)):
        line = await stand.sit()
        await stand.plane.place_seat(stand.room, line.seat, "main", name)
        person = Media(line.ask, line.hear, stand.room)
        await person.join()
        stand.people.append(person)
        people.append(person)
        await person.publish(pitch=pitch)

    await stand.plane.start_recording(stand.room, "rec", str(tmp_path), ("pChen",))
    await recorded(stand, tmp_path, 1)
    await asyncio.sleep(1)
    alone = list(read_manifests(tmp_path))
    await stand.plane.start_recording(stand.room, "rec", str(tmp_path), ("pChen", "pBo"))
    await recorded(stand, tmp_path, 2)
    await stand.plane.stop_recording(stand.room)
    await closed(tmp_path, 2)

    assert [each.person for each in alone] == ["pChen"]
    assert {each.person for each in read_manifests(tmp_path)} == {"pChen", "pBo"}


async def test_a_room_that_all_left_is_recorded_again_when_somebody_comes_back(
    own: Stand, tmp_path: Path
) -> None:
    first = await own.enter()
    await first.publish(pitch=400)
    await own.plane.start_recording(own.room, "rec", str(tmp_path))
    await recorded(own, tmp_path, 1)

    await own.clear()
    await closed(tmp_path, 1)
    second = await own.enter()
    await second.publish(pitch=1000)
    await recorded(own, tmp_path, 2)

    await own.plane.stop_recording(own.room)
    await closed(tmp_path, 2)
