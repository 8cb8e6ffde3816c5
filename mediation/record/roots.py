"""Roots that leave the house: after a daily seal, everybody on a side in whose channels something has happened has its root in the mail.

The mail holds a time and a number, nothing of the case. Who keeps it can later find an end of the record that was cut off.
"""

from collections.abc import Collection

from sqlalchemy import select

from mediation.cases.party import Party
from mediation.people.permission import SIDES
from mediation.rooms.channel import Channel, Member
from mediation.rooms.room import Room
from mediation.work import Work


def tell_root(work: Work, *, at: str, root: str, moved: Collection[str]) -> None:
    """Leaves a mail for each party and lawyer who reads one of the channels that have `moved` since the last daily seal."""
    for person in sorted(_readers(work, moved)):
        params = {"root": root, "at": at}
        work.later(
            "notice",
            {"person": person, "notice": "seal", "params": params, "by": "mail"},
            key=f"root:{root[:32]}:{person}",
        )


def _readers(work: Work, channels: Collection[str]) -> set[str]:
    query = (
        select(Member.person_id)
        .join(Channel, Channel.id == Member.channel_id)
        .join(Room, Room.id == Channel.room_id)
        .join(Party, (Party.case_id == Room.case_id) & (Party.person_id == Member.person_id))
        .where(Party.standing.in_(SIDES), Party.left_at.is_(None), Member.channel_id.in_(channels))
    )
    return set(work.session.scalars(query))
