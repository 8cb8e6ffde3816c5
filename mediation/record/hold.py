"""Holds: while a dispute on the record, an enforcement or a complaint goes on, nothing of the case is erased.

A hold is two entries of the record, set and lifted, each with a reason that everybody in the case reads.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.case import case_for, record_of_case
from mediation.errors import Invalid, WrongState
from mediation.people.permission import require
from mediation.record.entry import Entry, entries
from mediation.rooms.channel import Channel
from mediation.rooms.order import LONGEST_REASON
from mediation.rooms.room import Room
from mediation.work import Work

SET, LIFTED = "hold_set", "hold_lifted"
WHY = ("dispute", "enforcement", "complaint", "other")


def set_hold(work: Work, *, by: str, case: str, why: str, reason: str, client_id: str) -> Entry:
    """From now on nothing of the case is erased.

    Raises `NotFound` for a stranger, `NotAllowed` for who is not judge or clerk of it, `Invalid` without a reason.
    """
    record = _may_hold(work, by, case)
    if done := work.earlier(record, by, client_id):
        return done
    if why not in WHY:
        raise Invalid("hold.why_unknown")
    if is_held(work.session, case):
        raise WrongState("hold.is_set")
    public, said = {"case": case, "why": why}, given(reason)
    return work.happened(
        "hold_set", record, by, public=public, body=public | {"reason": said}, client_id=client_id
    )


def lift_hold(work: Work, *, by: str, case: str, reason: str, client_id: str) -> Entry:
    """What is over by now is erased with the next day."""
    record = _may_hold(work, by, case)
    if done := work.earlier(record, by, client_id):
        return done
    if not is_held(work.session, case):
        raise WrongState("hold.is_not_set")
    public, said = {"case": case}, given(reason)
    return work.happened(
        "hold_lifted", record, by, public=public, body=public | {"reason": said}, client_id=client_id
    )


def given(reason: str) -> str:
    """A reason that is a must, since everybody in the case reads it."""
    if not reason.strip():
        raise Invalid("keeping.reason_missing")
    return reason.strip()[:LONGEST_REASON]


def is_held(session: Session, case: str) -> bool:
    """Whether a hold lies on a case now."""
    latest = (
        select(entries.c.kind)
        .join(Channel, Channel.id == entries.c.channel)
        .join(Room, Room.id == Channel.room_id)
        .where(Room.case_id == case, Channel.kind == "record", entries.c.kind.in_((SET, LIFTED)))
        .order_by(entries.c.seq.desc())
        .limit(1)
    )
    return session.scalar(latest) == SET


def _may_hold(work: Work, by: str, case: str) -> str:
    _, actor = case_for(work.session, by, case)
    require(actor, "hold_erasure")
    work.catch_up()
    return record_of_case(work.session, case)
