"""After a restart of the server: who was in a meeting was cut off by us, which the statement says, and is waited for."""

from sqlalchemy import select

from mediation.cases.party import people_in
from mediation.hearings.connection import ConnectionFact
from mediation.hearings.hearing import Hearing
from mediation.hearings.presence import presence_in
from mediation.rooms.channel import record_of
from mediation.rooms.order import ledger_of
from mediation.rooms.room import Room
from mediation.work import Work


def note_restart(work: Work) -> list[tuple[str, str]]:
    """Notes it for everybody who was in a meeting that is on; gives their rooms and them."""
    cut_off = []
    for hearing in work.session.scalars(select(Hearing).where(Hearing.state == "in_session")).all():
        room = work.get(Room, hearing.room_id)
        record = record_of(work.session, room.id)
        for _, person in people_in(work.session, room.case_id):
            ledger = ledger_of(work.session, room.id, person.id)
            if presence_in(work.session, record, person.id) == "gone":
                continue
            if presence_in(work.session, ledger, person.id, is_record=ledger == record) != "gone":
                cut_off.append((room.id, person.id))
                work.add(
                    ConnectionFact(
                        hearing_id=hearing.id, person_id=person.id, at=work.now, kind="server_restarted"
                    )
                )
    return cut_off
