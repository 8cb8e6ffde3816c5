"""Signatures: each party signs exactly the text that was seen, once, with a code that is good for this person and this text."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.agreements.agreement import Agreement, AgreementVersion, version_of
from mediation.agreements.outcome import settle
from mediation.base import Base, Id, Key, Moment
from mediation.cases.case import Case, record_of_case, standings_in
from mediation.cases.party import client_of, principals
from mediation.errors import NotAllowed, WrongState
from mediation.ids import new_id
from mediation.people.code import check_code, issue_code
from mediation.people.permission import Actor, require
from mediation.people.person import Person
from mediation.work import Work

PURPOSE = "sign_agreement"


class Signature(Base):
    """A party's signature under one exact text. `signer_id` is an agent's where one with special authority signed (B5)."""

    __tablename__ = "signatures"
    __table_args__ = (UniqueConstraint("agreement_id", "round", "person_id"),)

    id: Mapped[Key]
    agreement_id: Mapped[str] = mapped_column(ForeignKey("agreements.id"))
    round: Mapped[int]
    version: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[Id]
    signer_id: Mapped[Id]
    at: Mapped[Moment]
    entry_id: Mapped[Id]
    entry_hash: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True, slots=True)
class Signed:
    """The answer to a signature; the same act again gets the same answer, but for what others did since."""

    entry: str
    hash: str
    effective: bool


@dataclass(frozen=True, slots=True)
class CodeSent:
    sent_to: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody whose signature is needed; `through` is the name of the agent who gave it, `at` when."""

    person: str
    name: str
    standing: str
    side: str
    through: str
    at: datetime | None


def send_signing_code(work: Work, *, by: Actor, agreement: str, version: int, digest: str) -> CodeSent:
    """Sends the code with which this person can sign this exact text."""
    signed, text, _ = _to_be_signed(work, by, agreement, version, digest)
    expires_at = issue_code(work, person=by.person, purpose=PURPOSE, bound=_bound(signed, text))
    return CodeSent(work.get(Person, by.person).reached_at, expires_at)


def sign_agreement(
    work: Work,
    *,
    by: Actor,
    agreement: str,
    version: int,
    digest: str,
    code: str,
    client_id: str | None = None,
) -> Signed:
    """Signs; the last missing signature makes the agreement effective and settles the case in the same transaction.

    Raises `WrongState` when this is not the text that is frozen now, `NotAllowed` without special authority, `Invalid` for a wrong code.
    """
    signed = work.get(Agreement, agreement)
    person = client_of(work.session, by.person, signed.case_id)
    if first := _first_answer(work.session, signed, person, version, digest):
        return first
    _, text, case = _to_be_signed(work, by, agreement, version, digest)
    check_code(work, person=by.person, purpose=PURPOSE, code=code, bound=_bound(signed, text))
    public = {"agreement": signed.id, "version": text.number, "digest": text.digest, "person": person}
    record = record_of_case(work.session, case.id)
    body = public | {"signer": by.person}
    entry = work.happened(
        "agreement_signed", record, by.person, public=public, body=body, client_id=client_id
    )
    signature = Signature(
        id=new_id(),
        agreement_id=signed.id,
        round=signed.round,
        version=text.number,
        digest=text.digest,
        person_id=person,
        signer_id=by.person,
        at=work.now,
        entry_id=entry.id,
        entry_hash=entry.hash,
    )
    work.add(signature)
    work.session.flush()
    if complete := needed_from(work.session, case) <= signed_by(work.session, signed):
        _take_effect(work, signed, text, case, actor=by.person)
    return Signed(entry.id, entry.hash, complete)


def refuse_to_sign(
    work: Work, *, by: Actor, agreement: str, version: int, client_id: str | None = None
) -> Agreement:
    """Says no to the frozen text: it is open for changes again, and the mediator may end the mediation for it (OMR 25)."""
    refused = work.get(Agreement, agreement)
    record = record_of_case(work.session, refused.case_id)
    if client_id and work.earlier(record, by.person, client_id):
        return refused
    require(by, "sign_agreement", work.get(Case, refused.case_id))
    if refused.state != "frozen" or refused.frozen != version:
        raise WrongState("agreements.not_frozen")
    person = client_of(work.session, by.person, refused.case_id)
    if person in signed_by(work.session, refused):
        raise WrongState("agreements.signed_already")
    refused.state, refused.frozen, refused.signing_until = "declined", None, None
    public = {"agreement": refused.id, "version": version, "person": person}
    work.happened("signing_refused", record, by.person, public=public, body=public, client_id=client_id)
    return refused


def needed_from(session: Session, case: Case) -> set[str]:
    """Whose signatures the pack's rule asks for before the agreement takes effect."""
    needed = set(principals(session, case.id))
    if case.rules.effectivity.rule == "with_mediator_and_seal":
        needed |= {one.person for one in standings_in(session, case.id) if one.standing == "mediator"}
    return needed


def signatures_of(session: Session, agreement: Agreement) -> list[Signature]:
    """The signatures of the round that is on, or that made the agreement effective, in their order."""
    query = select(Signature).where(
        Signature.agreement_id == agreement.id, Signature.round == agreement.round
    )
    return list(session.scalars(query.order_by(Signature.at)))


def signed_by(session: Session, agreement: Agreement) -> set[str]:
    return {signature.person_id for signature in signatures_of(session, agreement)}


def signers_of(session: Session, agreement: Agreement) -> list[Signer]:
    """Everybody whose signature is needed, and who has given it."""
    case = session.get_one(Case, agreement.case_id)
    people = {one.person: one for one in standings_in(session, case.id)}
    given = (
        {one.person_id: one for one in signatures_of(session, agreement)}
        if _is_being_signed(agreement)
        else {}
    )
    needed = needed_from(session, case)
    signers = []
    for one in people.values():
        if one.person in needed:
            signature = given.get(one.person)
            agent = signature.signer_id if signature and signature.signer_id != one.person else ""
            through = session.get_one(Person, agent).name if agent else ""
            at = signature.at if signature else None
            signers.append(Signer(one.person, one.name, one.standing, one.side, through, at))
    return signers


def _is_being_signed(agreement: Agreement) -> bool:
    return agreement.state in {"frozen", "effective"}


def _first_answer(
    session: Session, agreement: Agreement, person: str, version: int, digest: str
) -> Signed | None:
    """What was answered when this person, or their agent, signed this very text."""
    same = (Signature.person_id == person, Signature.version == version, Signature.digest == digest)
    query = select(Signature).where(
        Signature.agreement_id == agreement.id, Signature.round == agreement.round
    )
    found = session.scalar(query.where(*same)) if _is_being_signed(agreement) else None
    return Signed(found.entry_id, found.entry_hash, agreement.state == "effective") if found else None


def _to_be_signed(
    work: Work, by: Actor, agreement: str, version: int, digest: str
) -> tuple[Agreement, AgreementVersion, Case]:
    """The frozen text, when this person may sign exactly it now."""
    signed = work.get(Agreement, agreement)
    case = work.get(Case, signed.case_id)
    if by.standing == "agent" and by.authority != "special":
        raise NotAllowed("agreements.needs_special_authority")
    person = client_of(work.session, by.person, case.id)
    if by.standing != "mediator" or person not in needed_from(work.session, case):
        require(by, "sign_agreement", case)
    else:
        require(by, "freeze_agreement", case)
    if signed.state != "frozen" or signed.frozen is None or signed.signing_until is None:
        raise WrongState("agreements.not_frozen")
    text = version_of(work.session, agreement, signed.frozen)
    if (version, digest) != (text.number, text.digest):
        raise WrongState("agreements.text_changed", version=text.number)
    if work.now > signed.signing_until:
        raise WrongState("agreements.signing_over")
    if person in signed_by(work.session, signed):
        raise WrongState("agreements.signed_already")
    return signed, text, case


def _bound(agreement: Agreement, text: AgreementVersion) -> str:
    return f"{agreement.id}:{agreement.round}:{text.digest}"


def _take_effect(work: Work, agreement: Agreement, text: AgreementVersion, case: Case, *, actor: str) -> None:
    agreement.state, agreement.effective_at = "effective", work.now
    public = {"agreement": agreement.id, "version": text.number, "digest": text.digest}
    record = record_of_case(work.session, case.id)
    entry = work.happened("agreement_effective", record, actor, public=public, body=public)
    settle(work, case, agreement, text, effective=entry, actor=actor)
