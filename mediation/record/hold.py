"""Holds: while a dispute on the record, an enforcement or a complaint goes on, nothing of the case is erased.

A hold is two entries of the record, set and lifted, each with a reason that everybody in the case reads.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.record.entry import entries
from mediation.rooms.channel import Channel
from mediation.rooms.room import Room

SET, LIFTED = "hold_set", "hold_lifted"


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
