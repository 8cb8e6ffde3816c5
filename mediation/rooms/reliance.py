"""Reliance: what has been built on a message. From then on it stands, and its author can no longer take it back (F4).

Whatever serves, quotes or accepts a message says so with `rely_on`, in the same unit of work; the rule asks nobody else.
"""

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from mediation.base import Base, Id, Moment
from mediation.documents.file import StoredFile
from mediation.errors import WrongState
from mediation.rooms.channel import Channel
from mediation.work import Work

WHY = ("pinned", "served", "minuted", "accepted", "carried_over", "reported")


class Reliance(Base):
    """A message on which something was built, and what."""

    __tablename__ = "reliances"

    channel_id: Mapped[Id] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    why: Mapped[str] = mapped_column(String(16), primary_key=True)
    since: Mapped[Moment]


def rely_on(work: Work, channel: str, seq: int, *, why: str) -> None:
    """Notes that something is built on a message; again changes nothing. An unknown reason is a bug."""
    if why not in WHY:
        raise ValueError(why)
    if work.session.get(Reliance, (channel, seq, why)) is None:
        work.add(Reliance(channel_id=channel, seq=seq, why=why, since=work.now))


def must_be_free(session: Session, channel: str, seq: int) -> None:
    """Raises `WrongState` for a message on which something was built."""
    built = select(Reliance.why).where(Reliance.channel_id == channel, Reliance.seq == seq)
    if session.scalar(built.limit(1)) is not None:
        raise WrongState("message.relied_on")
    if _is_submitted(session, channel, seq):
        raise WrongState("message.file_submitted")


def _is_submitted(session: Session, channel: str, seq: int) -> bool:
    """Whether the very file of a message was also submitted in the same room.

    In a walled channel bytes have names of their own there: a file that was submitted behind another wall is not found.
    """
    sent, kept, its, theirs = aliased(StoredFile), aliased(StoredFile), aliased(Channel), aliased(Channel)
    query = (
        select(kept.id)
        .select_from(sent)
        .join(its, its.id == sent.channel_id)
        .join(kept, kept.blob == sent.blob)
        .join(theirs, theirs.id == kept.channel_id)
        .where(sent.channel_id == channel, sent.seq == seq, kept.purpose != "message")
        .where(theirs.room_id == its.room_id)
    )
    return session.scalar(query.limit(1)) is not None
