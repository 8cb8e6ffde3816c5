"""The consent ledger as everybody in the case reads it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from mediation.cases.case import Standing
from mediation.cases.consent import ledger
from mediation.people.permission import PARTIES
from web.browsers import browser_name


@dataclass(frozen=True, slots=True)
class Asked:
    """A line of the consent ledger; `answer` is empty for who has not answered."""

    name: str
    standing: str
    side: str
    answer: str = ""
    at: datetime | None = None
    version: str = ""
    language: str = ""
    identity_level: str = ""
    device: str = ""
    through: str = ""


def consent_rows(session: Session, case: str, people: list[Standing]) -> list[Asked]:
    """Every answer in order, and whoever has not answered yet."""
    known = {one.person: one for one in people}
    rows = []
    answers = [one for one in ledger(session, case) if one.person_id in known]
    for one in answers:
        who, by = known[one.person_id], known.get(one.by_id)
        how = (one.version, one.language, one.identity_level, browser_name(one.device))
        through = by.name if by and one.by_id != one.person_id else ""
        rows.append(Asked(who.name, who.standing, who.side, one.answer, one.at, *how, through))
    answered = {one.person_id for one in answers}
    open_still = [one for one in people if one.standing in PARTIES and one.person not in answered]
    return rows + [Asked(one.name, one.standing, one.side) for one in open_still]
