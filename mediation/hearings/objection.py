"""Objections to a connection statement: who may read it, and "I disagree" in one act (mission 7.3)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.case import Case
from mediation.cases.party import people_in
from mediation.errors import NotAllowed, NotFound
from mediation.hearings.connection import ConnectionFact, Statement, statement_of
from mediation.hearings.hearing import Hearing, hearing_for
from mediation.people.permission import may
from mediation.record.entry import Entry, entries
from mediation.rooms.channel import record_of
from mediation.work import Work


@dataclass(frozen=True, slots=True)
class StatementView:
    """A statement with the meeting and the person it is about, and when it was objected to."""

    statement: Statement
    hearing: Hearing
    case: Case
    name: str
    own: bool
    objected_at: str


def statement_for(session: Session, reader: str, hearing: str, person: str) -> StatementView:
    """The statement about a person: for that person, and for who leads; raises `NotFound` for everybody else."""
    found, case, actor = hearing_for(session, reader, hearing)
    names = {who.id: who.name for _, who in people_in(session, case.id)}
    if person not in names or (person != reader and not may(actor, "lead")):
        raise NotFound
    statement = statement_of(session, found, person)
    objected = _objection(session, found, person)
    return StatementView(statement, found, case, names[person], person == reader, objected)


def statements_for(
    session: Session, reader: str, hearing: str
) -> tuple[Hearing, Case, Sequence[StatementView]]:
    """All that this reader may see of a meeting: everybody who was there, or oneself."""
    found, case, actor = hearing_for(session, reader, hearing)
    known = set(
        session.scalars(
            select(ConnectionFact.person_id).where(ConnectionFact.hearing_id == found.id).distinct()
        )
    )
    people = [who.id for _, who in people_in(session, case.id)]
    shown = [each for each in people if each in known and (each == reader or may(actor, "lead"))]
    return found, case, [statement_for(session, reader, hearing, each) for each in shown]


def dispute_statement(work: Work, *, by: str, hearing: str, person: str) -> Entry:
    """The person it is about does not agree with the statement as it stands now. Twice is once.

    Raises `NotAllowed` for who leads, who may read it, and `NotFound` for everybody else.
    """
    view = statement_for(work.session, by, hearing, person)
    if not view.own:
        raise NotAllowed("not_allowed")
    record = record_of(work.session, view.hearing.room_id)
    facts = {"person": person, "hearing": view.hearing.id, "digest": view.statement.digest}
    client_id = f"dispute:{view.hearing.id}"[:64]
    return work.happened("statement_disputed", record, by, public=facts, body=facts, client_id=client_id)


def _objection(session: Session, hearing: Hearing, person: str) -> str:
    """When the person objected, or nothing."""
    record = record_of(session, hearing.room_id)
    query = select(entries.c.at).where(
        entries.c.channel == record,
        entries.c.kind == "statement_disputed",
        entries.c.actor == person,
        entries.c.client_id == f"dispute:{hearing.id}"[:64],
    )
    return session.scalar(query) or ""
