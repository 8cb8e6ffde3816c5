"""Recorded files in the record: each is hashed when it is finished, or when its writer is gone, and named in an entry (K4)."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Float, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Id, Key, Moment
from mediation.hearings.manifest import (
    Manifest,
    is_being_written,
    read_manifest,
    read_manifests,
    tracks_folder,
)
from mediation.hearings.tape import Recording, collect_later, tell
from mediation.store import Store
from mediation.work import Work

AGAIN = timedelta(seconds=1)


class RecordedTrack(Base):
    """One file: what one person sent of one source, without a break. `offset` in seconds by this machine's clock."""

    __tablename__ = "recorded_tracks"

    id: Mapped[Key]
    entry_id: Mapped[Id]
    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id"), index=True)
    person_id: Mapped[Id]
    source: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(8))
    started_at: Mapped[float] = mapped_column(Float)
    sender_clock: Mapped[float | None] = mapped_column(Float)
    duration_ms: Mapped[int]
    frames: Mapped[int]
    lost: Mapped[int]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    whole: Mapped[bool]
    kept_at: Mapped[Moment]


def collect_tracks(store: Store, payload: Mapping[str, Any]) -> None:
    """The job: every file that nobody writes to any more is hashed and told. Until all of an ended recording are, it comes again."""
    recording = payload["recording"]
    known = set(store.read(track_ids, recording).result())
    folder = tracks_folder(store.settings.data, recording)
    still_growing = False
    for manifest in read_manifests(folder) if folder.exists() else ():
        file = folder / manifest.file
        if manifest.id in known:
            continue
        if is_being_written(file):
            still_growing = True
            continue
        size, sha256 = _hash(file)
        finished = read_manifest(folder, manifest.id)  # a living writer closed it before it let go
        store.write(keep_track, manifest=finished, size=size, sha256=sha256).result()
    store.write(go_on_collecting, recording=recording, still_growing=still_growing).result()


def keep_track(work: Work, *, manifest: Manifest, size: int, sha256: str) -> None:
    """Takes a finished file into the record, once. One whose writer was killed has no end, and says so."""
    if work.session.get(RecordedTrack, manifest.id) is not None:
        return
    tape = work.get(Recording, manifest.recording)
    public = {
        "recording": tape.id, "track": manifest.id, "person": manifest.person, "source": manifest.source,
        "sha256": sha256, "size": size, "duration_ms": manifest.duration_ms, "frames": manifest.frames,
        "lost": manifest.lost, "whole": manifest.closed,
    }  # fmt: skip
    entry = tell(work, tape, "recording_track_kept", None, public=public)
    work.add(
        RecordedTrack(
            id=manifest.id, entry_id=entry.id, recording_id=tape.id, person_id=manifest.person,
            source=manifest.source, kind=manifest.kind, started_at=manifest.started_at,
            sender_clock=manifest.sender_clock, duration_ms=manifest.duration_ms, frames=manifest.frames,
            lost=manifest.lost, size=size, sha256=sha256, whole=manifest.closed, kept_at=work.now,
        )
    )  # fmt: skip


def go_on_collecting(work: Work, *, recording: str, still_growing: bool) -> None:
    """Of a recording that has ended: look again while a file grows; else put everything together."""
    tape = work.get(Recording, recording)
    if tape.state != "ended" or tape.film_state is not None:
        return
    if still_growing:
        collect_later(work, recording, wait=AGAIN)
        return
    compose_later(work, tape)


def compose_later(work: Work, tape: Recording, *, wait: timedelta = timedelta()) -> None:
    """Leaves the job that makes one film of the tracks."""
    tape.film_state, tape.film_percent = "waiting", None
    work.later("compose_recording", {"recording": tape.id}, run_at=work.now + wait)


def track_ids(session: Session, recording: str) -> list[str]:
    return list(session.scalars(select(RecordedTrack.id).where(RecordedTrack.recording_id == recording)))


def tracks_of(session: Session, recording: str) -> list[RecordedTrack]:
    """The files of a recording in the order of their beginning."""
    query = select(RecordedTrack).where(RecordedTrack.recording_id == recording)
    return list(session.scalars(query.order_by(RecordedTrack.started_at, RecordedTrack.id)))


def _hash(file: Path) -> tuple[int, str]:
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256")
    return file.stat().st_size, digest.hexdigest()
