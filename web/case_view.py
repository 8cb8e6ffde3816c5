"""A case as one person sees it: what the page of the case shows, gathered in one reading."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from mediation.agreements.agreement import Agreement
from mediation.agreements.looking import agreement_in
from mediation.agreements.outcome import outcome_of, plan_of
from mediation.agreements.signature import needed_from, signed_by
from mediation.cases.case import Case, Standing, case_for, standings_in
from mediation.cases.consent import standing_answer
from mediation.cases.invitation import Invitation, invitations_of
from mediation.cases.party import client_of
from mediation.documents.file import FileView, documents_erased, documents_for
from mediation.documents.withdrawal import withdrawals_in
from mediation.hearings.hearing import Hearing, hearings_of
from mediation.hearings.kit import KitCheck, last_checks
from mediation.keys import Keys
from mediation.people.permission import BENCH, SIDES, Actor, may
from mediation.rooms.channel import WALLED, record_of
from mediation.rooms.room import Room, room_of
from web.consent_view import Asked, consent_rows
from web.course import Event, course_of


@dataclass(frozen=True, slots=True)
class Taking:
    """Somebody who takes part, and how their invitation stands."""

    person: str
    name: str
    standing: str
    side: str
    authority: str | None
    represents: str
    invitable: bool
    invitation: str
    invitation_id: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A document in the list; one that is `numbered` can be checked by everybody who has its number; of an `unsearchable` one no
    words could be read."""

    id: str
    name: str
    by: str
    at: str
    size: int
    private: bool
    numbered: bool
    withdrawn: bool
    may_withdraw: bool
    unsearchable: bool


@dataclass(frozen=True, slots=True)
class Kit:
    """Somebody whom the mediator will meet, and their last check of camera and sound."""

    name: str
    standing: str
    side: str
    check: KitCheck | None


@dataclass(frozen=True, slots=True)
class CaseView:
    case: Case
    actor: Actor
    cause: str
    room: str
    agreement: str
    parties: list[Taking]
    ledger: list[Asked]
    course: list[Event]
    deadlines: list[tuple[str, datetime]]
    hearings: list[Hearing]
    kits: list[Kit]
    documents: list[Paper]
    erased_documents: int
    outcome: Mapping[str, Any] | None
    may: Mapping[str, bool]
    claimants: str
    respondents: str
    end_reason: str


def case_view(session: Session, keys: Keys, person: str, case: str, *, now: datetime, tag: str) -> CaseView:
    """Raises `NotFound` for somebody who is not in the case."""
    found, actor = case_for(session, person, case)
    people = standings_in(session, case)
    names = {one.person: one.name for one in people}
    room = room_of(session, case)
    agreement = agreement_in(session, person, case).agreement
    between = "、" if tag == "zh-CN" else ", "
    reason = found.rules.end_reason(found.end_reason or "")
    return CaseView(
        case=found,
        actor=actor,
        cause=found.rules.cause(found.cause, tag),
        room="" if room.state == "preparing" else room.id,
        agreement=agreement.id if agreement else "",
        parties=_taking(people, names, invitations_of(session, case), now),
        ledger=consent_rows(session, case, people),
        course=course_of(session, keys, room, found, names),
        deadlines=_deadlines(found, agreement),
        hearings=hearings_of(session, case),
        kits=_kits(session, actor, room, people),
        documents=_papers(session, keys, actor, room, people),
        erased_documents=documents_erased(session, person, room.id),
        outcome=_outcome(session, case, names),
        may=_may(session, actor, found, room, agreement),
        claimants=between.join(one.name for one in people if one.standing == "claimant"),
        respondents=between.join(one.name for one in people if one.standing == "respondent"),
        end_reason=reason.text.of(tag) if reason else "",
    )


def _taking(
    people: list[Standing], names: Mapping[str, str], sent: list[Invitation], now: datetime
) -> list[Taking]:
    latest = {one.person_id: one for one in reversed(sent)}
    accepted = {one.person_id for one in sent if one.accepted_at}

    def state(person: str) -> str:
        if person in accepted:
            return "accepted"
        invitation = latest.get(person)
        if invitation is None or invitation.revoked_at:
            return ""
        return "sent" if invitation.is_open(now) else "expired"

    return [
        Taking(
            one.person,
            one.name,
            one.standing,
            one.side,
            one.authority,
            names.get(one.represents or "", ""),
            one.standing in SIDES,
            state(one.person),
            latest[one.person].id if one.person in latest else "",
        )
        for one in people
    ]


def _deadlines(case: Case, agreement: Agreement | None) -> list[tuple[str, datetime]]:
    found: list[tuple[str, datetime]] = []
    if case.state == "consent_pending":
        found.append(("consent", case.consent_deadline))
    if case.state == "mediating" and case.mediation_ends_at:
        found.append(("mediation", case.mediation_ends_at))
    if agreement and agreement.state == "frozen" and agreement.signing_until:
        found.append(("signing", agreement.signing_until))
    return sorted(found, key=lambda one: one[1])


def _kits(session: Session, actor: Actor, room: Room, people: list[Standing]) -> list[Kit]:
    """For whoever leads, as long as there is a meeting to prepare."""
    if room.state != "open" or not may(actor, "see_checks"):
        return []
    made = {check.person_id: check for check in last_checks(session, room.id)}
    return [
        Kit(one.name, one.standing, one.side, made.get(one.person))
        for one in people
        if one.person != actor.person and (one.person in made or one.side != "bench")
    ]


def _papers(session: Session, keys: Keys, actor: Actor, room: Room, people: list[Standing]) -> list[Paper]:
    gone = withdrawals_in(session, record_of(session, room.id))
    names = {one.person: one.name for one in people}
    bench = {one.person for one in people if one.standing in BENCH}

    def paper(one: FileView) -> Paper:
        numbered = one.channel_kind == "record" and one.purpose == "document"
        own = one.person in bench and (one.person == actor.person or actor.standing == "clerk")
        return Paper(
            one.id,
            one.title or one.name,
            names.get(one.person or "", ""),
            one.at,
            one.size,
            private=one.channel_kind in WALLED,
            numbered=numbered,
            withdrawn=one.id in gone,
            may_withdraw=numbered and own and one.id not in gone,
            unsearchable=one.text_state == "failed",
        )

    return [paper(one) for one in documents_for(session, keys, actor.person, room.id)]


def _outcome(session: Session, case: str, names: Mapping[str, str]) -> Mapping[str, Any] | None:
    found = outcome_of(session, case)
    if found is None:
        return None
    payments = [
        {
            "due": one.due,
            "payer": names.get(one.payer_id, ""),
            "payee": names.get(one.payee_id, ""),
            "amount": one.amount,
            "currency": one.currency,
            "text": one.what or "",
        }
        for one in plan_of(session, found.id)
    ]
    return {
        "effective_at": found.effective_at,
        "certificate": found.certificate_id or "",
        "waits_for": found.waits_for or "",
        "payments": payments,
        "totals": list(found.amounts.items()),
    }


def _may(
    session: Session, actor: Actor, case: Case, room: Room, agreement: Agreement | None
) -> Mapping[str, bool]:
    answer = standing_answer(session, case.id, client_of(session, actor.person, case.id))
    return {
        "consent": case.state == "consent_pending" and may(actor, "consent", case) and answer != "given",
        "withdraw": may(actor, "consent", case) and answer == "given",
        "open": may(actor, "open_room", case) and room.state == "preparing",
        "invite": may(actor, "invite", case),
        "book": may(actor, "book_hearing", case),
        "end": may(actor, "end_case", case),
        "agreement": agreement is not None or may(actor, "draft_agreement", case),
        "sign": agreement is not None and signs_now(session, actor, case, agreement),
    }


def signs_now(session: Session, actor: Actor, case: Case, agreement: Agreement) -> bool:
    """Whether this person's signature is still missing under the frozen text."""
    if agreement.state != "frozen" or not (
        may(actor, "sign_agreement", case) or actor.standing == "mediator"
    ):
        return False
    person = client_of(session, actor.person, case.id)
    return person in needed_from(session, case) and person not in signed_by(session, agreement)
