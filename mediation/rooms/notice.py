"""Pinned notices: what a moderator wants everybody in a channel to have read, and who has said so (F3).

The words stand in the entry, under its seal; the rows only say which notices are up, and who has acknowledged them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Id, IsoTime, MaybeMoment, Moment
from mediation.cases.party import Party
from mediation.errors import Invalid, NotFound, TooLarge, WrongState
from mediation.keys import Keys
from mediation.people.permission import PARTIES, require
from mediation.record.entry import Entry, read_entries
from mediation.rooms.channel import Channel, Member, channel_for
from mediation.rooms.entrance import room_for, speaking_in
from mediation.rooms.message import message_at
from mediation.rooms.reliance import rely_on
from mediation.rooms.room import Room
from mediation.work import Work

LONGEST = 2_000
MOST = 5
"""So many are up at once in a channel: of more nobody would read any."""


class Notice(Base):
    """A notice that was pinned with this entry."""

    __tablename__ = "notices"

    channel_id: Mapped[Id] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    pinned_at: Mapped[Moment]
    unpinned_at: Mapped[MaybeMoment]


class Acknowledgement(Base):
    """Somebody has read a notice, and said so."""

    __tablename__ = "acknowledgements"

    channel_id: Mapped[Id] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[Id] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(IsoTime)


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice that is up: its entry, and when each of those who are asked has acknowledged it; None for who has not."""

    entry: Entry
    asked: Mapping[str, datetime | None]


def pin_notice(
    work: Work, *, by: str, channel: str, text: str, client_id: str, message: int | None = None
) -> Entry:
    """Puts a notice on top of a channel; `message` is the one it is about, which from then on stands.

    Raises `NotAllowed` for who is no moderator, `WrongState` when there are enough.
    """
    speaking_in(work, by, channel, action="pin_notice")
    if said := work.earlier(channel, by, client_id):
        return said
    text = text.strip()
    if not text:
        raise Invalid("notice.empty")
    if len(text) > LONGEST:
        raise TooLarge("notice.too_long", limit=LONGEST, length=len(text))
    up = select(func.count()).where(Notice.channel_id == channel, Notice.unpinned_at.is_(None))
    if work.session.scalar(up) == MOST:
        raise WrongState("notice.too_many", most=MOST)
    facts: dict[str, int] = {}
    if message is not None:
        facts["message"] = message_at(work, channel, message).seq
        rely_on(work, channel, message, why="pinned")
    entry = work.happened(
        "notice_pinned", channel, by, public=facts, body=facts | {"text": text}, client_id=client_id
    )
    work.add(Notice(channel_id=channel, seq=entry.seq, pinned_at=work.now))
    return entry


def acknowledge_notice(work: Work, *, by: str, channel: str, seq: int) -> Entry:
    """ "I have read this", also from who may not write at the moment; again gets the first answer. Only those on a side are asked."""
    found = channel_for(work.session, by, channel)
    room, actor = room_for(work.session, by, found.room_id or "")
    require(actor, "acknowledge_notice", room)
    if said := work.earlier(channel, by, f"acknowledge:{seq}"):
        return said
    if _up(work.session, channel, seq) is None or found.closed_at is not None:
        raise WrongState("notice.taken_down")
    work.add(Acknowledgement(channel_id=channel, seq=seq, person_id=by, at=work.now))
    return work.happened(
        "notice_acknowledged", channel, by, public={"seq": seq}, body={"seq": seq},
        client_id=f"acknowledge:{seq}",
    )  # fmt: skip


def unpin_notice(work: Work, *, by: str, channel: str, seq: int) -> Entry:
    """Takes a notice down; it stays in the channel, with who had read it."""
    speaking_in(work, by, channel, action="pin_notice")
    if said := work.earlier(channel, by, f"unpin:{seq}"):
        return said
    notice = _up(work.session, channel, seq)
    if notice is None:
        raise WrongState("notice.taken_down")
    notice.unpinned_at = work.now
    return work.happened(
        "notice_unpinned", channel, by, public={"seq": seq}, body={"seq": seq}, client_id=f"unpin:{seq}"
    )


def notices_for(session: Session, keys: Keys, person: str, channel: str) -> list[NoticeView]:
    """The notices that are up in a channel, newest first, with who has read each; `NotFound` for who is no member."""
    channel_for(session, person, channel)
    query = select(Notice.seq).where(Notice.channel_id == channel, Notice.unpinned_at.is_(None))
    views = []
    for seq in session.scalars(query.order_by(Notice.seq.desc())):
        (entry,) = read_entries(session, keys, channel, after=seq - 1, limit=1)
        read = select(Acknowledgement.person_id, Acknowledgement.at).where(
            Acknowledgement.channel_id == channel, Acknowledgement.seq == seq
        )
        when = {row.person_id: row.at for row in session.execute(read)}
        views.append(NoticeView(entry, {one: when.get(one) for one in _asked(session, entry)}))
    return views


def _asked(session: Session, entry: Entry) -> list[str]:
    """Members of the channel who are on a side: parties and their lawyers. The bench is not asked."""
    query = (
        select(Member.person_id)
        .join(Channel, Channel.id == Member.channel_id)
        .join(Room, Room.id == Channel.room_id)
        .join(Party, (Party.case_id == Room.case_id) & (Party.person_id == Member.person_id))
        .where(Member.channel_id == entry.channel, Party.left_at.is_(None), Party.side.in_(PARTIES))
    )
    return list(session.scalars(query.order_by(Party.side, Party.standing.desc(), Member.person_id)))


def _up(session: Session, channel: str, seq: int) -> Notice | None:
    """The notice if it is up, None if it was taken down; raises `NotFound` for what never was one."""
    notice = session.get(Notice, (channel, seq))
    if notice is None:
        raise NotFound
    return notice if notice.unpinned_at is None else None
