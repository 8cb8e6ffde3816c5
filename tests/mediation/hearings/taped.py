"""A recording that is over, with its files and its film on disk: made through the use cases and the jobs."""

from __future__ import annotations

import secrets
import tempfile
from functools import cache
from pathlib import Path

from mediation.hearings.attendance import admit_person
from mediation.hearings.composing import films, keep_film, note_film
from mediation.hearings.hearing import close_hearing, start_hearing
from mediation.hearings.manifest import Manifest, tracks_folder, write_manifest
from mediation.hearings.recording import answer_recording, start_recording, stop_recording
from mediation.hearings.tracks import collect_tracks
from signaling.media.recording.depacketise import OpusFrames
from signaling.media.recording.file import MediaFile
from tests.signaling.media.recording.packets import sounds
from tests.stories import Story

FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 40


@cache
def a_sound() -> bytes:
    """A Matroska file of five seconds of silence."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound.mkv"
        frames = [frame for packet in sounds(250) if (frame := OpusFrames().take(packet)) is not None]
        file = MediaFile(path, kind="audio", clock_rate=48000, first=frames[0])
        for number, frame in enumerate(frames):
            file.write(frame, number * 960)
        file.finish()
        file.let_go()
        return path.read_bytes()


def taped(story: Story, *, order: bool = False, film: bool = True, tag: str = "") -> str:
    """The meeting was held, recorded by consent or order, and closed; gives the recording."""
    house, people = story.house, story.people
    there = {"by": people["mediator"], "room": story.room}
    hearing = house.do(start_hearing, **there)
    for role in ("claimant", *(["judge"] if order else [])):
        house.do(admit_person, **there, person=people[role], client_id=f"admit-{role}-{tag}")
    present = [people["mediator"], people["claimant"], *([people["judge"]] if order else [])]
    here = {"room": story.room, "present": present}
    if order:
        tape = house.do(start_recording, by=people["judge"], reason="Evidence", client_id=f"o{tag}", **here)
    else:
        tape = house.do(start_recording, by=people["mediator"], client_id=f"s{tag}", **here)
        house.do(answer_recording, by=people["claimant"], answer="given", client_id=f"c{tag}", **here)
    house.do(note_film, recording=tape.id, state="composing", percent=50)  # by this hand, not by a job
    a_track(story, tape.id, people["claimant"])
    runs = people["judge"] if order else people["mediator"]
    house.do(stop_recording, by=runs, room=story.room, client_id=f"e{tag}")
    house.do(close_hearing, **there)
    collect_tracks(house.store, {"recording": tape.id})
    if film:
        house.do(keep_film, recording=tape.id, stored=films(house.settings.data).put([FILM]))
    assert hearing.id
    return tape.id


def a_track(story: Story, recording: str, person: str, *, closed: bool = True) -> Manifest:
    """A file as a recorder leaves it."""
    folder = tracks_folder(story.house.settings.data, recording)
    folder.mkdir(parents=True, exist_ok=True)
    made = Manifest(
        id=secrets.token_hex(12), recording=recording, room=story.room, person=person, source="mic",
        kind="audio", started_at=1_000.0, duration_ms=5_000, frames=250, closed=closed,
    )  # fmt: skip
    (folder / made.file).write_bytes(a_sound())
    write_manifest(folder, made)
    return made
