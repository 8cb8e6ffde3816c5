"""What waits unread for a person, in all of their rooms at once: asked in one question, and only of channels that they read."""

from dataclasses import dataclass

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from mediation.cases.party import Party
from mediation.record.entry import entries
from mediation.rooms.channel import Channel, Member
from mediation.rooms.mention import Mention
from mediation.rooms.room import Room


@dataclass(slots=True)
class Waiting:
    """How many entries of a room are unread, and in how many of them one is called by name."""

    unread: int = 0
    called: int = 0


def waiting_for(session: Session, person: str) -> dict[str, Waiting]:
    """What waits in each room that a person has a part in."""
    last = select(func.max(entries.c.seq)).where(entries.c.channel == Member.channel_id)
    calls = select(func.count()).where(
        Mention.channel_id == Member.channel_id,
        Mention.person_id == Member.person_id,
        Mention.seq > Member.read_seq,
    )
    query = (
        select(Channel.room_id, Member.read_seq, last.scalar_subquery(), calls.scalar_subquery())
        .join(Member, Member.channel_id == Channel.id)
        .where(Channel.room_id.in_(rooms_of(person)), Member.person_id == person)
    )
    found: dict[str, Waiting] = {}
    for room, read, newest, called in session.execute(query):
        waiting = found.setdefault(room, Waiting())
        waiting.unread += max(0, (newest or 0) - read)
        waiting.called += called
    return found


def rooms_of(person: str) -> Select[str]:
    """The ids of the rooms that a person has a part in, as a part of a query."""
    mine = and_(Party.case_id == Room.case_id, Party.person_id == person, Party.left_at.is_(None))
    return select(Room.id).join(Party, mine)
