"""Channels: the ledgers of a room, and who may read each of them.

`record` is the procedure, `talks` the negotiation, `private` a side's standing line to the mediator, `caucus` a private session.
`person` and `organisation` channels hold acts that belong to no room. What is said in `private` and `caucus` is encrypted.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Id, IsoTime, Key, MaybeId, MaybeMoment, Moment
from mediation.errors import NotFound

WALLED = frozenset({"private", "caucus"})


class Channel(Base):
    """One ledger."""

    __tablename__ = "channels"

    id: Mapped[Key]
    room_id: Mapped[str | None] = mapped_column(ForeignKey("rooms.id"), index=True)
    owner_id: Mapped[MaybeId]
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    side: Mapped[str | None] = mapped_column(String(16))
    key_wrapped: Mapped[bytes | None]
    opened_at: Mapped[Moment]
    closed_at: Mapped[MaybeMoment]


class Member(Base):
    """A person who may read a channel, since when, and until when they were part of it."""

    __tablename__ = "members"

    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(IsoTime)
    read_seq: Mapped[int] = mapped_column(default=0)
    read_at: Mapped[MaybeMoment]


class ReadMark(Base):
    """When a person had seen a channel up to a seq; only ever added to."""

    __tablename__ = "read_marks"

    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id"), primary_key=True)
    person_id: Mapped[Id] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[Moment]


def channel_for(session: Session, person: str, channel: str) -> Channel:
    """The channel, if this person may read it; raises `NotFound` as for one that does not exist."""
    query = select(Channel).join(Member, Member.channel_id == Channel.id)
    found = session.scalar(query.where(Channel.id == channel, Member.person_id == person))
    if found is None:
        raise NotFound
    return found


def channels_of(session: Session, person: str, room: str) -> list[Channel]:
    """The channels of a room that this person may read, oldest first; of those opened at once, the claimant's side before."""
    query = select(Channel).join(Member, Member.channel_id == Channel.id).where(Channel.room_id == room)
    order = (Channel.opened_at, func.coalesce(Channel.side, ""), Channel.kind, Channel.id)
    return list(session.scalars(query.where(Member.person_id == person).order_by(*order)))


def members_of(session: Session, channel: str) -> list[str]:
    """Ids of the people who may read a channel."""
    return list(session.scalars(select(Member.person_id).where(Member.channel_id == channel)))


def readers_of(connection: Connection, channels: Collection[str]) -> dict[str, frozenset[str]]:
    """Who may read each of these channels, as it stands in this transaction."""
    if not channels:
        return {}
    rows = connection.execute(
        select(Member.channel_id, Member.person_id).where(Member.channel_id.in_(channels))
    )
    people: dict[str, set[str]] = {}
    for channel, person in rows:
        people.setdefault(channel, set()).add(person)
    return {channel: frozenset(members) for channel, members in people.items()}


def record_of(session: Session, room: str) -> str:
    """The id of a room's record."""
    return _one(session, room, "record")


def talks_of(session: Session, room: str) -> str:
    """The id of a room's talks; raises `NotFound` before the room was opened."""
    return _one(session, room, "talks")


def private_of(session: Session, room: str, side: str) -> str:
    """The id of a side's private channel with the mediator."""
    return _one(session, room, "private", side)


def _one(session: Session, room: str, kind: str, side: str | None = None) -> str:
    query = select(Channel.id).where(Channel.room_id == room, Channel.kind == kind)
    found = session.scalar(query if side is None else query.where(Channel.side == side))
    if found is None:
        raise NotFound
    return found
