"""Consent: each party's answer to online mediation, for all in the case to see (A5; OLR 4-5, OMR 15, 25; PML 17)."""

from dataclasses import dataclass

from sqlalchemy import ForeignKey, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Id, Key, Moment
from mediation.cases.case import Case, begin_mediation, close_case, record_of_case
from mediation.cases.party import client_of, principals
from mediation.errors import Invalid
from mediation.ids import new_id
from mediation.people.permission import Actor, require
from mediation.rooms.room import freeze_for_consent
from mediation.work import Work

STAGE = "mediation"


class Consent(Base):
    """One answer: given, refused or withdrawn, to a text of a version, in a language, by whom and for whom."""

    __tablename__ = "consents"

    id: Mapped[Key]
    order: Mapped[int] = mapped_column(Integer, unique=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    person_id: Mapped[Id]
    by_id: Mapped[Id]
    stage: Mapped[str] = mapped_column(String(24))
    answer: Mapped[str] = mapped_column(String(12))
    version: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(8))
    identity_level: Mapped[str] = mapped_column(String(24))
    device: Mapped[str] = mapped_column(String(200))
    at: Mapped[Moment]
    entry_id: Mapped[Id]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """How an answer was given: to which text, in which language, how well known the person is, from which device."""

    version: str
    language: str
    identity_level: str
    device: str


def give_consent(work: Work, *, by: Actor, case: str, how: Answering) -> Case:
    """Consents; with the last party's consent the mediation begins. Consenting again changes nothing.

    Raises `Invalid` when the text has a newer version than the one that was read.
    """
    asked = work.get(Case, case)
    require(by, "consent", asked)
    person = client_of(work.session, by.person, case)
    _is_current(asked, how)
    if standing_answer(work.session, case, person) == "given":
        return asked
    _answer(work, asked, by=by, person=person, answer="given", how=how)
    if asked.state == "consent_pending" and all_have_consented(work.session, case):
        begin_mediation(work, asked, actor=by.person)
        freeze_for_consent(work, case=case, frozen=False, actor=by.person)
    return asked


def refuse_consent(work: Work, *, by: Actor, case: str, how: Answering) -> Case:
    """One clear refusal ends the mediation with that reason (PML 17, OMR 25)."""
    asked = work.get(Case, case)
    person = client_of(work.session, by.person, case)
    if asked.is_over and standing_answer(work.session, case, person) == "refused":
        return asked
    require(by, "consent", asked)
    _is_current(asked, how)
    _answer(work, asked, by=by, person=person, answer="refused", how=how)
    close_case(work, asked, reason="unwilling", actor=by.person)
    return asked


def withdraw_consent(work: Work, *, by: Actor, case: str, how: Answering) -> Case:
    """Takes a given consent back: the mediation waits, read-only, until the party consents again or it is ended."""
    asked = work.get(Case, case)
    require(by, "consent", asked)
    person = client_of(work.session, by.person, case)
    if standing_answer(work.session, case, person) != "given":
        raise Invalid("consent.none_to_withdraw")
    _answer(work, asked, by=by, person=person, answer="withdrawn", how=how)
    if asked.state == "mediating":
        asked.state = "consent_pending"
        freeze_for_consent(work, case=case, frozen=True, actor=by.person)
    return asked


def ledger(session: Session, case: str) -> list[Consent]:
    """Every answer in this case, in order; everybody in the case may read it."""
    return list(session.scalars(select(Consent).where(Consent.case_id == case).order_by(Consent.order)))


def standing_answer(session: Session, case: str, person: str) -> str | None:
    """A party's latest answer, or None."""
    query = select(Consent.answer).where(Consent.case_id == case, Consent.person_id == person)
    return session.scalar(query.order_by(Consent.order.desc()).limit(1))


def all_have_consented(session: Session, case: str) -> bool:
    """Whether each claimant and respondent has consented and not withdrawn."""
    return all(standing_answer(session, case, person) == "given" for person in principals(session, case))


def _is_current(case: Case, how: Answering) -> None:
    if how.version != case.rules.consent.version:
        raise Invalid("consent.text_changed")


def _answer(work: Work, case: Case, *, by: Actor, person: str, answer: str, how: Answering) -> None:
    public = {
        "person": person,
        "stage": STAGE,
        "version": how.version,
        "language": how.language,
        "identity_level": how.identity_level,
    }
    body = public | {"device": how.device[:200]}
    entry = work.happened(
        f"consent_{answer}", record_of_case(work.session, case.id), by.person, public=public, body=body
    )
    latest = work.session.scalar(select(Consent.order).order_by(Consent.order.desc()).limit(1)) or 0
    work.add(
        Consent(
            id=new_id(),
            order=latest + 1,
            case_id=case.id,
            person_id=person,
            by_id=by.person,
            stage=STAGE,
            answer=answer,
            version=how.version,
            language=how.language,
            identity_level=how.identity_level,
            device=how.device[:200],
            at=work.now,
            entry_id=entry.id,
        )
    )
    work.session.flush()
