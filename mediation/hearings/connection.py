"""Connections: why somebody was not there, line or will; a statement for each person and meeting, made from what the server saw (H13).

Only a failure of network, device or power excuses an absence, so the two are told apart by what was reported: a page that was
closed or a stage that was left is the person's own act, a line that fell silent is not. Where neither is clear, the statement says so.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Id, IsoTime
from mediation.clock import iso
from mediation.hearings.hearing import Hearing, hearing_on
from mediation.hearings.line import lines_of
from mediation.hearings.presence import note_presence
from mediation.keys import Keys
from mediation.record.chain import canonical
from mediation.work import Work

BEGIN = frozenset(
    {"answer_missing", "connection_closed", "media_silent", "server_restarted", "left", "removed"}
)
END = frozenset({"seat_taken", "seat_resumed", "media_back", "admitted"})
NOT_THEIRS = frozenset({"answer_missing", "media_silent", "server_fault", "server_restarted"})
"""What happens to a line, and to nobody's will."""
SHORT = timedelta(seconds=10)
"""A break that is no absence: a reload, a lift."""
JUST_BEFORE = timedelta(minutes=1)
DOMAIN = b"mediation:statement:1\n"


class ConnectionFact(Base):
    """Something the server saw of a person's connection in a meeting; only ever added to."""

    __tablename__ = "connection_facts"
    __table_args__ = (Index("ix_connection_facts_of", "hearing_id", "person_id", "number"),)

    number: Mapped[int] = mapped_column(primary_key=True)
    hearing_id: Mapped[str] = mapped_column(ForeignKey("hearings.id"))
    person_id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(IsoTime)
    kind: Mapped[str] = mapped_column(String(24))
    code: Mapped[str] = mapped_column(String(24), default="")


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the timeline."""

    at: datetime
    kind: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Absence:
    """From when until when somebody was not there (None: until the end), and why, as far as it can be known."""

    began: datetime
    ended: datetime | None
    verdict: str
    seconds_given: int = 0
    warned: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said of one person's connection in one meeting."""

    hearing: str
    person: str
    facts: tuple[Fact, ...]
    absences: tuple[Absence, ...]
    lines: tuple[Mapping[str, Any], ...]

    @property
    def verdict(self) -> str:
        """`none`, or that of the last absence: it is the one that counts when somebody did not come back."""
        return self.absences[-1].verdict if self.absences else "none"

    def as_data(self) -> dict[str, Any]:
        """The statement as it is signed and handed out: ids, times, codes and figures."""
        return {
            "hearing": self.hearing,
            "person": self.person,
            "verdict": self.verdict,
            "facts": [{"at": iso(fact.at), "kind": fact.kind, "code": fact.code} for fact in self.facts],
            "absences": [
                {
                    "began": iso(each.began),
                    "ended": iso(each.ended) if each.ended else None,
                    "verdict": each.verdict,
                    "seconds_given": each.seconds_given,
                    "warned": each.warned,
                }
                for each in self.absences
            ],
            "lines": [dict(line) for line in self.lines],
        }

    @property
    def digest(self) -> str:
        """Names exactly this statement."""
        return hashlib.sha256(DOMAIN + canonical(self.as_data())).hexdigest()

    def signed(self, keys: Keys) -> dict[str, Any]:
        """The statement with the installation's signature over the SHA-256 of its canonical JSON."""
        signature = keys.sign(DOMAIN + self.digest.encode())
        return {
            "statement": self.as_data(),
            "digest": self.digest,
            "signature": signature.hex(),
            "key": keys.public_key.hex(),
        }


def note_fact(
    work: Work, *, room: str, person: str, kind: str, code: str = "", state: str = "", how: str = ""
) -> None:
    """Notes what was seen while a meeting is on; with a `state`, what it means for the person's presence too.

    Who closed the page and is not back is not lost, but gone.
    """
    hearing = hearing_on(work.session, room)
    if hearing is None:
        return
    if kind:
        work.add(
            ConnectionFact(hearing_id=hearing.id, person_id=person, at=work.now, kind=kind, code=code[:24])
        )
        work.session.flush()
    if state == "lost" and _closed_the_page(work.session, hearing.id, person):
        state, how = "gone", "page_closed"
    if state:
        note_presence(work, room=room, person=person, state=state, code=how)


def statement_of(session: Session, hearing: Hearing, person: str) -> Statement:
    """The statement for a person in a meeting, as far as it has come."""
    query = select(ConnectionFact).where(
        ConnectionFact.hearing_id == hearing.id, ConnectionFact.person_id == person
    )
    rows = session.scalars(query.order_by(ConnectionFact.number))
    facts = tuple(Fact(row.at, row.kind, row.code) for row in rows)
    lines = tuple(
        {
            "at": iso(row.at), "seconds": row.seconds, "quality": row.quality, "rtt_ms": row.rtt_ms,
            "loss_up": row.loss_up, "loss_down": row.loss_down, "kbit_up": row.kbit_up, "kbit_down": row.kbit_down,
            "layer": row.layer,
        }
        for row in lines_of(session, hearing.id, person)
    )  # fmt: skip
    bad = [
        (row.at, row.at - timedelta(seconds=row.seconds))
        for row in lines_of(session, hearing.id, person)
        if row.quality in ("poor", "lost")
    ]
    return Statement(hearing.id, person, facts, absences_in(facts, bad, closed_at=hearing.closed_at), lines)


def absences_in(
    facts: Sequence[Fact], bad: Sequence[tuple[datetime, datetime]], *, closed_at: datetime | None
) -> tuple[Absence, ...]:
    """The absences in a timeline; `bad` are the stretches (until, from) in which the line was poor or lost."""
    found = []
    for start, fact in enumerate(facts):
        if fact.kind not in BEGIN or _is_away(facts[:start]):
            continue
        back = next((each for each in facts[start:] if each.kind in END and each.at >= fact.at), None)
        ended = back.at if back else None
        if (ended or closed_at or fact.at + SHORT) - fact.at < SHORT:
            continue
        during = [each for each in facts if fact.at - SHORT <= each.at <= (ended or each.at)]
        found.append(
            Absence(
                fact.at,
                ended,
                _verdict(fact.at, during, bad),
                max((int(each.code) for each in during if each.kind == "time_given"), default=0),
                any(each.kind == "warned" for each in facts if each.at <= fact.at),
            )
        )
    return tuple(found)


def _closed_the_page(session: Session, hearing: str, person: str) -> bool:
    """Whether that was the last thing that was seen of a person, but for the connection that ended with it."""
    query = select(ConnectionFact.kind).where(
        ConnectionFact.hearing_id == hearing,
        ConnectionFact.person_id == person,
        ConnectionFact.kind.in_(END | {"page_closed"}),
    )
    return session.scalar(query.order_by(ConnectionFact.number.desc()).limit(1)) == "page_closed"


def _is_away(before: Sequence[Fact]) -> bool:
    """Whether somebody was not there already: what comes on top belongs to the same absence."""
    last = next((fact for fact in reversed(before) if fact.kind in BEGIN | END), None)
    return last is not None and last.kind in BEGIN


def _verdict(began: datetime, during: Sequence[Fact], bad: Sequence[tuple[datetime, datetime]]) -> str:
    """`removed`, `own_act`, `line_fault` or `unclear`."""
    kinds = {fact.kind for fact in during}
    was_bad = any(until >= began - JUST_BEFORE and start <= began for until, start in bad)
    silent = bool(kinds & NOT_THEIRS)
    if "removed" in kinds:
        return "removed"
    if "left" in kinds:
        return "own_act"
    if "page_closed" in kinds:
        return "unclear" if was_bad or silent else "own_act"
    return "line_fault" if silent or was_bad else "unclear"
