"""Attendance: who was admitted to a meeting, and who was asked to leave it (H3)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, IsoTime, MaybeMoment
from mediation.cases.party import party_of
from mediation.errors import Invalid, NotFound, WrongState
from mediation.hearings.hearing import Hearing, hearing_on
from mediation.people.permission import require
from mediation.rooms.channel import record_of
from mediation.rooms.entrance import room_for
from mediation.rooms.order import LONGEST_REASON
from mediation.work import Work


class Admission(Base):
    """A person's admission to a meeting; it holds over reloads and restarts, until it is taken away."""

    __tablename__ = "admissions"

    hearing_id: Mapped[str] = mapped_column(ForeignKey("hearings.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    admitted_at: Mapped[datetime] = mapped_column(IsoTime)
    removed_at: Mapped[MaybeMoment]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person belongs: `state` is `waiting`, `on` or `closed`; `lead` may admit others."""

    state: str
    lead: bool
    hearing: str | None


def place_of(session: Session, person: str, room: str) -> Place:
    """Where this person belongs on the stage now; raises `NotFound` for who has no part in the room.

    Whoever leads is on as soon as the meeting is; everybody else waits until admitted.
    """
    held, actor = room_for(session, person, room)
    require(actor, "join_stage", held)
    hearing = hearing_on(session, room)
    leads = actor.standing == "mediator"
    if hearing is None:
        return Place("waiting", leads, None)
    admission = session.get(Admission, (hearing.id, person))
    admitted = admission is not None and admission.removed_at is None
    return Place("on" if leads or admitted else "waiting", leads, hearing.id)


def admit_person(work: Work, *, by: str, room: str, person: str, client_id: str) -> None:
    """Admits a person of the case to the meeting that is on. Twice is once, and a replay changes nothing."""
    hearing = _led(work, by, room, person)
    record = record_of(work.session, room)
    if work.earlier(record, by, client_id):
        return
    admission = work.session.get(Admission, (hearing.id, person))
    if admission is None:
        work.add(Admission(hearing_id=hearing.id, person_id=person, admitted_at=work.now))
    elif admission.removed_at is None:
        return
    else:
        admission.removed_at = None
    facts = {"person": person, "hearing": hearing.id}
    work.happened("person_admitted", record, by, public=facts, body=facts, client_id=client_id)


def remove_person(work: Work, *, by: str, room: str, person: str, reason: str, client_id: str) -> None:
    """Sends a person back to the waiting room, with a reason in the record."""
    hearing = _led(work, by, room, person)
    if not reason.strip():
        raise Invalid("order.reason_missing")
    if person == by:
        raise Invalid("order.not_yourself")
    record = record_of(work.session, room)
    if work.earlier(record, by, client_id):
        return
    admission = work.session.get(Admission, (hearing.id, person))
    if admission is None or admission.removed_at is not None:
        return
    admission.removed_at = work.now
    public = {"person": person, "hearing": hearing.id}
    body = public | {"reason": reason.strip()[:LONGEST_REASON]}
    work.happened("person_removed", record, by, public=public, body=body, client_id=client_id)


def _led(work: Work, by: str, room: str, person: str) -> Hearing:
    held, actor = room_for(work.session, by, room)
    require(actor, "lead", held)
    if party_of(work.session, person, held.case_id) is None:
        raise NotFound
    hearing = hearing_on(work.session, room)
    if hearing is None:
        raise WrongState("hearing.none_on")
    return hearing
