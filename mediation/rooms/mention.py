"""Mentions: who is called by name in a message, so that they find the place (F3). Only who leads calls everybody at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Id
from mediation.errors import Invalid
from mediation.people.permission import require
from mediation.rooms.channel import Channel, Member, channel_for, members_of
from mediation.rooms.entrance import room_for
from mediation.work import Work

EVERYBODY = "all"
"""What stands among the mentions when everybody is called; no id is that short."""


class Mention(Base):
    """Somebody is called in this entry. It goes when the message is taken back."""

    __tablename__ = "mentions"

    channel_id: Mapped[Id] = mapped_column(primary_key=True)
    person_id: Mapped[Id] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)


@dataclass(frozen=True, slots=True)
class Call:
    """Where somebody is called and has not read yet."""

    channel: str
    seq: int


def called(session: Session, by: str, channel: str, mentions: Sequence[str]) -> list[str]:
    """The mentions as they are written down, each once.

    Raises `Invalid` for who is no member, `NotAllowed` when somebody calls all who does not lead.
    """
    wanted = list(dict.fromkeys(mentions))
    if EVERYBODY in wanted:
        room, actor = room_for(session, by, channel_for(session, by, channel).room_id or "")
        require(actor, "mention_all", room)
        return [EVERYBODY]
    if not set(wanted) <= set(members_of(session, channel)):
        raise Invalid("message.mention_unknown")
    return wanted


def note_mentions(work: Work, channel: str, seq: int, *, by: str, mentions: Sequence[str]) -> None:
    """Keeps for each who is called where that was; nobody calls themselves."""
    people = members_of(work.session, channel) if EVERYBODY in mentions else mentions
    rows = [{"channel_id": channel, "person_id": one, "seq": seq} for one in people if one != by]
    if rows:
        work.session.execute(insert(Mention), rows)


def forget_mentions(work: Work, channel: str, seq: int) -> None:
    """Nobody is led to a message that was taken back."""
    work.session.execute(delete(Mention).where(Mention.channel_id == channel, Mention.seq == seq))


def calls_for(session: Session, person: str, room: str) -> list[Call]:
    """Where a person is called in a room and has not read, the oldest of each channel first; `NotFound` for a stranger."""
    room_for(session, person, room)
    query = (
        select(Mention.channel_id, Mention.seq)
        .join(Member, (Member.channel_id == Mention.channel_id) & (Member.person_id == Mention.person_id))
        .join(Channel, Channel.id == Mention.channel_id)
        .where(Channel.room_id == room, Mention.person_id == person, Mention.seq > Member.read_seq)
        .order_by(Mention.channel_id, Mention.seq)
    )
    return [Call(channel, seq) for channel, seq in session.execute(query)]
