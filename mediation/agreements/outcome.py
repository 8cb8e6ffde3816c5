"""Outcomes: what a settled case ended in, written in the transaction of the last signature, with the plan of what is to be performed."""

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.agreements.agreement import Agreement, AgreementVersion
from mediation.agreements.terms import Money, Obligation, Terms, totals
from mediation.base import Base, Id, Json, Key, MaybeId, MaybeMoment, Moment
from mediation.cases.case import Case, record_of_case
from mediation.ids import new_id
from mediation.record.entry import Entry
from mediation.record.seal import plan_seal
from mediation.work import Work


class Outcome(Base):
    """The outcome of a case: what was agreed, since when, and the certificate of it. `code` opens the public check.

    `waits_for` are the signs of a name that no font here has: the certificate is printed when one does.
    """

    __tablename__ = "outcomes"

    id: Mapped[Key]
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), unique=True)
    agreement_id: Mapped[str] = mapped_column(ForeignKey("agreements.id"), index=True)
    version: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64), index=True)
    amounts: Mapped[Json]
    effective_at: Mapped[Moment]
    effective_hash: Mapped[str] = mapped_column(String(64))
    entry_id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(32), unique=True)
    certificate_id: Mapped[MaybeId]
    certificate_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    certified_at: Mapped[MaybeMoment]
    waits_for: Mapped[str | None] = mapped_column(Text)


class Instalment(Base):
    """One obligation of the performance plan; `what` is set where it is not money. `state` is pending until somebody says otherwise."""

    __tablename__ = "instalments"
    __table_args__ = (UniqueConstraint("outcome_id", "number"),)

    id: Mapped[Key]
    outcome_id: Mapped[str] = mapped_column(ForeignKey("outcomes.id"))
    number: Mapped[int]
    payer_id: Mapped[Id]
    payee_id: Mapped[Id]
    amount: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    what: Mapped[str | None] = mapped_column(Text)
    due: Mapped[str] = mapped_column(String(10), index=True)
    state: Mapped[str] = mapped_column(String(12))


def settle(
    work: Work, case: Case, agreement: Agreement, text: AgreementVersion, *, effective: Entry, actor: str
) -> Outcome:
    """The case is settled: outcome, plan, entry and the certificate's job, all in the transaction that is on."""
    terms = text.terms
    outcome_id = new_id()
    due_dates = sorted({one.due.isoformat() for one in terms.obligations if one.due})
    public = {"outcome": outcome_id, "case": case.id, "agreement": agreement.id, "digest": text.digest}
    plan = _plan(outcome_id, terms)
    body = public | {"amounts": totals(terms), "due_dates": due_dates, "plan": [_told(one) for one in plan]}
    entry = work.happened(
        "case_settled", record_of_case(work.session, case.id), actor, public=public, body=body
    )
    outcome = Outcome(
        id=outcome_id,
        case_id=case.id,
        agreement_id=agreement.id,
        version=text.number,
        digest=text.digest,
        amounts=totals(terms),
        effective_at=work.now,
        effective_hash=effective.hash,
        entry_id=entry.id,
        code=new_id(),
    )
    work.add(outcome)
    work.session.flush()
    work.session.add_all(plan)
    case.state, case.end_reason, case.ended_at = "agreed", "agreed", work.now
    work.later("certificate", {"outcome": outcome.id}, key=f"certificate:{outcome.id}")
    plan_seal(work)
    return outcome


def outcome_of(session: Session, case: str) -> Outcome | None:
    """The outcome of a settled case; everybody in the case may read it."""
    return session.scalar(select(Outcome).where(Outcome.case_id == case))


def plan_of(session: Session, outcome: str) -> list[Instalment]:
    """The obligations in the order of the agreement."""
    query = select(Instalment).where(Instalment.outcome_id == outcome)
    return list(session.scalars(query.order_by(Instalment.number)))


def _plan(outcome: str, terms: Terms) -> list[Instalment]:
    return [_instalment(outcome, n, one) for n, one in enumerate(terms.obligations, start=1)]


def _instalment(outcome: str, number: int, one: Obligation) -> Instalment:
    assert one.due is not None  # check_terms has refused an obligation without a date
    money = one.what if isinstance(one.what, Money) else None
    return Instalment(
        id=new_id(),
        outcome_id=outcome,
        number=number,
        payer_id=one.payer,
        payee_id=one.payee,
        amount=money.amount if money else None,
        currency=money.currency if money else None,
        what=None if isinstance(one.what, Money) else one.what.text,
        due=one.due.isoformat(),
        state="pending",
    )


def _told(one: Instalment) -> dict[str, Any]:
    """An obligation as the entry tells it; how it is performed comes later."""
    return {
        name: getattr(one, name)
        for name in ("number", "payer_id", "payee_id", "amount", "currency", "what", "due")
    }
