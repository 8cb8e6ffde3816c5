"""Attendance: who was admitted to a meeting, who was asked to leave it, and whose kit was checked (H2, H3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Id, IsoTime, Json, Key, MaybeMoment
from mediation.cases.party import party_of
from mediation.errors import Invalid, NotFound, WrongState
from mediation.hearings.hearing import Hearing, hearing_on
from mediation.hearings.tape import may_be_taped
from mediation.ids import new_id
from mediation.people.permission import require
from mediation.people.person import acts_of
from mediation.rooms.channel import record_of
from mediation.rooms.entrance import room_for
from mediation.rooms.order import LONGEST_REASON
from mediation.work import Work

KIT = ("works", "refused", "absent", "busy", "silent")


class Admission(Base):
    """A person's admission to a meeting; it holds over reloads and restarts, until it is taken away."""

    __tablename__ = "admissions"

    hearing_id: Mapped[str] = mapped_column(ForeignKey("hearings.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    admitted_at: Mapped[datetime] = mapped_column(IsoTime)
    removed_at: Mapped[MaybeMoment]


class KitCheck(Base):
    """What a person's camera, microphone and line were worth, measured on the way the meeting uses."""

    __tablename__ = "kit_checks"

    id: Mapped[Key]
    room_id: Mapped[str] = mapped_column(ForeignKey("rooms.id"))
    person_id: Mapped[Id] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(IsoTime)
    camera: Mapped[str] = mapped_column(String(12))
    microphone: Mapped[str] = mapped_column(String(12))
    line: Mapped[Json]
    score: Mapped[str] = mapped_column(String(8))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person belongs: `state` is `waiting`, `on` or `closed`; `lead` may admit others."""

    state: str
    lead: bool
    hearing: str | None


def place_of(session: Session, person: str, room: str) -> Place:
    """Where this person belongs on the stage now; raises `NotFound` for who has no part in the room.

    Whoever leads is on as soon as the meeting is; everybody else waits until admitted; and nobody comes in while it is
    recorded who has not consented.
    """
    held, actor = room_for(session, person, room)
    require(actor, "join_stage", held)
    hearing = hearing_on(session, room)
    leads = actor.standing == "mediator"
    if hearing is None:
        return Place("waiting", leads, None)
    admission = session.get(Admission, (hearing.id, person))
    admitted = admission is not None and admission.removed_at is None
    comes_in = (leads or admitted) and may_be_taped(session, hearing.id, person)
    return Place("on" if comes_in else "waiting", leads, hearing.id)


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


def report_check(
    work: Work, *, by: str, room: str, camera: str, microphone: str, line: Mapping[str, Any], heard_self: bool
) -> KitCheck:
    """Stores the result of a kit check; the score is `good`, `fair` or `poor`."""
    _, actor = room_for(work.session, by, room)
    require(actor, "check_kit")
    if camera not in KIT or microphone not in KIT:
        raise Invalid("invalid")
    score = score_of(camera=camera, microphone=microphone, line=line, heard_self=heard_self)
    check = KitCheck(
        id=new_id(), room_id=room, person_id=by, at=work.now, camera=camera, microphone=microphone, score=score,
        line=dict(line),
    )  # fmt: skip
    work.add(check)
    facts = {"room": room, "camera": camera, "microphone": microphone, "score": score}
    work.happened("kit_checked", acts_of(work.session, by), by, public=facts, body=facts)
    return check


def score_of(*, camera: str, microphone: str, line: Mapping[str, Any], heard_self: bool) -> str:
    """`poor`: one would not be heard, or the line breaks; `fair`: without picture, or a shaky line; else `good`."""
    loss, rtt, up = (float(line.get(name) or 0) for name in ("loss", "rtt_ms", "kbit_up"))
    if microphone != "works" or not heard_self or loss > 0.15 or rtt > 1000 or up < 24:
        return "poor"
    if camera != "works" or loss > 0.04 or rtt > 300 or up < 120:
        return "fair"
    return "good"


def _led(work: Work, by: str, room: str, person: str) -> Hearing:
    held, actor = room_for(work.session, by, room)
    require(actor, "lead", held)
    if party_of(work.session, person, held.case_id) is None:
        raise NotFound
    hearing = hearing_on(work.session, room)
    if hearing is None:
        raise WrongState("hearing.none_on")
    return hearing
