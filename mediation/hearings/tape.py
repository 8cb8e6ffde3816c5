"""The tape of a meeting: whether it is recorded, by whose consent or order, and in which state; told in the record (K3, K4).

In the record stand ids and codes, and the reason that somebody gave. What is on the tape stands nowhere here.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Id, IsoTime, Key, MaybeMoment, Moment
from mediation.errors import Invalid
from mediation.ids import new_id
from mediation.record.entry import Entry
from mediation.rooms.channel import record_of
from mediation.rooms.order import LONGEST_REASON
from mediation.work import Work

STATES = ("consent_pending", "on", "paused", "failed", "ended")
ALIVE = ("consent_pending", "on", "paused", "failed")
TAPING = ("on", "paused", "failed")
BASES = ("consent", "order")


class Recording(Base):
    """A recording of a meeting, from the question for consent, or the order, to its end; `end_code` says why it ended."""

    __tablename__ = "recordings"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint(f"basis IN {BASES}", name="basis"),
    )

    id: Mapped[Key]
    room_id: Mapped[str] = mapped_column(ForeignKey("rooms.id"), index=True)
    hearing_id: Mapped[str] = mapped_column(ForeignKey("hearings.id"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    basis: Mapped[str] = mapped_column(String(8))
    by_id: Mapped[Id]
    asked_at: Mapped[Moment]
    started_at: Mapped[MaybeMoment]
    ended_at: Mapped[MaybeMoment]
    lost_at: Mapped[MaybeMoment]
    end_code: Mapped[str | None] = mapped_column(String(24))
    film: Mapped[str | None] = mapped_column(String(200))
    film_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    film_size: Mapped[int | None] = mapped_column(BigInteger)
    film_state: Mapped[str | None] = mapped_column(String(16))
    film_percent: Mapped[int | None]

    @property
    def was_on(self) -> bool:
        return self.started_at is not None


class TapeAnswer(Base):
    """What somebody said to being recorded in a meeting: `given`, `refused` or `withdrawn`. The latest counts, for this meeting only."""

    __tablename__ = "recording_answers"

    id: Mapped[Key]
    entry_id: Mapped[Id]
    hearing_id: Mapped[str] = mapped_column(ForeignKey("hearings.id"), index=True)
    person_id: Mapped[Id]
    answer: Mapped[str] = mapped_column(String(12))
    order: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(IsoTime)


def tape_of(session: Session, hearing: str) -> Recording | None:
    """The recording of a meeting that is asked for, on, paused or failed."""
    alive = Recording.state.in_(ALIVE)
    return session.scalar(select(Recording).where(Recording.hearing_id == hearing, alive))


def answers_in(session: Session, hearing: str) -> dict[str, str]:
    """Everybody's latest answer in a meeting."""
    query = select(TapeAnswer).where(TapeAnswer.hearing_id == hearing).order_by(TapeAnswer.order)
    return {one.person_id: one.answer for one in session.scalars(query)}


def may_be_taped(session: Session, hearing: str, person: str) -> bool:
    """Whether a person may be in this meeting as it is: not while it is recorded by consent and theirs is not given."""
    tape = tape_of(session, hearing)
    if tape is None or tape.basis == "order" or tape.state not in TAPING:
        return True
    return answers_in(session, hearing).get(person) == "given"


def missing_consents(session: Session, hearing: str, people: Iterable[str]) -> list[str]:
    """Who of these people has not consented."""
    answers = answers_in(session, hearing)
    return [person for person in people if answers.get(person) != "given"]


def put_answer(work: Work, tape: Recording, answer: str, *, person: str, client_id: str | None) -> Entry:
    """Notes what somebody said, in the record too."""
    record = record_of(work.session, tape.room_id)
    facts = {"recording": tape.id, "hearing": tape.hearing_id, "person": person}
    entry = work.happened(
        f"recording_consent_{answer}", record, person, public=facts, body=facts, client_id=client_id
    )
    latest = select(TapeAnswer.order).order_by(TapeAnswer.order.desc()).limit(1)
    order = (work.session.scalar(latest) or 0) + 1
    work.add(
        TapeAnswer(
            id=new_id(), entry_id=entry.id, hearing_id=tape.hearing_id, person_id=person, answer=answer, order=order, at=work.now
        )
    )  # fmt: skip
    work.session.flush()
    return entry


def begin_tape(
    work: Work, tape: Recording, *, actor: str | None, reason: str = "", client_id: str | None = None
) -> None:
    """From now on the meeting is recorded."""
    tape.state, tape.started_at = "on", work.now
    public = {"recording": tape.id, "hearing": tape.hearing_id, "basis": tape.basis}
    tell(work, tape, "recording_started", actor, public=public, reason=reason, client_id=client_id)


def end_tape(
    work: Work,
    tape: Recording,
    *,
    code: str,
    actor: str | None,
    reason: str = "",
    client_id: str | None = None,
) -> None:
    """Nothing more is recorded. What was is collected, put together and kept."""
    tape.state, tape.ended_at, tape.end_code = "ended", work.now, code
    public = {"recording": tape.id, "hearing": tape.hearing_id, "code": code}
    tell(work, tape, "recording_stopped", actor, public=public, reason=reason, client_id=client_id)
    if tape.was_on:
        collect_later(work, tape.id, wait=timedelta(seconds=1))  # what is on its way to the files gets there


def end_with_meeting(work: Work, hearing: str, *, actor: str) -> None:
    """A meeting that is closed takes its recording along."""
    if (tape := tape_of(work.session, hearing)) is not None:
        end_tape(work, tape, code="meeting_closed", actor=actor)


def collect_later(work: Work, recording: str, *, wait: timedelta = timedelta()) -> None:
    """Leaves the job that takes finished files into the record."""
    work.later("collect_tracks", {"recording": recording}, run_at=work.now + wait)


def tell(
    work: Work,
    tape: Recording,
    kind: str,
    actor: str | None,
    *,
    public: Mapping[str, object],
    reason: str = "",
    client_id: str | None = None,
) -> Entry:
    """An entry in the record; a reason in words is content, never public."""
    body = {**public} | ({"reason": reason.strip()[:LONGEST_REASON]} if reason.strip() else {})
    return work.happened(
        kind, record_of(work.session, tape.room_id), actor, public=public, body=body, client_id=client_id
    )


def given(reason: str) -> str:
    """A reason that is a must."""
    if not reason.strip():
        raise Invalid("order.reason_missing")
    return reason.strip()
