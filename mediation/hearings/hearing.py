"""Hearings: the meetings of a room on its stage; booked or held at once, changed or cancelled with a reason (E1, H4)."""

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Id, Key, MaybeMoment, Moment
from mediation.cases.case import Case, case_for
from mediation.clock import iso
from mediation.errors import Invalid, NotFound, WrongState
from mediation.hearings.tape import end_with_meeting
from mediation.ids import new_id
from mediation.people.permission import Actor, require
from mediation.people.person import clean_name
from mediation.rooms.caucus import AFTERWARDS, OUTLIVES, end_caucus
from mediation.rooms.channel import Channel, record_of
from mediation.rooms.entrance import room_for
from mediation.rooms.guest import Caucus, open_caucuses
from mediation.rooms.room import Room, room_of
from mediation.work import Work

STATES = ("scheduled", "in_session", "closed", "cancelled")
LONGEST = timedelta(hours=14)


class Hearing(Base):
    """One meeting."""

    __tablename__ = "hearings"
    __table_args__ = (CheckConstraint(f"state IN {STATES}", name="state"),)

    id: Mapped[Key]
    room_id: Mapped[str] = mapped_column(ForeignKey("rooms.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    state: Mapped[str] = mapped_column(String(12))
    booked_by: Mapped[Id]
    started_at: Mapped[MaybeMoment]
    closed_at: Mapped[MaybeMoment]
    suspended_at: Mapped[MaybeMoment]
    cancel_reason: Mapped[str | None] = mapped_column(Text)

    def may_be_joined(self, now: datetime) -> bool:
        """Whether the way to the stage is shown: from 30 minutes before, and while it is on (E4)."""
        early = timedelta(minutes=30)
        return self.state == "in_session" or (self.state == "scheduled" and self.starts_at - early <= now)


def book_hearing(
    work: Work,
    *,
    by: Actor,
    case: str,
    title: str,
    starts_at: datetime,
    minutes: int,
    client_id: str | None = None,
) -> Hearing:
    """Books a meeting; everybody in the case is told. Raises `Invalid` for a time in the past or an odd length."""
    booked_in = work.get(Case, case)
    require(by, "book_hearing", booked_in)
    room = room_of(work.session, case)
    record = record_of(work.session, room.id)
    if client_id and (booked := work.earlier(record, by.person, client_id)):
        return work.get(Hearing, str(booked.public["hearing"]))
    _is_possible(work, starts_at, minutes)
    hearing = _new(work, room, by.person, title=title, starts_at=starts_at, minutes=minutes)
    _tell(work, hearing, "hearing_booked", by.person, client_id=client_id)
    return hearing


def change_hearing(
    work: Work, *, by: Actor, hearing: str, title: str, starts_at: datetime, minutes: int, reason: str
) -> Hearing:
    """Moves a booked meeting, with a reason."""
    changed = _scheduled(work, by, hearing)
    _is_possible(work, starts_at, minutes)
    changed.title, changed.starts_at = clean_name(title)[:200], starts_at
    changed.ends_at = starts_at + timedelta(minutes=minutes)
    _tell(work, changed, "hearing_changed", by.person, reason=_given(reason))
    return changed


def cancel_hearing(work: Work, *, by: Actor, hearing: str, reason: str) -> Hearing:
    """Cancels a booked meeting; a reason is a must. Twice is once."""
    require(by, "cancel_hearing")
    known = work.get(Hearing, hearing)
    if known.state == "cancelled":
        return known
    cancelled = _scheduled(work, by, hearing)
    cancelled.state, cancelled.cancel_reason = "cancelled", _given(reason)
    _tell(work, cancelled, "hearing_cancelled", by.person, reason=cancelled.cancel_reason)
    return cancelled


def start_hearing(
    work: Work, *, by: str, room: str, hearing: str | None = None, client_id: str | None = None
) -> Hearing:
    """Opens the stage: the booked meeting, or one that begins now. While one is on, it is given back."""
    held, actor = room_for(work.session, by, room)
    require(actor, "lead", held)
    if on := hearing_on(work.session, room):
        return on
    if hearing is None:
        started = _new(work, held, by, title="", starts_at=work.now, minutes=60)
    else:
        started = work.get(Hearing, hearing)
        if started.room_id != room:
            raise NotFound
        if started.state != "scheduled":
            raise WrongState("hearing.not_scheduled")
    started.state, started.started_at = "in_session", work.now
    _tell(work, started, "hearing_started", by, client_id=client_id)
    return started


def close_hearing(work: Work, *, by: str, room: str, client_id: str | None = None) -> Hearing | None:
    """Ends the meeting that is on, for good, and the mediator's caucuses with it; None when none is on.

    People who are among themselves may go on for two hours (E4, I8).
    """
    held, actor = room_for(work.session, by, room)
    require(actor, "lead")
    closed = hearing_on(work.session, held.id)
    if closed is None:
        return None
    for caucus in open_caucuses(work.session, room):
        stands = work.get(Caucus, caucus)
        if stands.form not in OUTLIVES and stands.begun_at is not None:
            end_caucus(work, work.get(Channel, caucus), actor=by)
    work.later("shut_caucuses", {"room": room}, run_at=work.now + AFTERWARDS)
    end_with_meeting(work, closed.id, actor=by)
    closed.state, closed.closed_at = "closed", work.now
    _tell(work, closed, "hearing_closed", by, client_id=client_id)
    return closed


def hearing_on(session: Session, room: str) -> Hearing | None:
    """The meeting that is on in a room."""
    return session.scalar(select(Hearing).where(Hearing.room_id == room, Hearing.state == "in_session"))


def is_long_over(session: Session, room: str, now: datetime) -> bool:
    """Whether the last meeting of a room ended two hours ago or more."""
    ended = session.scalar(select(func.max(Hearing.closed_at)).where(Hearing.room_id == room))
    return ended is not None and ended + AFTERWARDS <= now and hearing_on(session, room) is None


def next_hearing(session: Session, room: str) -> Hearing | None:
    """The meeting that is on, or the next booked one."""
    booked = select(Hearing).where(Hearing.room_id == room, Hearing.state == "scheduled")
    return hearing_on(session, room) or session.scalar(booked.order_by(Hearing.starts_at).limit(1))


def hearings_of(session: Session, case: str) -> list[Hearing]:
    """The meetings of a case by time."""
    query = select(Hearing).join(Room, Room.id == Hearing.room_id).where(Room.case_id == case)
    return list(session.scalars(query.order_by(Hearing.starts_at)))


def hearing_for(session: Session, person: str, hearing: str) -> tuple[Hearing, Case, Actor]:
    """A meeting of a case this person is in; raises `NotFound`."""
    found = session.get(Hearing, hearing)
    room = session.get(Room, found.room_id) if found else None
    if found is None or room is None:
        raise NotFound
    return found, *case_for(session, person, room.case_id)


def _new(work: Work, room: Room, by: str, *, title: str, starts_at: datetime, minutes: int) -> Hearing:
    hearing = work.add(
        Hearing(
            id=new_id(),
            room_id=room.id,
            title=clean_name(title)[:200],
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=minutes),
            state="scheduled",
            booked_by=by,
        )
    )
    work.session.flush()
    return hearing


def _scheduled(work: Work, by: Actor, hearing: str) -> Hearing:
    found = work.get(Hearing, hearing)
    require(by, "cancel_hearing")
    if found.state != "scheduled":
        raise WrongState("hearing.not_scheduled")
    return found


def _is_possible(work: Work, starts_at: datetime, minutes: int) -> None:
    if starts_at < work.now - timedelta(minutes=5):
        raise Invalid("hearing.in_the_past")
    if not 5 <= minutes <= LONGEST.total_seconds() / 60:
        raise Invalid("hearing.length")


def _given(reason: str) -> str:
    if not reason.strip():
        raise Invalid("hearing.reason_missing")
    return reason.strip()[:500]


def _tell(
    work: Work, hearing: Hearing, kind: str, actor: str, *, reason: str = "", client_id: str | None = None
) -> None:
    public = {"hearing": hearing.id, "starts_at": iso(hearing.starts_at), "ends_at": iso(hearing.ends_at)}
    body = public | {"title": hearing.title} | ({"reason": reason} if reason else {})
    work.happened(
        kind, record_of(work.session, hearing.room_id), actor, public=public, body=body, client_id=client_id
    )
