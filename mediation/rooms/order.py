"""Order in the room: what a moderator does to keep it, each with its reason in the record (J1)."""

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.party import party_of
from mediation.errors import Invalid, NotFound
from mediation.people.permission import require
from mediation.record.entry import Entry, entries
from mediation.rooms.channel import record_of
from mediation.rooms.entrance import room_for
from mediation.work import Work

SOURCES = ("mic", "camera", "screen")
LONGEST_REASON = 500


def mute_person(
    work: Work, *, by: str, room: str, person: str, source: str, reason: str = "", client_id: str
) -> Entry:
    """Notes that a moderator stopped one source of a person; the forwarding unit does it before anybody is answered."""
    return _order(work, "person_muted", by, room, person, source=source, reason=reason, client_id=client_id)


def unmute_person(work: Work, *, by: str, room: str, person: str, source: str, client_id: str) -> Entry:
    """Notes that a moderator's mute was lifted."""
    return _order(work, "person_unmuted", by, room, person, source=source, reason="", client_id=client_id)


def _order(
    work: Work, kind: str, by: str, room: str, person: str, *, source: str, reason: str, client_id: str
) -> Entry:
    if source not in SOURCES:
        raise Invalid("order.source_unknown")
    held, actor = room_for(work.session, by, room)
    require(actor, "lead", held)
    if party_of(work.session, person, held.case_id) is None:
        raise NotFound
    public = {"person": person, "source": source}
    body = public | {"reason": reason.strip()[:LONGEST_REASON]}
    return work.happened(
        kind, record_of(work.session, room), by, public=public, body=body, client_id=client_id
    )


def muted_in(session: Session, room: str, person: str) -> set[str]:
    """The sources of a person that a moderator holds muted in the meeting that is on."""
    record = record_of(session, room)
    kinds = ("hearing_started", "person_muted", "person_unmuted")
    query = select(entries.c.kind, entries.c.public).where(
        entries.c.channel == record, entries.c.kind.in_(kinds)
    )
    muted: set[str] = set()
    for kind, public in session.execute(query.order_by(entries.c.seq)):
        facts = json.loads(public)
        if kind == "hearing_started":
            muted.clear()
        elif facts["person"] == person:
            (muted.add if kind == "person_muted" else muted.discard)(facts["source"])
    return muted
