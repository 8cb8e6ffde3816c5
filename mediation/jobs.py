"""Jobs: what follows a fact; written in the fact's own transaction, done later, tried again when it fails.

A runner leases a due job, does it, and marks it done; a runner that dies loses its lease and another takes the job up.
After five failures a job is dead and stays, with its error, for the operator.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, Text, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Json, Key, MaybeMoment, Moment
from mediation.ids import new_id

if TYPE_CHECKING:
    from mediation.work import Work

LEASE = timedelta(seconds=60)
TRIES = 5
ONE_AT_A_TIME = frozenset({"read_words"})
"""Whoever sends files that are hard to read keeps one thread busy, and never the one that a certificate waits for."""


class Postponed(Exception):
    """What a job needs is not there now: it is done again after `wait`, however often; the text says what it waits for."""

    def __init__(self, why: str, *, wait: timedelta) -> None:
        super().__init__(why)
        self.wait = wait


class Job(Base):
    """Something to be done after the commit."""

    __tablename__ = "jobs"

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str | None] = mapped_column(String(120), unique=True)
    payload: Mapped[Json]
    run_at: Mapped[Moment] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[MaybeMoment]
    done_at: Mapped[MaybeMoment]
    error: Mapped[str | None] = mapped_column(Text)


@dataclass(frozen=True, slots=True)
class Leased:
    """A job in the hands of a runner."""

    id: str
    kind: str
    payload: Mapping[str, Any]


def add_job(
    work: "Work", kind: str, payload: Mapping[str, Any], *, run_at: datetime | None, key: str | None
) -> None:
    """Writes a job; one with a `key` that exists already is not written again."""
    if key is not None and work.session.scalar(select(Job.id).where(Job.key == key)):
        return
    work.add(Job(id=new_id(), kind=kind, key=key, payload=dict(payload), run_at=run_at or work.now, tries=0))


def lease_jobs(work: "Work", *, limit: int = 8) -> list[Leased]:
    """Due jobs that nobody holds, now held by the caller for a minute."""
    due = select(Job).where(Job.done_at.is_(None), Job.tries < TRIES, Job.run_at <= work.now)
    in_hand = (Job.done_at.is_(None), Job.lease_until > work.now, Job.kind.in_(ONE_AT_A_TIME))
    busy = select(Job.kind).where(*in_hand)
    free = (
        due.where((Job.lease_until.is_(None)) | (Job.lease_until <= work.now), Job.kind.not_in(busy))
        .order_by(Job.run_at)
        .limit(limit)
    )
    leased = []
    for job in work.session.scalars(free):
        job.lease_until = work.now + LEASE
        job.tries += 1
        leased.append(Leased(job.id, job.kind, job.payload))
    return leased


def keep_lease(work: "Work", *, kind: str, payload: Mapping[str, Any]) -> None:
    """Whoever does a long job says now and then that it is still in hand."""
    held = Job.lease_until.is_not(None) & Job.done_at.is_(None) & (Job.kind == kind)
    for job in work.session.scalars(select(Job).where(held)):
        if job.payload == payload:
            job.lease_until = work.now + LEASE


def free_leases(work: "Work") -> None:
    """At the start of the only server: whoever held a lease is gone."""
    held = Job.lease_until.is_not(None) & Job.done_at.is_(None)
    work.session.execute(update(Job).where(held).values(lease_until=None, tries=Job.tries - 1))


def finish_job(work: "Work", *, job: str) -> None:
    """Marks a job done and forgets its payload, which may hold a code or a link."""
    done = work.get(Job, job)
    done.done_at, done.lease_until, done.payload = work.now, None, {}


def fail_job(work: "Work", *, job: str, error: str) -> None:
    """Notes why a job failed and when it is tried again: after 1, 2, 4 and 8 seconds, then never."""
    failed = work.get(Job, job)
    failed.error, failed.lease_until = error[:2000], None
    failed.run_at = work.now + timedelta(seconds=2 ** (failed.tries - 1))


def postpone_job(work: "Work", *, job: str, why: str, wait: timedelta) -> None:
    """Notes what a job waits for, and when it is tried again; this counts as no failure."""
    postponed = work.get(Job, job)
    postponed.error, postponed.lease_until, postponed.tries = why[:2000], None, 0
    postponed.run_at = work.now + wait


def waiting_jobs(session: Session, kind: str) -> list[Job]:
    """Those of a kind that are still to be done, oldest first."""
    query = select(Job).where(Job.kind == kind, Job.done_at.is_(None)).order_by(Job.run_at)
    return list(session.scalars(query))


def next_due(session: Session) -> datetime | None:
    """When the next job wants to run."""
    waiting = select(Job.run_at).where(Job.done_at.is_(None), Job.tries < TRIES, Job.lease_until.is_(None))
    return session.scalar(waiting.order_by(Job.run_at).limit(1))
