"""Order in the room: what a moderator does to keep it, each with its reason in the record (J1)."""

from mediation.cases.party import party_of
from mediation.errors import Invalid, NotFound
from mediation.people.permission import require
from mediation.record.entry import Entry
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
