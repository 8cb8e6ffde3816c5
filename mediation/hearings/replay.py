"""Looking at a recording: who may, which there are, and each look an entry in the looker's own record."""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.case import Case, case_for
from mediation.clock import iso
from mediation.errors import NotFound
from mediation.hearings.manifest import tracks_folder
from mediation.hearings.tape import Recording
from mediation.hearings.tracks import RecordedTrack, tracks_of
from mediation.people.looks import note_looks
from mediation.people.permission import may, require
from mediation.people.person import acts_of
from mediation.record.entry import entries
from mediation.rooms.entrance import room_for
from mediation.rooms.room import Room
from mediation.work import Work

ONE_LOOK = timedelta(minutes=10)
"""A player asks for a film in many pieces: within this time they are one look."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A recording as somebody of the case sees it: that it is there, everybody; what is on it, who may."""

    tape: Recording
    tracks: tuple[RecordedTrack, ...]
    may_look: bool


def recordings_in(session: Session, person: str, case: str) -> tuple[Case, list[Shown]]:
    """All recordings of a case that were ever on, latest first; raises `NotFound` for a stranger."""
    found, actor = case_for(session, person, case)
    query = select(Recording).join(Room, Room.id == Recording.room_id)
    taped = query.where(Room.case_id == case, Recording.started_at.is_not(None))
    tapes = session.scalars(taped.order_by(Recording.started_at.desc())).all()
    return found, [
        Shown(tape, tuple(tracks_of(session, tape.id)), may(actor, _right(tape))) for tape in tapes
    ]


def recording_for(session: Session, person: str, recording: str) -> tuple[Recording, str]:
    """A recording, and its case, for somebody who may look at it; raises `NotFound`, `NotAllowed`."""
    tape = session.get(Recording, recording)
    if tape is None or not tape.was_on:
        raise NotFound
    room, actor = room_for(session, person, tape.room_id)
    require(actor, _right(tape))
    return tape, room.case_id


def track_for(session: Session, person: str, track: str, data: Path) -> tuple[RecordedTrack, Path]:
    """One file of a recording, likewise."""
    row = session.get(RecordedTrack, track)
    if row is None:
        raise NotFound
    tape, _ = recording_for(session, person, row.recording_id)
    return row, tracks_folder(data, tape.id) / f"{row.id}.mkv"


def note_look(work: Work, *, by: str, recording: str, track: str | None = None) -> None:
    """Somebody looks: an entry in their own record, one for all pieces that a player asks for in a while, and one with who is seen."""
    tape, _ = recording_for(work.session, by, recording)
    seen = {each.person_id for each in tracks_of(work.session, tape.id)}
    note_looks(work, by=by, kind="recording", thing=recording, owners=seen)
    public = {"recording": recording, "track": track}
    since = iso(work.now - ONE_LOOK)
    looks = select(entries.c.public).where(
        entries.c.channel == acts_of(work.session, by),
        entries.c.kind == "recording_viewed",
        entries.c.at > since,
    )
    if all(json.loads(told) != public for told in work.session.scalars(looks)):
        work.happened("recording_viewed", acts_of(work.session, by), by, public=public, body=public)


def _right(tape: Recording) -> str:
    """What all consented to is the mediator's to look at; what a judge ordered, the bench's. Settlement talk is no trial file."""
    return "see_recording" if tape.basis == "consent" else "see_ordered_recording"
