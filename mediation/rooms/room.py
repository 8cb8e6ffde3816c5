"""Rooms: the group of a case. It is there from the first day, opens when all have consented, and is sealed at the end."""

import hashlib

from sqlalchemy import CheckConstraint, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Key, MaybeJson
from mediation.errors import NotFound
from mediation.ids import new_id
from mediation.record.chain import canonical
from mediation.rooms.channel import WALLED, Channel, Member, record_of
from mediation.work import Work

STATES = ("preparing", "open", "frozen", "sealed")


class Room(Base):
    """The room of a case."""

    __tablename__ = "rooms"
    __table_args__ = (CheckConstraint(f"state IN {STATES}", name="state"),)

    id: Mapped[Key]
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), unique=True)
    state: Mapped[str] = mapped_column(String(12))
    house: Mapped[MaybeJson]
    """The rules of the house, as `House` reads them."""


def begin_room(work: Work, *, case: str) -> str:
    """Makes the room of a new case, with its record only; gives the record's id."""
    room = work.add(Room(id=new_id(), case_id=case, state="preparing"))
    work.session.flush()
    return add_channel(work, room=room.id, kind="record", people=())


def add_channel(
    work: Work, *, room: str, kind: str, people: tuple[str, ...], side: str | None = None, name: str = ""
) -> str:
    """Adds a channel with its members; a walled one gets a key of its own."""
    channel = new_id()
    wrapped = work.keys.new_channel_key(channel) if kind in WALLED else None
    work.add(
        Channel(
            id=channel, room_id=room, kind=kind, name=name, side=side, key_wrapped=wrapped, opened_at=work.now
        )
    )
    work.session.flush()
    for person in dict.fromkeys(people):
        work.add(Member(channel_id=channel, person_id=person, since=work.now))
    work.session.flush()
    return channel


def open_channels(
    work: Work, room: Room, *, by: str, sides: dict[str, tuple[str, ...]], mediators: tuple[str, ...]
) -> None:
    """Opens the room: the talks of both sides and the mediator, and each side's private channel. Opening again changes nothing.

    A judge who may later decide, and the clerk, are in the record alone.
    """
    if room.state != "preparing":
        return
    room.state = "open"
    everybody = tuple(person for people in sides.values() for person in people)
    add_channel(work, room=room.id, kind="talks", people=everybody + mediators)
    for side, people in sides.items():
        add_channel(work, room=room.id, kind="private", side=side, people=people + mediators)
    # Of what was opened with the room a digest: it binds the channels, and tells nobody of another's.
    opened = sorted([one.id, one.kind, one.side or ""] for one in _opened(work, room.id))
    digest = hashlib.sha256(canonical(opened)).hexdigest()
    work.happened("room_opened", record_of(work.session, room.id), by, public={"channels": digest})


def _opened(work: Work, room: str) -> list[Channel]:
    query = select(Channel).where(Channel.room_id == room, Channel.kind.in_(("talks", "private")))
    return list(work.session.scalars(query))


def freeze_for_consent(work: Work, *, case: str, frozen: bool, actor: str) -> None:
    """Makes an open room read-only while a consent is missing, and opens it again."""
    room = room_of(work.session, case)
    before, after, kind = ("open", "frozen", "room_frozen") if frozen else ("frozen", "open", "room_thawed")
    if room.state == before:
        room.state = after
        work.happened(kind, record_of(work.session, room.id), actor)


def seal_room(work: Work, *, case: str) -> None:
    """The case is over: everything stays readable, nothing can be said."""
    room = room_of(work.session, case)
    room.state = "sealed"
    still_open = select(Channel).where(
        Channel.room_id == room.id, Channel.closed_at.is_(None), Channel.kind == "caucus"
    )
    for channel in work.session.scalars(still_open):
        channel.closed_at = work.now


def room_of(session: Session, case: str) -> Room:
    """The room of a case."""
    found = session.scalar(select(Room).where(Room.case_id == case))
    if found is None:
        raise NotFound
    return found
