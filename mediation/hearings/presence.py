"""Presence: that a person joined a meeting, left it, was lost and came back, as entries; each once, whatever is reported how often (J2).

What happens to a person in a caucus stands in the caucus' own ledger: who is outside learns of it when the caucus ends.
"""

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.party import party_of
from mediation.hearings.hearing import hearing_on
from mediation.record.entry import entries
from mediation.rooms.channel import record_of
from mediation.rooms.order import ledger_of
from mediation.rooms.room import Room
from mediation.work import Work

AFTER = {
    "person_joined": "here", "person_back": "here", "person_lost": "lost", "person_left": "gone",
    "person_removed": "gone", "hearing_started": "gone",
}  # fmt: skip
"""Where a person is after each kind of entry."""


def note_presence(work: Work, *, room: str, person: str, state: str, code: str = "") -> None:
    """Notes that a person is `here`, `lost` or `gone`, and how; nothing when that is known, or when no meeting is on."""
    hearing = hearing_on(work.session, room)
    held = work.session.get(Room, room)
    if hearing is None or held is None or party_of(work.session, person, held.case_id) is None:
        return
    ledger = ledger_of(work.session, room, person)
    work.catch_up()
    before = presence_in(work.session, ledger, person, is_record=ledger == record_of(work.session, room))
    if state == before or (before == "gone" and state == "lost"):
        return
    facts = {"person": person, "hearing": hearing.id} | ({"code": code} if code else {})
    if state == "lost":
        work.happened("person_lost", ledger, person, public=facts, body=facts)
    elif state == "gone":
        work.happened("person_left", ledger, person, public=facts, body=facts)
    elif before == "lost":
        work.happened("person_back", ledger, person, public=facts, body=facts)
    else:
        work.happened("person_joined", ledger, person, public=facts, body=facts)


def presence_in(session: Session, ledger: str, person: str, *, is_record: bool = True) -> str:
    """`here`, `lost` or `gone`, as a ledger has it; whoever was taken into a caucus is there."""
    state = "gone" if is_record else "here"
    query = select(entries.c.kind, entries.c.public).where(
        entries.c.channel == ledger, entries.c.kind.in_(AFTER)
    )
    for kind, public in session.execute(query.order_by(entries.c.seq)):
        if kind == "hearing_started" or json.loads(public).get("person") == person:
            state = AFTER[kind]
    return state
