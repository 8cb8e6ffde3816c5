"""Concerns: what a party quietly tells the mediator and the clerk, and what became of it (J3, J6).

"I am not safe", or a report of a message or a person. Nothing of it is in a channel that the other side reads, or one's own side:
its entries stand in the own channel of whoever raised it, and the row is seen by them, the mediator and the clerk alone. Whom a
report is about never sees it.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, IsoTime, Key, MaybeId, MaybeMoment
from mediation.cases.party import party_of, people_in
from mediation.errors import Invalid, NotFound, WrongState
from mediation.ids import new_id
from mediation.people.permission import may, require
from mediation.people.person import acts_of
from mediation.record.entry import entries
from mediation.rooms.channel import channel_for
from mediation.rooms.entrance import room_for
from mediation.rooms.house import SHARED
from mediation.rooms.order import LONGEST_REASON
from mediation.rooms.room import Room
from mediation.work import Work

STAFF = ("mediator", "clerk")
HANDLED = ("taken", "closed")


class Concern(Base):
    """Something that the mediator or the clerk has to see to; `closed` with its result."""

    __tablename__ = "concerns"
    __table_args__ = (
        CheckConstraint("kind IN ('unsafe', 'report')", name="kind"),
        CheckConstraint("state IN ('open', 'taken', 'closed')", name="state"),
    )

    id: Mapped[Key]
    room_id: Mapped[str] = mapped_column(ForeignKey("rooms.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    by_id: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    about_id: Mapped[MaybeId]
    channel: Mapped[MaybeId]
    seq: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(IsoTime)
    state: Mapped[str] = mapped_column(String(8))
    handled_by: Mapped[MaybeId]
    handled_at: Mapped[MaybeMoment]
    result: Mapped[str] = mapped_column(Text)


def say_unsafe(work: Work, *, by: str, room: str, client_id: str) -> Concern:
    """Somebody says that they are not safe: the mediator and the clerk are told, and the officer on duty. Said again it is the same one."""
    held, actor = room_for(work.session, by, room)
    require(actor, "say_unsafe", held)
    own = acts_of(work.session, by)
    if done := work.earlier(own, by, client_id):
        return work.get(Concern, done.public["concern"])
    open_now = select(Concern).where(
        Concern.room_id == room, Concern.by_id == by, Concern.kind == "unsafe", Concern.state != "closed"
    )
    concern = work.session.scalar(open_now) or _raise(work, held, by, kind="unsafe")
    facts = {"concern": concern.id, "room": room}
    work.happened("unsafe_said", own, by, public=facts, body=facts, client_id=client_id)
    work.later("duty", {"concern": concern.id}, key=f"duty:{concern.id}")
    link = f"{work.settings.address}/rooms/{room}"
    for person in staff_of(work.session, room):
        payload = {"person": person, "notice": "unsafe", "params": {"link": link}, "by": "both"}
        work.later("notice", payload, key=f"unsafe:{concern.id}:{person}")
    return concern


def report_concern(
    work: Work, *, by: str, room: str, reason: str, client_id: str, person: str | None = None,
    channel: str | None = None, seq: int | None = None,
) -> Concern:  # fmt: skip
    """Reports a message of the talk or the record, or a person of the case, with the reason.

    Raises `Invalid` without a reason or without either, `NotFound` for what is not there, `WrongState` when nobody could take it.
    """
    held, actor = room_for(work.session, by, room)
    require(actor, "report", held)
    own = acts_of(work.session, by)
    if done := work.earlier(own, by, client_id):
        return work.get(Concern, done.public["concern"])
    if not reason.strip():
        raise Invalid("concern.reason_missing")
    about = person if seq is None else _writer(work, by, held, channel or "", seq)
    if about is None or about == by:
        raise Invalid("concern.about_nobody")
    if party_of(work.session, about, held.case_id) is None:
        raise NotFound
    if not staff_of(work.session, room, about):
        raise WrongState("concern.nobody")
    channel = None if seq is None else channel
    concern = _raise(
        work, held, by, kind="report", about=about, reason=reason.strip(), channel=channel, seq=seq
    )
    public = {"concern": concern.id, "room": room}
    body = public | {"about": about, "reason": concern.reason}
    work.happened("concern_reported", own, by, public=public, body=body, client_id=client_id)
    return concern


def handle_concern(
    work: Work, *, by: str, concern: str, state: str, result: str = "", client_id: str
) -> Concern:
    """The mediator or the clerk takes a concern up, or closes it with a result; whoever raised it reads both."""
    found = work.get(Concern, concern)
    if by not in staff_of(work.session, found.room_id, found.about_id):
        raise NotFound
    own = acts_of(work.session, found.by_id)
    if work.earlier(own, by, client_id):
        return found
    if state not in HANDLED:
        raise Invalid("concern.state_unknown")
    if state == "closed" and not result.strip():
        raise Invalid("concern.result_missing")
    if found.state == "closed":
        raise WrongState("concern.closed")
    found.state, found.handled_by, found.handled_at = state, by, work.now
    found.result = result.strip()[:LONGEST_REASON]
    public = {"concern": found.id, "state": state}
    body = public | {"result": found.result}
    work.happened("concern_handled", own, by, public=public, body=body, client_id=client_id)
    return found


def concerns_for(session: Session, person: str, room: str) -> list[Concern]:
    """The concerns of a room that this person may see, latest first: their own, and for the mediator and the clerk all that are not about them."""
    _, actor = room_for(session, person, room)
    query = select(Concern).where(Concern.room_id == room).order_by(Concern.at.desc())
    if may(actor, "see_concerns"):
        query = query.where(or_(Concern.about_id.is_(None), Concern.about_id != person))
    else:
        query = query.where(Concern.by_id == person)
    return list(session.scalars(query))


def staff_of(session: Session, room: str, about: str | None = None) -> list[str]:
    """Who sees to a concern: the mediator and the clerks, but not whom it is about."""
    case = session.get_one(Room, room).case_id
    staff = [party.person_id for party, _ in people_in(session, case) if party.standing in STAFF]
    return [person for person in staff if person != about]


def _raise(
    work: Work, held: Room, by: str, *, kind: str, about: str | None = None, reason: str = "",
    channel: str | None = None, seq: int | None = None,
) -> Concern:  # fmt: skip
    concern = Concern(
        id=new_id(), room_id=held.id, kind=kind, by_id=by, about_id=about, channel=channel, seq=seq,
        reason=reason[:LONGEST_REASON], at=work.now, state="open", result="",
    )  # fmt: skip
    work.add(concern)
    work.session.flush()
    return concern


def _writer(work: Work, by: str, held: Room, channel: str, seq: int) -> str | None:
    """Who wrote a message that both sides can read; what is said behind a wall stays there."""
    found = channel_for(work.session, by, channel)
    if found.room_id != held.id or found.kind not in SHARED:
        raise NotFound
    work.catch_up()
    wanted = select(entries.c.actor).where(
        entries.c.channel == channel, entries.c.seq == seq, entries.c.kind == "message_posted"
    )
    row = work.session.execute(wanted).first()
    if row is None:
        raise NotFound
    speaker: str | None = row.actor
    return speaker
