"""An agreement as one person sees it: the version, who signs, what they may do, and what changed since they last read."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from mediation.agreements.agreement import AgreementVersion, comparison_of, last_read
from mediation.agreements.compare import Comparison
from mediation.agreements.looking import Seen, agreement_for, agreement_in
from mediation.agreements.signature import Signer, signed_by, signers_of
from mediation.cases.case import standings_in
from mediation.cases.party import client_of
from mediation.people.permission import may
from mediation.people.person import Person
from web.case_view import signs_now


@dataclass(frozen=True, slots=True)
class AgreementView:
    """`changes` compares with the version that was read last; `for_client` names whom an agent signs for."""

    seen: Seen
    names: Mapping[str, str]
    parties: list[tuple[str, str]]
    signers: list[Signer]
    may: Mapping[str, bool]
    signed: bool
    for_client: str
    last_read: int | None
    changes: Comparison | None
    reached_at: str


def view_in_case(session: Session, person: str, case: str) -> AgreementView:
    return _view(session, person, agreement_in(session, person, case))


def view_of(session: Session, person: str, agreement: str) -> AgreementView:
    return _view(session, person, agreement_for(session, person, agreement))


def compared(
    session: Session, person: str, agreement: str, old: int, new: int, language: str
) -> tuple[AgreementView, Comparison]:
    """Two versions this person may see; raises `NotFound` for others."""
    view = view_of(session, person, agreement)
    view.seen.version(old), view.seen.version(new)
    return view, comparison_of(session, agreement, old, new, language)


def _view(session: Session, person: str, seen: Seen) -> AgreementView:
    case, agreement, version = seen.case, seen.agreement, seen.current
    people = standings_in(session, case.id)
    client = client_of(session, person, case.id)
    names = {one.person: one.name for one in people}
    read = last_read(session, person, agreement.id) if agreement else None
    return AgreementView(
        seen=seen,
        names=names,
        parties=[(one.person, one.name) for one in people if one.standing in {"claimant", "respondent"}],
        signers=signers_of(session, agreement)
        if agreement and agreement.state in {"frozen", "effective"}
        else [],
        may=_may(session, seen),
        signed=agreement is not None and client in signed_by(session, agreement),
        for_client=names.get(client, "") if client != person else "",
        last_read=read,
        changes=_since(session, seen, version, read),
        reached_at=session.get_one(Person, person).reached_at,
    )


def _since(
    session: Session, seen: Seen, version: AgreementVersion | None, read: int | None
) -> Comparison | None:
    if version is None or read is None or read >= version.number or seen.agreement is None:
        return None
    if version.is_erased or seen.version(read).is_erased:
        return None
    return comparison_of(session, seen.agreement.id, read, version.number)


def _may(session: Session, seen: Seen) -> Mapping[str, bool]:
    actor, case, agreement = seen.actor, seen.case, seen.agreement
    state = agreement.state if agreement else "drafting"
    changeable = state in {"drafting", "declined"}
    return {
        "sign": agreement is not None and signs_now(session, actor, case, agreement),
        "propose": changeable and may(actor, "draft_agreement", case),
        "freeze": agreement is not None and changeable and may(actor, "freeze_agreement", case),
        "unfreeze": state == "frozen" and may(actor, "freeze_agreement", case),
    }
