"""Withdrawals: a document of the bench that no longer counts, and the one that stands in its place. The file stays; the record says so."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.case import Case, case_for, standings_in
from mediation.documents.file import StoredFile
from mediation.errors import Invalid, NotAllowed, NotFound
from mediation.people.permission import BENCH
from mediation.record.entry import entries
from mediation.rooms.channel import channel_for
from mediation.rooms.order import LONGEST_REASON
from mediation.rooms.room import Room
from mediation.work import Work


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Since when a document no longer counts, and which one does in its place."""

    at: datetime
    instead: str


def withdrawable(session: Session, person: str, file: str) -> tuple[Case, StoredFile, list[StoredFile]]:
    """The case of a document, the document, and those of the bench that may stand in its place, for who may withdraw it.

    Raises `NotFound` for what is no document of the record, or not for this person, `NotAllowed` for who has neither given it out
    nor keeps the file of the case.
    """
    row = session.get(StoredFile, file)
    if row is None or row.purpose != "document":
        raise NotFound
    channel = channel_for(session, person, row.channel_id)
    if channel.kind != "record":
        raise NotFound
    case, actor = case_for(session, person, session.get_one(Room, channel.room_id).case_id)
    bench = {one.person for one in standings_in(session, case.id) if one.standing in BENCH}
    if row.person_id not in bench or (row.person_id != person and actor.standing != "clerk"):
        raise NotAllowed("document.not_yours_to_withdraw")
    gone = withdrawals_in(session, channel.id)
    others = select(StoredFile).where(
        StoredFile.channel_id == channel.id, StoredFile.purpose == "document", StoredFile.id != file
    )
    rows = session.scalars(others.order_by(StoredFile.created_at, StoredFile.id))
    return case, row, [one for one in rows if one.person_id in bench and one.id not in gone]


def withdraw_document(work: Work, *, by: str, file: str, reason: str, instead: str = "") -> str:
    """Says in the record that a document no longer counts; gives the case. Twice is once. Raises what `withdrawable` raises."""
    case, row, others = withdrawable(work.session, by, file)
    if file in withdrawals_in(work.session, row.channel_id):
        return case.id
    if not reason.strip():
        raise Invalid("document.reason_missing")
    if instead and instead not in {one.id for one in others}:
        raise Invalid("document.instead_unknown")
    public = {"document": file} | ({"instead": instead} if instead else {})
    body = public | {"reason": reason.strip()[:LONGEST_REASON]}
    work.happened(
        "document_withdrawn", row.channel_id, by, public=public, body=body, client_id=f"withdraw:{file}"[:64]
    )
    return case.id


def withdrawals_in(session: Session, channel: str) -> Mapping[str, Withdrawal]:
    """By document, what the record of a case says of withdrawals; the first word counts."""
    query = select(entries.c.public, entries.c.at).where(
        entries.c.channel == channel, entries.c.kind == "document_withdrawn"
    )
    found: dict[str, Withdrawal] = {}
    for public, at in session.execute(query.order_by(entries.c.seq)):
        told = json.loads(public)
        found.setdefault(
            told["document"], Withdrawal(datetime.fromisoformat(str(at)), told.get("instead", ""))
        )
    return found
