"""Receipts: when what was said reached each person's device, and when they read it; rows beside the record, as read marks are (F5).

A device says once for many entries how far it has come, and only where it has not read so far: reading says it too.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Id, Moment
from mediation.errors import Invalid, NotFound
from mediation.record.entry import entries, heads_of
from mediation.rooms.channel import Member, ReadMark, channel_for
from mediation.work import Work


class DeliveryMark(Base):
    """When a device of a person had received a channel up to a seq; only ever added to."""

    __tablename__ = "delivery_marks"

    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id"), primary_key=True)
    person_id: Mapped[Id] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[Moment]


@dataclass(frozen=True, slots=True)
class Receipt:
    """One reader of a message, and since when they have it and have read it."""

    person: str
    delivered_at: datetime | None
    read_at: datetime | None


def mark_delivered(work: Work, *, by: str, channel: str, seq: int) -> bool:
    """Notes that a channel has reached a device of somebody up to a seq; true when that was new, and not read yet.

    Raises `NotFound` for who does not read the channel, `Invalid` for an entry that is not there.
    """
    channel_for(work.session, by, channel)
    read = work.session.get_one(Member, (channel, by)).read_seq
    known = deliveries_in(work.session, channel).get(by, 0)
    if seq <= max(read, known):
        return False
    if seq > heads_of(work.session, [channel])[channel]:
        work.catch_up()  # it may have been said in this very batch
        if seq > heads_of(work.session, [channel])[channel]:
            raise Invalid("message.reference_unknown")
    work.session.execute(insert(DeliveryMark).values(channel_id=channel, person_id=by, seq=seq, at=work.now))
    return True


def deliveries_in(session: Session, channel: str) -> dict[str, int]:
    """Up to which seq a channel has reached each person, as far as they have not read it."""
    last = select(DeliveryMark.person_id, func.max(DeliveryMark.seq)).where(
        DeliveryMark.channel_id == channel
    )
    return {person: int(seq) for person, seq in session.execute(last.group_by(DeliveryMark.person_id))}


def receipts_of(session: Session, person: str, channel: str, seq: int) -> list[Receipt]:
    """For each reader of a message but its speaker: when they got it, and when they read it.

    Raises `NotFound` for who does not read the channel, and for an entry that is not there.
    """
    channel_for(session, person, channel)
    said = select(entries.c.actor).where(entries.c.channel == channel, entries.c.seq == seq)
    row = session.execute(said).first()
    if row is None:
        raise NotFound
    people = session.scalars(
        select(Member.person_id).where(Member.channel_id == channel).order_by(Member.person_id)
    )
    read, delivered = _since(session, ReadMark, channel, seq), _since(session, DeliveryMark, channel, seq)
    return [_receipt(one, delivered.get(one), read.get(one)) for one in people if one != row.actor]


def _receipt(person: str, delivered: datetime | None, read: datetime | None) -> Receipt:
    """Whoever has read it has got it."""
    times = [at for at in (delivered, read) if at is not None]
    return Receipt(person, min(times, default=None), read)


def _since(
    session: Session, marks: type[ReadMark] | type[DeliveryMark], channel: str, seq: int
) -> dict[str, datetime]:
    first = select(marks.person_id, func.min(marks.at)).where(marks.channel_id == channel, marks.seq >= seq)
    rows = session.execute(first.group_by(marks.person_id))
    return {row.person_id: row[1] for row in rows}
