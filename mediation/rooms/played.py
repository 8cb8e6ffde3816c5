"""Played marks: who has listened to a voice message; rows beside the record, as read marks are."""

from collections.abc import Sequence

from sqlalchemy import ForeignKey, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Id, Moment
from mediation.errors import Invalid
from mediation.record.entry import read_entries
from mediation.rooms.channel import channel_for
from mediation.work import Work


class PlayedMark(Base):
    """When a person first listened to a voice message; only ever added to."""

    __tablename__ = "played_marks"

    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[Id] = mapped_column(primary_key=True)
    at: Mapped[Moment]


def mark_played(work: Work, *, by: str, channel: str, seq: int) -> bool:
    """Notes that somebody has listened to another's voice message; true when it was for the first time.

    Raises `NotFound` for who is no member, `Invalid` when there is no voice message.
    """
    channel_for(work.session, by, channel)
    said = read_entries(work.session, work.keys, channel, after=seq - 1, limit=1)
    if not said or said[0].seq != seq or "voice" not in ((said[0].body or {}).get("file") or {}):
        raise Invalid("message.reference_unknown")
    known = select(PlayedMark.seq).where(
        PlayedMark.channel_id == channel, PlayedMark.seq == seq, PlayedMark.person_id == by
    )
    if said[0].actor == by or work.session.scalar(known):
        return False
    work.session.execute(insert(PlayedMark).values(channel_id=channel, seq=seq, person_id=by, at=work.now))
    return True


def played_in(session: Session, person: str, channel: str, seqs: Sequence[int]) -> dict[int, list[str]]:
    """Who has listened to these messages, in the order in which they did; raises `NotFound` for who is no member."""
    channel_for(session, person, channel)
    marks = select(PlayedMark.seq, PlayedMark.person_id).where(
        PlayedMark.channel_id == channel, PlayedMark.seq.in_(seqs)
    )
    played: dict[int, list[str]] = {}
    for seq, listener in session.execute(marks.order_by(PlayedMark.at, PlayedMark.person_id)):
        played.setdefault(seq, []).append(listener)
    return played
