"""Invitations: a link that says who asks whom into which case; it identifies, and a one-time code signs in (A6, B3).

Opening the link never uses it up: mail scanners and previews open links too.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Key, MaybeMoment, Moment
from mediation.cases.case import Case, record_of_case
from mediation.cases.party import party_of
from mediation.errors import Invalid, NotFound
from mediation.ids import new_id
from mediation.people.code import check_code, issue_code
from mediation.people.permission import Actor, require
from mediation.people.person import Person
from mediation.people.signin import open_sign_in
from mediation.work import Work

LIFETIME = timedelta(days=30)
RESENT_AFTER = timedelta(seconds=30)


class Invitation(Base):
    """An invitation that was sent. A new one revokes the earlier ones of the same person in the same case."""

    __tablename__ = "invitations"

    id: Mapped[Key]
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    sent_at: Mapped[Moment]
    opened_at: Mapped[MaybeMoment]
    accepted_at: Mapped[MaybeMoment]
    expires_at: Mapped[Moment]
    revoked_at: Mapped[MaybeMoment]

    def is_open(self, now: datetime) -> bool:
        """Whether the link still leads somewhere."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Invited:
    """What an invitation's page shows before anybody has signed in: nothing of the case but that it exists."""

    invitation: str
    person: str
    reached_at: str
    locale: str
    organisation: str
    case: str
    is_open: bool


def invite(work: Work, *, by: Actor, case: str, person: str) -> Invitation:
    """Sends a person of the case a link to it, by mail and by text message.

    Raises `NotFound` for somebody who is not in the case, `Invalid` when one was sent half a minute ago.
    """
    invited_to = work.get(Case, case)
    require(by, "invite", invited_to)
    if party_of(work.session, person, case) is None:
        raise NotFound
    mine = (Invitation.case_id == case, Invitation.person_id == person, Invitation.revoked_at.is_(None))
    latest = work.session.scalar(select(Invitation).where(*mine).order_by(Invitation.sent_at.desc()).limit(1))
    if latest is not None and work.now - latest.sent_at < RESENT_AFTER:
        raise Invalid("invitation.just_sent")
    work.session.execute(update(Invitation).where(*mine).values(revoked_at=work.now))
    token = secrets.token_urlsafe(24)
    invitation = work.add(
        Invitation(
            id=new_id(),
            case_id=case,
            person_id=person,
            token_hash=_hash(token),
            sent_at=work.now,
            expires_at=work.now + LIFETIME,
        )
    )
    link = f"{work.settings.address}/invitations/{token}"
    work.later("notice", {"person": person, "notice": "invitation", "params": {"link": link}, "by": "both"})
    facts = {"person": person, "invitation": invitation.id}
    work.happened("invitation_sent", record_of_case(work.session, case), by.person, public=facts, body=facts)
    return invitation


def invitation_at(session: Session, token: str, organisation: str, now: datetime) -> Invited:
    """What the link leads to; raises `NotFound` for an unknown one. One that has expired or was revoked says so."""
    invitation = session.scalar(select(Invitation).where(Invitation.token_hash == _hash(token)))
    if invitation is None:
        raise NotFound("invitation.unknown")
    person = session.get_one(Person, invitation.person_id)
    is_open = invitation.is_open(now)
    return Invited(
        invitation.id, person.id, person.reached_at, person.locale, organisation, invitation.case_id, is_open
    )


def send_invitation_code(work: Work, *, token: str) -> datetime:
    """Sends the invited person a sign-in code to the registered address; gives the time until which it is good."""
    invitation = _open(work, token)
    if invitation.opened_at is None:
        invitation.opened_at = work.now
        facts = {"person": invitation.person_id, "invitation": invitation.id}
        record = record_of_case(work.session, invitation.case_id)
        work.happened("invitation_opened", record, invitation.person_id, public=facts, body=facts)
    return issue_code(work, person=invitation.person_id, purpose="sign_in")


def accept_invitation(work: Work, *, token: str, code: str, device: str, ip: str) -> tuple[str, str]:
    """Signs the invited person in by the code; gives the session's secret and the case. Raises as `check_code`."""
    invitation = _open(work, token)
    check_code(work, person=invitation.person_id, purpose="sign_in", code=code)
    invitation.accepted_at = invitation.accepted_at or work.now
    secret = open_sign_in(
        work, person=invitation.person_id, kind="browser", way="invitation", device=device, ip=ip
    )
    return secret, invitation.case_id


def revoke_invitation(work: Work, *, by: Actor, case: str, invitation: str) -> None:
    """Makes the link lead nowhere. `by` is what somebody is in this very case: a mediator elsewhere is none here."""
    require(by, "revoke_invitation")
    revoked = work.get(Invitation, invitation)
    if revoked.case_id != case:
        raise NotFound
    revoked.revoked_at = revoked.revoked_at or work.now


def invitations_of(session: Session, case: str) -> list[Invitation]:
    """The invitations of a case, latest first."""
    query = select(Invitation).where(Invitation.case_id == case)
    return list(session.scalars(query.order_by(Invitation.sent_at.desc())))


def _open(work: Work, token: str) -> Invitation:
    invitation = work.session.scalar(select(Invitation).where(Invitation.token_hash == _hash(token)))
    if invitation is None:
        raise NotFound("invitation.unknown")
    if not invitation.is_open(work.now):
        raise Invalid("invitation.expired")
    return invitation


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
