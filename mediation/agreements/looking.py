"""Who may look at what of an agreement: drafts belong to the talks; the signed text is the case's."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from mediation.agreements.agreement import Agreement, AgreementVersion, agreement_of, version_of, versions_of
from mediation.cases.case import Case, case_for
from mediation.errors import NotFound
from mediation.people.permission import Actor


@dataclass(frozen=True, slots=True)
class Seen:
    """An agreement as one person may see it: the versions, latest first; for who is not in the talks, the signed one alone."""

    case: Case
    actor: Actor
    agreement: Agreement | None
    versions: tuple[AgreementVersion, ...]

    def version(self, number: int) -> AgreementVersion:
        """One of the versions; raises `NotFound` for what this person may not see."""
        for version in self.versions:
            if version.number == number:
                return version
        raise NotFound

    @property
    def current(self) -> AgreementVersion | None:
        """The frozen or signed version, else the latest."""
        if not self.versions or self.agreement is None:
            return None
        return self.version(self.agreement.frozen or self.versions[0].number)


def agreement_in(session: Session, person: str, case: str) -> Seen:
    """The agreement of a case as this person may see it; raises `NotFound` for a stranger."""
    found, actor = case_for(session, person, case)
    agreement = agreement_of(session, case)
    if agreement is None:
        return Seen(found, actor, None, ())
    if actor.standing in {"claimant", "respondent", "agent", "mediator"}:
        return Seen(found, actor, agreement, tuple(versions_of(session, agreement.id)))
    if agreement.state != "effective" or agreement.frozen is None:
        return Seen(found, actor, None, ())
    return Seen(found, actor, agreement, (version_of(session, agreement.id, agreement.frozen),))


def agreement_for(session: Session, person: str, agreement: str) -> Seen:
    """The same by the agreement's own id; raises `NotFound` when there is none, or none for this person."""
    found = session.get(Agreement, agreement)
    if found is None:
        raise NotFound
    seen = agreement_in(session, person, found.case_id)
    if seen.agreement is None:
        raise NotFound
    return seen
