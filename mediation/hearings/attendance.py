"""Attendance: who was admitted to a meeting, and who was asked to leave it (H3)."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, IsoTime, MaybeMoment
from mediation.cases.party import party_of
from mediation.errors import Invalid, NotAllowed, NotFound, WrongState
from mediation.hearings.hearing import Hearing, hearing_on
from mediation.hearings.suspension import HOST_LOST
from mediation.hearings.tape import may_be_taped
from mediation.people.permission import SIDES, require
from mediation.record.entry import entries
from mediation.rooms.channel import record_of
from mediation.rooms.entrance import room_for
from mediation.rooms.guest import caucus_of
from mediation.rooms.house import House
from mediation.rooms.order import LONGEST_REASON
from mediation.work import Work

APART = "apart"
"""Why people of the sides wait in shuttle mode."""


class Admission(Base):
    """A person's admission to a meeting; it holds over reloads and restarts, until it is taken away."""

    __tablename__ = "admissions"

    hearing_id: Mapped[str] = mapped_column(ForeignKey("hearings.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    admitted_at: Mapped[datetime] = mapped_column(IsoTime)
    removed_at: Mapped[MaybeMoment]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person belongs: `state` is `waiting` or `on`, `why` says why one waits; `lead` may admit others."""

    state: str
    lead: bool
    hearing: str | None
    why: str = ""
    suspended: bool = False


def place_of(session: Session, person: str, room: str) -> Place:
    """Where this person belongs on the stage now; raises `NotFound` for who has no part in the room.

    Whoever leads is on as soon as the meeting is; everybody else waits until admitted, again while the meeting is suspended (but
    for a caucus that is on), and while it is recorded without their consent.
    """
    held, actor = room_for(session, person, room)
    require(actor, "join_stage", held)
    hearing = hearing_on(session, room)
    leads = actor.standing == "mediator"
    if hearing is None:  # a private talk needs no meeting
        return Place("on" if caucus_of(session, room, person) else "waiting", leads, None)
    suspended = hearing.suspended_at is not None
    if leads:
        return Place("on", leads, hearing.id, suspended=suspended)
    admission = session.get(Admission, (hearing.id, person))
    if admission is None or admission.removed_at is not None:
        if is_blocked(session, room, person):
            raise NotAllowed("stage.blocked")
        return Place("waiting", leads, hearing.id, "" if admission is None else "removed", suspended)
    if suspended and caucus_of(session, room, person) is None:  # a caucus lives on without the mediator
        return Place("waiting", leads, hearing.id, HOST_LOST, suspended)
    if House.of(held.house).apart and actor.standing in SIDES and caucus_of(session, room, person) is None:
        return Place("waiting", leads, hearing.id, APART, suspended)
    comes_in = may_be_taped(session, hearing.id, person)
    return Place("on" if comes_in else "waiting", leads, hearing.id)


def is_blocked(session: Session, room: str, person: str) -> bool:
    """Whether a person may not come to the meeting that is on, by the last word on it in the record."""
    kinds = ("hearing_started", "person_admitted", "person_removed")
    query = select(entries.c.kind, entries.c.public).where(
        entries.c.channel == record_of(session, room), entries.c.kind.in_(kinds)
    )
    for kind, public in session.execute(query.order_by(entries.c.seq.desc())):
        facts = json.loads(public)
        if kind == "hearing_started" or facts["person"] == person:
            return bool(facts.get("block"))
    return False


def admit_person(work: Work, *, by: str, room: str, person: str, client_id: str) -> None:
    """Admits a person of the case to the meeting that is on. Twice is once, and a replay changes nothing."""
    hearing = _led(work, by, room, person)
    record = record_of(work.session, room)
    if work.earlier(record, by, client_id):
        return
    if not may_be_taped(work.session, hearing.id, person):
        raise WrongState("recording.consent_first")
    admission = work.session.get(Admission, (hearing.id, person))
    if admission is None:
        work.add(Admission(hearing_id=hearing.id, person_id=person, admitted_at=work.now))
    elif admission.removed_at is None:
        return
    else:
        admission.removed_at = None
    facts = {"person": person, "hearing": hearing.id}
    work.happened("person_admitted", record, by, public=facts, body=facts, client_id=client_id)


def remove_person(
    work: Work, *, by: str, room: str, person: str, reason: str, client_id: str, block: bool = False
) -> None:
    """Sends a person back to the waiting room, with a reason in the record; who is blocked may not even wait, until admitted again."""
    hearing = _led(work, by, room, person)
    if not reason.strip():
        raise Invalid("order.reason_missing")
    if person == by:
        raise Invalid("order.not_yourself")
    record = record_of(work.session, room)
    if work.earlier(record, by, client_id):
        return
    admission = work.session.get(Admission, (hearing.id, person))
    was_on = admission is not None and admission.removed_at is None
    work.catch_up()
    if not was_on and not (block and not is_blocked(work.session, room, person)):
        return
    if admission is not None and was_on:
        admission.removed_at = work.now
    public = {"person": person, "hearing": hearing.id} | ({"block": True} if block else {})
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
