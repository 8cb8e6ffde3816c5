"""Who is in which caucus: who was called, who is inside, and how each caucus stands. What happened is in the ledgers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Id, MaybeMoment
from mediation.rooms.channel import Channel

FORMS = ("caucus", "alone", "bench")
"""With the mediator; people of one side among themselves; the bench among itself."""

STATES = ("called", "declined", "missed", "inside", "outside")


class Caucus(Base):
    """How a caucus stands. Until `begun_at` it only rings, and nobody knows of it but who calls and who is called."""

    __tablename__ = "caucuses"
    __table_args__ = (CheckConstraint(f"form IN {FORMS}", name="form"),)

    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id"), primary_key=True)
    form: Mapped[str] = mapped_column(String(8))
    opened_by: Mapped[Id]
    begun_at: Mapped[MaybeMoment]
    locked: Mapped[bool] = mapped_column(default=False)
    ends_at: Mapped[MaybeMoment]


class Guest(Base):
    """Somebody who was called into a caucus or taken into it, and where they stand to it now."""

    __tablename__ = "caucus_guests"
    __table_args__ = (CheckConstraint(f"state IN {STATES}", name="state"),)

    channel_id: Mapped[str] = mapped_column(ForeignKey("caucuses.channel_id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), primary_key=True, index=True)
    state: Mapped[str] = mapped_column(String(8))
    called_by: Mapped[str | None] = mapped_column(String(64))
    rings_until: Mapped[MaybeMoment]

    def rings(self, now: datetime) -> datetime | None:
        """Until when it rings at this person's, if it does."""
        until = self.rings_until
        return until if self.state == "called" and until is not None and until > now else None


@dataclass(frozen=True, slots=True)
class CaucusView:
    """A caucus as its members see it."""

    form: str
    by: str
    begun: bool
    locked: bool
    ends_at: datetime | None
    inside: tuple[str, ...]
    called: tuple[str, ...]
    guests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A caucus into which somebody may come: it rings until a time, or stands open to them."""

    channel: str
    form: str
    by: str
    rings_until: datetime | None


def open_caucuses(session: Session, room: str) -> list[str]:
    """The channels of the caucuses that are on in a room, oldest first."""
    on = select(Channel.id).where(
        Channel.room_id == room, Channel.kind == "caucus", Channel.closed_at.is_(None)
    )
    return list(session.scalars(on.order_by(Channel.opened_at, Channel.id)))


def caucus_of(session: Session, room: str, person: str) -> str | None:
    """The caucus in which a person is now, or None."""
    here = select(Guest.channel_id).join(Channel, Channel.id == Guest.channel_id)
    mine = (Guest.person_id == person, Guest.state == "inside", Channel.room_id == room)
    return session.scalar(here.where(*mine, Channel.closed_at.is_(None)))


def insiders(session: Session, channel: str) -> list[str]:
    """Who is inside a caucus."""
    inside = select(Guest.person_id).where(Guest.channel_id == channel, Guest.state == "inside")
    return list(session.scalars(inside.order_by(Guest.person_id)))


def guests_of(session: Session, channel: str) -> list[str]:
    """Everybody who was ever called into a caucus or taken into it."""
    return list(session.scalars(select(Guest.person_id).where(Guest.channel_id == channel)))


def caucus_views(session: Session, channels: Iterable[str]) -> dict[str, CaucusView]:
    """How these caucuses stand; a channel that is none is left out."""
    wanted = list(channels)
    guests: dict[str, list[Guest]] = {}
    for guest in session.scalars(select(Guest).where(Guest.channel_id.in_(wanted)).order_by(Guest.person_id)):
        guests.setdefault(guest.channel_id, []).append(guest)
    found = session.scalars(select(Caucus).where(Caucus.channel_id.in_(wanted)))
    return {one.channel_id: _view(one, guests.get(one.channel_id, [])) for one in found}


def calls_for(session: Session, person: str, room: str) -> list[Call]:
    """The caucuses of a room into which this person may come and is no member of yet."""
    mine = select(Guest, Caucus).join(Caucus, Caucus.channel_id == Guest.channel_id)
    open_to = mine.join(Channel, Channel.id == Guest.channel_id).where(
        Guest.person_id == person,
        Guest.state.in_(("called", "declined", "missed")),
        Channel.room_id == room,
        Channel.closed_at.is_(None),
    )
    return [
        Call(
            one.channel_id,
            one.form,
            guest.called_by or one.opened_by,
            guest.rings_until if guest.state == "called" else None,
        )
        for guest, one in session.execute(open_to.order_by(Channel.opened_at, Channel.id))
        if guest.state == "called" or not one.locked
    ]


def _view(one: Caucus, guests: list[Guest]) -> CaucusView:
    inside = tuple(guest.person_id for guest in guests if guest.state == "inside")
    called = tuple(guest.person_id for guest in guests if guest.state == "called")
    return CaucusView(
        one.form,
        one.opened_by,
        one.begun_at is not None,
        one.locked,
        one.ends_at,
        inside,
        called,
        tuple(guest.person_id for guest in guests),
    )
