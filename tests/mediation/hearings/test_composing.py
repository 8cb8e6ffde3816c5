"""After the recording: files are collected once nobody writes to them, and one film is made where ffmpeg is."""

from __future__ import annotations

import fcntl
import shutil

import pytest
from sqlalchemy.orm import Session

from mediation.follow_up import Runner
from mediation.hearings.composing import (
    CannotCompose,
    compose_again,
    compose_recording,
    films,
    note_film,
    wait_for_turn,
)
from mediation.hearings.manifest import tracks_folder
from mediation.hearings.tape import Recording
from mediation.hearings.tracks import collect_tracks, tracks_of
from mediation.jobs import lease_jobs
from tests.conftest import House
from tests.mediation.hearings.taped import a_track, taped
from tests.stories import Story, opened

has_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


def the_tape(house: House, recording: str) -> Recording:
    def ask(session: Session) -> Recording:
        return session.get_one(Recording, recording)

    return house.ask(ask)


def waiting(story: Story) -> str:
    """A recording that is over, whose film is asked for."""
    recording = taped(story, film=False)
    story.house.do(note_film, recording=recording, state="failed")
    story.house.do(compose_again, recording=recording)
    return recording


def test_without_ffmpeg_the_tracks_are_there_and_it_is_said(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = waiting(opened(house))
    monkeypatch.setenv("PATH", "")

    compose_recording(house.store, {"recording": recording})

    assert the_tape(house, recording).film_state == "no_ffmpeg"
    assert len(house.ask(tracks_of, recording)) == 1


@has_ffmpeg
def test_a_film_is_made_once_and_kept_by_what_it_holds(house: House) -> None:
    recording = waiting(opened(house))

    compose_recording(house.store, {"recording": recording})
    made = the_tape(house, recording)
    compose_recording(house.store, {"recording": recording})

    assert (made.film_state, made.film_percent) == ("done", 100)
    assert made.film == f"open/{made.film_sha256}"
    assert films(house.settings.data).has(made.film)
    assert [entry.kind for entry in house.published].count("recording_composed") == 1
    assert not list((house.settings.data / "recordings" / "making").iterdir())


@has_ffmpeg
def test_a_track_that_cannot_be_read_fails_the_film_and_says_so(house: House) -> None:
    recording = waiting(opened(house))
    (track,) = house.ask(tracks_of, recording)
    (tracks_folder(house.settings.data, recording) / f"{track.id}.mkv").write_bytes(b"nothing")

    with pytest.raises(CannotCompose):
        compose_recording(house.store, {"recording": recording})

    assert the_tape(house, recording).film_state == "failed"


def test_a_recording_of_which_nothing_was_taken_has_no_film(house: House) -> None:
    story = opened(house)
    recording = waiting(story)
    house.do(forget_tracks, recording=recording)

    compose_recording(house.store, {"recording": recording})

    assert the_tape(house, recording).film_state == "empty"


def forget_tracks(work: object, *, recording: str) -> None:
    session: Session = work.session  # type: ignore[attr-defined]
    for track in tracks_of(session, recording):
        session.delete(track)


def test_whose_turn_it_is_not_comes_again_later(house: House) -> None:
    recording = waiting(opened(house))
    runner = Runner(house.store, handlers={"compose_recording": lambda *_: None, "seal": lambda *_: None})
    while runner.run_due():
        pass

    house.do(wait_for_turn, recording=recording)

    assert runner.run_due() == 0
    house.clock.pass_by(seconds=11)
    assert runner.run_due() == 1


def test_a_file_that_still_grows_is_left_alone_and_looked_at_again(house: House) -> None:
    story = opened(house)
    recording = taped(story, film=False)
    folder = tracks_folder(house.settings.data, recording)
    growing = a_track(story, recording, story.people["mediator"], closed=False)

    with (folder / growing.file).open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        collect_tracks(house.store, {"recording": recording})
        assert len(house.ask(tracks_of, recording)) == 1
    collect_tracks(house.store, {"recording": recording})

    tracks = house.ask(tracks_of, recording)
    assert sorted(one.whole for one in tracks) == [False, True]


def test_a_file_is_told_once_however_often_it_is_collected(house: House) -> None:
    recording = taped(opened(house), film=False)

    for _ in range(3):
        collect_tracks(house.store, {"recording": recording})

    assert [entry.kind for entry in house.published].count("recording_track_kept") == 1


def test_whoever_makes_a_long_film_keeps_the_job(house: House) -> None:
    recording = waiting(opened(house))
    leased = [job.kind for job in house.do(lease_jobs)]
    assert "compose_recording" in leased

    for percent in (10, 20, 30):
        house.clock.pass_by(seconds=50)
        house.do(note_film, recording=recording, state="composing", percent=percent)
    house.clock.pass_by(seconds=50)
    assert "compose_recording" not in [job.kind for job in house.do(lease_jobs)]

    house.clock.pass_by(seconds=15)
    assert "compose_recording" in [job.kind for job in house.do(lease_jobs)]
