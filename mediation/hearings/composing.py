"""One film of a recording: made by ffmpeg in a process of its own that gives way to everything else, kept by its content (K5)."""

import resource
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from mediation.errors import NotFound, WrongState
from mediation.hearings.grid import Piece, Timed, command, offsets
from mediation.hearings.manifest import tracks_folder
from mediation.hearings.tape import Recording, tell
from mediation.hearings.tracks import compose_later, tracks_of
from mediation.jobs import keep_lease
from mediation.ports.blobs import Blobs, Stored
from mediation.store import Store
from mediation.work import Work

MISSING = "no_ffmpeg"
TAKES_TURNS = timedelta(seconds=10)
MEMORY = 4 * 1024**3
NICE = ("nice", "-n", "15")
PIECE = 1024 * 1024

_one_at_a_time = threading.Lock()


class CannotCompose(Exception):
    """ffmpeg could not make a film of it."""


def films(data: Path) -> Blobs:
    """Where films lie, by what they hold."""
    return Blobs(data / "recordings" / "films")


def compose_recording(store: Store, payload: Mapping[str, Any]) -> None:
    """The job: one film of all tracks, once. Films are made one after the other, so that other jobs find a thread free."""
    recording = payload["recording"]
    if not _one_at_a_time.acquire(blocking=False):
        store.write(wait_for_turn, recording=recording).result()
        return
    try:
        _compose(store, recording)
    finally:
        _one_at_a_time.release()


def wait_for_turn(work: Work, *, recording: str) -> None:
    compose_later(work, work.get(Recording, recording), wait=TAKES_TURNS)


def note_film(work: Work, *, recording: str, state: str, percent: int | None = None) -> None:
    """How far the film is; whoever makes it keeps the job."""
    tape = work.get(Recording, recording)
    tape.film_state, tape.film_percent = state, percent
    keep_lease(work, kind="compose_recording", payload={"recording": recording})


def keep_film(work: Work, *, recording: str, stored: Stored) -> None:
    """The film is on disk: the record names it by what it holds."""
    tape = work.get(Recording, recording)
    if tape.film is not None:
        return
    tape.film, tape.film_sha256, tape.film_size = stored.blob, stored.sha256, stored.size
    tape.film_state, tape.film_percent = "done", 100
    public = {"recording": tape.id, "sha256": stored.sha256, "size": stored.size}
    tell(work, tape, "recording_composed", None, public=public)


def compose_again(work: Work, *, recording: str) -> Recording:
    """After ffmpeg was installed, or after a failure: the film is tried once more."""
    tape = work.get(Recording, recording)
    if tape.film_state in {"waiting", "composing", "done", "erased"}:
        return tape
    if tape.state != "ended":
        raise WrongState("recording.still_on")
    compose_later(work, tape)
    return tape


def _compose(store: Store, recording: str) -> None:
    told = store.read(_pieces, recording, store.settings.data).result()
    if told is None:
        return
    pieces, seconds = told
    if not pieces:
        store.write(note_film, recording=recording, state="empty").result()
        return
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        store.write(note_film, recording=recording, state=MISSING).result()
        return
    store.write(note_film, recording=recording, state="composing", percent=0).result()
    film = _empty_folder(store.settings.data) / "film.mp4"
    try:
        for percent in _run(command(ffmpeg, pieces, film), seconds):
            store.write(note_film, recording=recording, state="composing", percent=percent).result()
    except CannotCompose:
        store.write(note_film, recording=recording, state="failed").result()
        raise
    stored = films(store.settings.data).put(_read(film))
    film.unlink()
    store.write(keep_film, recording=recording, stored=stored).result()


def _empty_folder(data: Path) -> Path:
    """For the film in the making; one that a kill left half done goes."""
    folder = data / "recordings" / "making"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    return folder


def _pieces(session: Session, recording: str, data: Path) -> tuple[list[Piece], float] | None:
    tape = session.get(Recording, recording)
    if tape is None:
        raise NotFound
    if tape.film is not None:
        return None
    tracks, folder = tracks_of(session, recording), tracks_folder(data, recording)
    timed = [Timed(one.person_id, one.started_at, one.sender_clock) for one in tracks]
    pieces = [
        Piece(folder / f"{one.id}.mkv", one.kind, one.person_id, one.source, begins, one.duration_ms / 1000)
        for one, begins in zip(tracks, offsets(timed), strict=True)
    ]
    return pieces, max((one.begins + one.seconds for one in pieces), default=0.0)


def _run(arguments: list[str], seconds: float) -> Iterator[int]:
    """Runs ffmpeg below everybody else; gives its progress in percent, each number once."""
    with tempfile.TemporaryFile() as wrong:
        process = subprocess.Popen([*NICE, *arguments], stdout=subprocess.PIPE, stderr=wrong, text=True)
        resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
        told = 0
        assert process.stdout is not None
        with process:
            for line in process.stdout:
                name, _, value = line.strip().partition("=")
                if name != "out_time_us" or not value.isdigit():
                    continue
                percent = min(99, int(int(value) / 1e4 / max(seconds, 0.1)))
                if percent > told:
                    told = percent
                    yield percent
        if process.returncode:
            wrong.seek(0)
            raise CannotCompose(wrong.read()[-2000:].decode("utf-8", "replace"))


def _read(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(PIECE):
            yield piece
