"""What repeats an erased content outside of its own row: texts in other tables, and which bytes on the disk belong to it."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, and_, delete, exists, func, or_, select, type_coerce, update
from sqlalchemy.orm import Session

from mediation.agreements.agreement import AgreementVersion
from mediation.agreements.outcome import Outcome
from mediation.cases.case import Case
from mediation.cases.consent import Consent
from mediation.documents.file import StoredFile
from mediation.documents.upload import Upload
from mediation.hearings.hearing import Hearing
from mediation.hearings.tape import Recording
from mediation.hearings.tracks import RecordedTrack
from mediation.record.entry import contents, entries
from mediation.record.erasure import STAYS
from mediation.record.export import Export
from mediation.record.places import concerns_in, places_of
from mediation.rooms.channel import Channel, Member
from mediation.rooms.concern import Concern
from mediation.rooms.room import Room
from mediation.work import Work

BOOKED = ("hearing_booked", "hearing_changed", "hearing_started", "hearing_cancelled")
CONCERNS = ("unsafe_said", "concern_reported", "concern_handled")
ERASED = "erased"
"""The state of a film that was erased, or that can no longer be made."""

Named = Callable[[Mapping[str, Any]], object]


def forget_repeated(work: Work, *, case: str) -> None:
    """Empties what tables say in the words of contents that are gone. A text that was signed stays, with its outcome."""
    work.catch_up()
    session = work.session
    for agreement, number in _forgotten(session, case, ("agreement_proposed",), _version):
        signed = select(Outcome.id).where(Outcome.agreement_id == agreement, Outcome.version == number)
        if session.scalar(signed) is None:
            own = (AgreementVersion.agreement_id == agreement, AgreementVersion.number == number)
            nothing = {"text_zh": "", "text_en": "", "terms_data": {}, "note": ""}
            session.execute(update(AgreementVersion).where(*own).values(nothing))
    for hearing in _forgotten(session, case, BOOKED, lambda public: public.get("hearing")):
        session.execute(update(Hearing).where(Hearing.id == hearing).values(title="", cancel_reason=None))
    reported = concerns_in(session, case)
    for concern in reported & _forgotten(session, case, CONCERNS, lambda public: public.get("concern")):
        session.execute(update(Concern).where(Concern.id == concern).values(reason="", result=""))
    for ended in _forgotten(session, case, ("case_ended",), lambda public: public.get("case")):
        session.execute(update(Case).where(Case.id == ended).values(end_note=None))
    session.execute(update(Consent).where(Consent.entry_id.in_(_gone(case))).values(device=""))
    caucuses = select(Channel.id).join(Room).where(Room.case_id == case, Channel.kind == "caucus")
    empty = (Channel.id.in_(caucuses), exists().where(entries.c.channel == Channel.id), ~_has_content())
    session.execute(
        update(Channel).where(*empty).values(name="").execution_options(synchronize_session=False)
    )


def files_left(session: Session, case: str) -> dict[str, tuple[str, ...]]:
    """Files whose entry has no content any more: the names of the blobs that still hold their bytes."""
    query = select(StoredFile).where(StoredFile.entry_id.in_(_gone(case)), StoredFile.blob != "")
    return {
        file.id: tuple(name for name in (file.blob, file.preview, file.sound) if name)
        for file in session.scalars(query)
    }


def is_shared(session: Session, blob: str) -> bool:
    """Whether another file, whose content is there, has the same bytes."""
    holds = or_(StoredFile.blob == blob, StoredFile.preview == blob, StoredFile.sound == blob)
    query = select(StoredFile.id).join(contents, contents.c.entry == StoredFile.entry_id).where(holds)
    return session.scalar(query.limit(1)) is not None


def note_files_gone(work: Work, *, files: list[str]) -> None:
    """The bytes are gone; the names of the blobs would tell what they were."""
    nothing = {"blob": "", "preview": None, "sound": None, "sound_state": None}
    work.session.execute(update(StoredFile).where(StoredFile.id.in_(files)).values(nothing))


def uploads_left(session: Session, case: str, now: datetime) -> list[str]:
    """Uploads that still tell what an erased file was called, and those of the case that nobody went on with."""
    erased = select(StoredFile.id).where(StoredFile.entry_id.in_(_gone(case)))
    here = select(Channel.id).join(Room).where(Room.case_id == case)
    given_up = (Upload.channel_id.in_(here), Upload.file_id.is_(None), Upload.expires_at < now)
    return list(session.scalars(select(Upload.id).where(or_(Upload.file_id.in_(erased), and_(*given_up)))))


def forget_uploads(work: Work, *, uploads: list[str]) -> None:
    """What was announced of them: a name and a title; an upload is no fact, a file that has arrived is an entry."""
    own = Upload.id.in_(uploads)
    if work.connection.dialect.name == "sqlite":  # see `erase_contents`
        zeros = func.zeroblob(func.length(Upload.facts))
        work.session.execute(
            update(Upload).where(own).values(facts=zeros).execution_options(synchronize_session=False)
        )
    work.session.execute(delete(Upload).where(own))


def tracks_left(session: Session, case: str) -> list[tuple[str, str]]:
    """Recording and id of the recorded files whose entry has no content any more."""
    query = select(RecordedTrack.recording_id, RecordedTrack.id)
    return [
        (one, other) for one, other in session.execute(query.where(RecordedTrack.entry_id.in_(_gone(case))))
    ]


def films_left(session: Session, case: str) -> dict[str, str | None]:
    """Recordings of which nothing can be shown any more, with the blob of their film where there was one."""
    tracks = select(RecordedTrack.recording_id, RecordedTrack.entry_id)
    there = {
        one for one, _ in session.execute(tracks.join(contents, contents.c.entry == RecordedTrack.entry_id))
    }
    gone = {one for one, _ in session.execute(tracks.where(RecordedTrack.entry_id.in_(_gone(case))))} - there
    query = select(Recording.id, Recording.film).where(Recording.id.in_(gone))
    still = query.where(or_(Recording.film_state.is_(None), Recording.film_state != ERASED))
    return dict(session.execute(still).all())


def note_film_gone(work: Work, *, recording: str) -> None:
    tape = work.get(Recording, recording)
    tape.film, tape.film_state, tape.film_percent = None, ERASED, None


def exports_ready(session: Session, case: str) -> list[str]:
    """What was taken out and still lies here, with contents that are gone by now.

    Only where its owner reads a channel in which something was erased: else a file that goes would tell that somewhere something was said.
    """
    since = and_(entries.c.kind == "content_erased", entries.c.at > type_coerce(Export.asked_at, String))
    theirs = exists().where(
        since, Member.channel_id == entries.c.channel, Member.person_id == Export.person_id,
        Channel.id == entries.c.channel, Room.id == Channel.room_id, Room.case_id == case,
    )  # fmt: skip
    query = select(Export.id).where(Export.case_id == case, Export.state == "ready", theirs)
    return list(session.scalars(query))


def _gone(case: str) -> Select[tuple[str]]:
    """Ids of the entries of a case that have no content any more."""
    return (
        select(entries.c.id)
        .join(Channel, Channel.id == entries.c.channel)
        .join(Room, Room.id == Channel.room_id)
        .where(Room.case_id == case, ~exists().where(contents.c.entry == entries.c.id))
    )


def _has_content() -> Any:
    inside = and_(entries.c.channel == Channel.id, entries.c.kind.not_in(STAYS))
    return exists().where(inside, contents.c.entry == entries.c.id)


def _forgotten(session: Session, case: str, kinds: tuple[str, ...], named: Named) -> set[Any]:
    """What entries of these kinds name, where none of those that name it has a content any more."""
    query = (
        select(entries.c.public, contents.c.entry)
        .join(contents, contents.c.entry == entries.c.id, isouter=True)
        .where(entries.c.channel.in_(places_of(case)), entries.c.kind.in_(kinds))
    )
    told = [(named(json.loads(public)), entry) for public, entry in session.execute(query)]
    return {thing for thing, entry in told if entry is None} - {
        thing for thing, entry in told if entry is not None
    }


def _version(public: Mapping[str, Any]) -> tuple[str, int]:
    return str(public["agreement"]), int(public["version"])
