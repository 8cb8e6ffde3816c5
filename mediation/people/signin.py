"""Signing in: sessions of browsers and tokens of programs, kept here so that they can be listed and revoked.

What the browser or the program holds is a random secret; the table holds its SHA-256.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Id, Key, MaybeMoment, Moment
from mediation.errors import Invalid, NotFound
from mediation.ids import new_id
from mediation.people.code import check_code, issue_code, pretend_to_issue_code
from mediation.people.person import Person, acts_of, clean_email, clean_phone, person_at
from mediation.work import Work

SEEN_EVERY = timedelta(minutes=5)


class SignIn(Base):
    """A device of a person that is, or was, signed in."""

    __tablename__ = "sign_ins"

    id: Mapped[Key]
    person_id: Mapped[Id] = mapped_column(index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(8))
    device: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(64))
    way: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[Moment]
    seen_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    revoked_at: Mapped[MaybeMoment]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is behind a request, and by which sign-in."""

    sign_in: str
    kind: str
    way: str
    person: str
    name: str
    office: str | None
    locale: str
    zone: str
    seen_at: datetime
    device: str


def ask_for_code(work: Work, *, address: str) -> None:
    """Sends a sign-in code to a known address; an unknown one gets nothing, and the answer is the same."""
    person = person_at(work.session, address)
    if person is not None:
        issue_code(work, person=person.id, purpose="sign_in")
    else:
        pretend_to_issue_code(work, nobody=_nobody_at(work, address), purpose="sign_in")


def sign_in_by_code(work: Work, *, address: str, code: str, device: str, ip: str) -> tuple[str, Person]:
    """Signs in whoever holds the code of this address; gives the new secret and the person.

    Raises as `check_code`; an unknown address is answered like a known one with a wrong code.
    """
    person = person_at(work.session, address)
    who = person.id if person else _nobody_at(work, address)
    check_code(work, person=who, purpose="sign_in", code=code)
    if person is None:
        raise Invalid("code.wrong")  # no code opens it
    return open_sign_in(work, person=person.id, kind="browser", way="code", device=device, ip=ip), person


def _nobody_at(work: Work, address: str) -> str:
    """What stands for the person at an address that nobody has; the address itself is not kept."""
    own = clean_email(address) if "@" in address else clean_phone(address)
    return work.keys.mac("nobody", own)


def open_sign_in(work: Work, *, person: str, kind: str, way: str, device: str, ip: str = "") -> str:
    """Makes a session (`browser`) or a bearer token (`program`) and gives its secret; this is the only time it is seen."""
    who = work.get(Person, person)
    secret = secrets.token_urlsafe(32)
    lasts = (
        timedelta(hours=work.settings.staff_hours) if who.office else timedelta(days=work.settings.party_days)
    )
    sign_in = SignIn(
        id=new_id(),
        person_id=person,
        token_hash=_hash(secret),
        kind=kind,
        device=device[:200],
        address=ip,
        way=way,
        created_at=work.now,
        seen_at=work.now,
        expires_at=work.now + (timedelta(days=30) if kind == "program" else lasts),
    )
    work.add(sign_in)
    facts = {"sign_in": sign_in.id, "kind": kind, "way": way}
    work.happened(
        "signed_in",
        acts_of(work.session, person),
        person,
        public=facts,
        body=facts | {"device": device[:200]},
    )
    return secret


def token_for(work: Work, *, address: str, device: str) -> str:
    """A bearer token for the person at this address (the operator's command); raises `NotFound`."""
    person = person_at(work.session, address)
    if person is None:
        raise NotFound
    return open_sign_in(work, person=person.id, kind="program", way="operator", device=device)


def signed_in(session: Session, secret: str, now: datetime) -> SignedIn | None:
    """Who holds this secret, or None when it is unknown, expired or revoked."""
    query = select(SignIn, Person).join(Person, Person.id == SignIn.person_id)
    row = session.execute(query.where(SignIn.token_hash == _hash(secret))).first()
    if row is None:
        return None
    sign_in, person = row
    if sign_in.revoked_at is not None or sign_in.expires_at <= now:
        return None
    who = (person.id, person.name, person.office, person.locale, person.zone)
    return SignedIn(sign_in.id, sign_in.kind, sign_in.way, *who, sign_in.seen_at, sign_in.device)


def note_activity(work: Work, *, sign_in: str) -> None:
    """Somebody is using this sign-in; staff's lasts from its last use."""
    used = work.get(SignIn, sign_in)
    lasts = used.expires_at - used.seen_at
    used.seen_at, used.expires_at = work.now, work.now + lasts


def sign_ins_of(session: Session, person: str, now: datetime) -> Sequence[SignIn]:
    """The live sign-ins of a person, last used first."""
    live = select(SignIn).where(
        SignIn.person_id == person, SignIn.revoked_at.is_(None), SignIn.expires_at > now
    )
    return session.scalars(live.order_by(SignIn.seen_at.desc())).all()


def revoke_sign_in(work: Work, *, person: str, sign_in: str) -> None:
    """Ends one of a person's own sign-ins; raises `NotFound` for anybody else's. Twice is once."""
    revoked = work.get(SignIn, sign_in)
    if revoked.person_id != person:
        raise NotFound
    if revoked.revoked_at is None:
        revoked.revoked_at = work.now
        facts = {"sign_in": sign_in}
        work.happened("signed_out", acts_of(work.session, person), person, public=facts, body=facts)


def is_live(session: Session, sign_in: str, now: datetime) -> bool:
    """Whether a sign-in still holds."""
    found = session.get(SignIn, sign_in)
    return found is not None and found.revoked_at is None and found.expires_at > now


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
