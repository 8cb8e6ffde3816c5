"""One-time codes: six digits, sent to the registered address, good for one person and one purpose.

Kept as a keyed digest; ten minutes, five tries, one active code a purpose, and a budget an hour for each person and purpose, so that
guessing and mail bombing both end quickly (NIST SP 800-63B, 5.1.3), and nobody who guesses at a sign-in keeps its owner from signing.
"""

import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import String, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from mediation.base import Base, Id, Key, MaybeMoment, Moment
from mediation.errors import Invalid, TooMany
from mediation.ids import new_id
from mediation.people.person import Person
from mediation.work import Work

LIFETIME = timedelta(minutes=10)
TRIES = 5
SENT_AN_HOUR = 10
TRIED_AN_HOUR = 20


class Code(Base):
    """A code that was sent. `bound` is what it is good for beside the purpose: the digest of the text to be signed."""

    __tablename__ = "codes"

    id: Mapped[Key]
    person_id: Mapped[Id] = mapped_column(index=True)
    purpose: Mapped[str] = mapped_column(String(24))
    bound: Mapped[str] = mapped_column(String(200))
    mac: Mapped[str] = mapped_column(String(64))
    sent_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[MaybeMoment]


def issue_code(work: Work, *, person: str, purpose: str, bound: str = "") -> datetime:
    """Sends a new code, which replaces the earlier ones of this purpose; gives the time until which it is good.

    Raises `TooMany` over the hour's budget.
    """
    to = work.get(Person, person)
    digits = f"{secrets.randbelow(1_000_000):06d}"
    mac = work.keys.mac(f"code:{purpose}:{person}:{bound}", digits)
    code = _replace(work, person=person, purpose=purpose, bound=bound, mac=mac)
    work.later(
        "notice", {"person": to.id, "notice": f"code_{purpose}", "params": {"code": digits}, "by": "phone"}
    )
    return code.expires_at


def pretend_to_issue_code(work: Work, *, nobody: str, purpose: str) -> None:
    """Counts a code that is sent to nobody and that nothing opens: who tries addresses gets the same answers as for a known one."""
    _replace(work, person=nobody, purpose=purpose, bound="", mac="")


def _replace(work: Work, *, person: str, purpose: str, bound: str, mac: str) -> Code:
    mine = (Code.person_id == person, Code.purpose == purpose)
    recent = Code.sent_at > work.now - timedelta(hours=1)
    if (work.session.scalar(select(func.count()).where(*mine, recent)) or 0) >= SENT_AN_HOUR:
        raise TooMany("code.sent_too_often")
    work.session.execute(update(Code).where(*mine, Code.used_at.is_(None)).values(used_at=work.now))
    code = Code(
        id=new_id(),
        person_id=person,
        purpose=purpose,
        bound=bound,
        mac=mac,
        sent_at=work.now,
        expires_at=work.now + LIFETIME,
    )
    return work.add(code)


def check_code(work: Work, *, person: str, purpose: str, code: str, bound: str = "") -> None:
    """Uses a code up. Raises `Invalid` for a wrong, spent or expired one; every try counts, also of parallel ones."""
    mine = (Code.person_id == person, Code.purpose == purpose)
    recent = Code.sent_at > work.now - timedelta(hours=1)
    tried = work.session.scalar(select(func.sum(Code.tries)).where(*mine, recent)) or 0
    latest = select(Code).where(*mine, Code.used_at.is_(None)).order_by(Code.sent_at.desc())
    active = work.session.scalar(latest.limit(1))
    if active is None or active.expires_at <= work.now:
        raise Invalid("code.expired")
    if active.tries >= TRIES:
        raise TooMany("code.spent")
    if tried >= TRIED_AN_HOUR:
        raise TooMany("code.tried_too_often")
    active.tries += 1
    expected = work.keys.mac(f"code:{purpose}:{person}:{active.bound}", code.strip())
    if not (hmac.compare_digest(active.mac, expected) and hmac.compare_digest(active.bound, bound)):
        if active.tries >= TRIES:
            raise TooMany("code.spent", keeps=True)
        raise Invalid("code.wrong", keeps=True, left=TRIES - active.tries)
    active.used_at = work.now
