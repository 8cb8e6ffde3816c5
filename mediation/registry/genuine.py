"""Genuine or not: what anybody who holds a document, or its number, may know of it, and that is never what is in it or whom it concerns (N3).

A number is the id of the thing itself: random, and nowhere a list of them. A file alone finds what was issued here; what a party has handed in
is found by its number only, so that nobody learns from a paper of somebody else's whether it lies in a case. What is behind a wall, what is
no more than a draft, and what does not exist are the same: nothing is found, by the same questions to the database.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import ColumnElement, Select, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from mediation.agreements.outcome import Outcome
from mediation.cases.party import Party
from mediation.documents.file import StoredFile
from mediation.documents.withdrawal import Withdrawal, withdrawals_in
from mediation.hearings.connection import DOMAIN
from mediation.hearings.tape import Recording
from mediation.hearings.tracks import RecordedTrack
from mediation.keys import Keys
from mediation.people.permission import BENCH
from mediation.record.export import Export
from mediation.rooms.channel import Channel
from mediation.rooms.room import Room

OPEN = "open/"
"""How the blobs of unwalled channels are named, before the digest of their bytes."""


@dataclass(frozen=True, slots=True)
class Genuine:
    """A document that is known here: its number, of which kind it is, since when, and the digests of its file and of its text.

    `kind` is `certificate`, `agreement`, `document` (of the bench), `handed_in` (by a side), `bundle`, `film`, `track` or `statement`,
    which has neither number nor time. One whose file was erased since has no digest. One that was withdrawn no longer counts.
    """

    kind: str
    number: str
    at: datetime | None
    sha256: str
    text: str
    withdrawn: Withdrawal | None = None


@dataclass(frozen=True, slots=True)
class _Source:
    """Where documents of one kind stand: the column of their numbers, and those of the digests by which a file finds them."""

    kind: str
    query: Select[Any]
    number: InstrumentedAttribute[Any]
    held: tuple[InstrumentedAttribute[Any], ...]


def genuine_by_number(session: Session, number: str) -> Genuine | None:
    """What has this number."""
    return _first(session, [(one, one.number == number) for one in _sources()])


def genuine_by_file(session: Session, digests: Sequence[str]) -> Genuine | None:
    """What was issued here and has one of these digests: the SHA-256 of a file, and that of its text, if it were an agreement's."""
    wanted = [named for digest in digests if digest for named in (digest, OPEN + digest)]
    return _first(session, [(one, held.in_(wanted)) for one in _sources() for held in one.held])


def genuine_statement(keys: Keys, digest: str, signature: str) -> Genuine | None:
    """A connection statement is kept nowhere: what proves it is our signature over its digest."""
    try:
        known = Ed25519PublicKey.from_public_bytes(keys.public_key)
        known.verify(bytes.fromhex(signature), DOMAIN + digest.encode())
    except (ValueError, InvalidSignature):
        return None
    return Genuine("statement", "", None, "", digest)


def _first(session: Session, asked: Sequence[tuple[_Source, ColumnElement[bool]]]) -> Genuine | None:
    """All is asked, whatever was found before: an answer takes as long whether it is yes or no."""
    found: Genuine | None = None
    for source, condition in asked:
        row = session.execute(source.query.where(condition).limit(1)).first()
        if row is not None and found is None:
            found = Genuine(source.kind, row.number, row.at, (row.sha256 or "").removeprefix(OPEN), row.text)
    return found and _with_withdrawal(session, found)


def _with_withdrawal(session: Session, found: Genuine) -> Genuine:
    """As the record of its case has it: only documents of the bench can be withdrawn."""
    if found.kind != "document":
        return found
    channel = session.get_one(StoredFile, found.number).channel_id
    return replace(found, withdrawn=withdrawals_in(session, channel).get(found.number))


def _sources() -> Iterator[_Source]:
    issued = Outcome.certified_at.is_not(None)
    certificates = _select(Outcome.code, Outcome.certified_at, Outcome.certificate_sha256, Outcome.digest)
    yield _Source("certificate", certificates.where(issued), Outcome.code, (Outcome.certificate_sha256,))
    agreements = _select(Outcome.agreement_id, Outcome.effective_at, literal(""), Outcome.digest)
    yield _Source("agreement", agreements, Outcome.agreement_id, (Outcome.digest,))
    documents = _documents()
    yield _Source("document", documents.where(Party.standing.in_(BENCH)), StoredFile.id, (StoredFile.blob,))
    yield _Source("handed_in", documents.where(Party.standing.not_in(BENCH)), StoredFile.id, ())
    bundles = _select(Export.id, Export.ready_at, Export.sha256).where(Export.ready_at.is_not(None))
    yield _Source("bundle", bundles, Export.id, (Export.sha256,))
    films = _select(Recording.id, Recording.ended_at, Recording.film_sha256)
    made = films.where(Recording.film_sha256.is_not(None), Recording.ended_at.is_not(None))
    yield _Source("film", made, Recording.id, (Recording.film_sha256,))
    tracks = _select(RecordedTrack.id, RecordedTrack.kept_at, RecordedTrack.sha256)
    yield _Source("track", tracks, RecordedTrack.id, (RecordedTrack.sha256,))


def _documents() -> Select[Any]:
    """Of the records of cases alone: what lies in a talk or behind a wall is nobody's business."""
    own = (Party.case_id == Room.case_id) & (Party.person_id == StoredFile.person_id)
    return (
        _select(StoredFile.id, StoredFile.created_at, StoredFile.blob)
        .join(Channel, Channel.id == StoredFile.channel_id)
        .join(Room, Room.id == Channel.room_id)
        .join(Party, own)
        .where(Channel.kind == "record", StoredFile.purpose == "document")
    )


def _select(number: Any, at: Any, sha256: Any, text: Any = None) -> Select[Any]:
    told = literal("") if text is None else text
    return select(number.label("number"), at.label("at"), sha256.label("sha256"), told.label("text"))
