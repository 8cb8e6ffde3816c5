"""Cases: what the dispute is, from the registration to the way it ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import CheckConstraint, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Id, Key, MaybeMoment, Moment
from mediation.cases.party import Party, PartyDraft, add_parties, party_of, people_in
from mediation.errors import Invalid, NotFound
from mediation.ids import new_id
from mediation.packs.pack import Pack, load_pack
from mediation.people.permission import Actor, require
from mediation.people.person import Person, clean_name
from mediation.rooms.channel import record_of
from mediation.rooms.room import Room, begin_room, seal_room
from mediation.work import Work

STATES = ("consent_pending", "mediating", "agreed", "part_agreed", "ended")


class Case(Base):
    """A dispute that people try to settle."""

    __tablename__ = "cases"
    __table_args__ = (CheckConstraint(f"state IN {STATES}", name="state"),)

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    cause: Mapped[str] = mapped_column(String(200))
    claim: Mapped[str] = mapped_column(Text)
    pack: Mapped[str] = mapped_column(String(16))
    track: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(20))
    opened_by: Mapped[Id]
    created_at: Mapped[Moment]
    consent_deadline: Mapped[Moment]
    mediation_ends_at: Mapped[MaybeMoment]
    ended_at: Mapped[MaybeMoment]
    end_reason: Mapped[str | None] = mapped_column(String(40))
    end_note: Mapped[str | None] = mapped_column(Text)

    @property
    def rules(self) -> Pack:
        """The rule pack of this case."""
        return load_pack(self.pack)

    @property
    def is_over(self) -> bool:
        """Whether the mediation has ended, one way or the other."""
        return self.state not in {"consent_pending", "mediating"}


@dataclass(frozen=True, slots=True)
class Standing:
    """A person of a case with what they are in it."""

    person: str
    name: str
    standing: str
    side: str
    authority: str | None
    represents: str | None


def register_case(
    work: Work,
    *,
    by: Actor,
    title: str,
    cause: str,
    claim: str,
    parties: Sequence[PartyDraft],
    number: str = "",
    pack: str | None = None,
    track: str = "before_filing",
    client_id: str | None = None,
) -> Case:
    """Registers a case with its people, its room (still closed) and its record.

    Raises `Invalid` unless there are a claimant, a respondent and one mediator, each person once.
    """
    require(by, "register_case")
    if client_id and (known := work.session.get(Case, f"c{client_id}"[:64])):
        return known
    title = clean_name(title)
    if not title:
        raise Invalid("case.title_missing")
    _check_people(parties)
    rules = load_pack(pack or work.settings.pack)
    case = work.add(
        Case(
            id=f"c{client_id}"[:64] if client_id else new_id(),
            number=clean_name(number)[:40] or _next_number(work),
            title=title[:200],
            cause=clean_name(cause)[:200],
            claim=claim.strip()[:10_000],
            pack=rules.code,
            track=track if track in rules.clocks.mediation_days else "before_filing",
            state="consent_pending",
            opened_by=by.person,
            created_at=work.now,
            consent_deadline=work.now + timedelta(days=rules.clocks.invitation_days),
        )
    )
    work.session.flush()
    record = begin_room(work, case=case.id)
    add_parties(work, case=case.id, record=record, drafts=parties)
    _note_registered(work, case, record, by.person)
    return case


def _note_registered(work: Work, case: Case, record: str, by: str) -> None:
    body: dict[str, Any] = {
        "number": case.number,
        "title": case.title,
        "cause": case.cause,
        "claim": case.claim,
        "people": _taking_part(work.session, case.id),
    }
    room = work.session.scalars(select(Room.id).where(Room.case_id == case.id)).one()
    public = {"case": case.id, "pack": case.pack, "room": room}
    work.happened("case_registered", record, by, public=public, body=body)


def begin_mediation(work: Work, case: Case, *, actor: str) -> None:
    """All parties have consented: the period's clock starts (OMR 24, 26)."""
    case.state = "mediating"
    ends_at = work.now + timedelta(days=case.rules.clocks.mediation_days[case.track])  # type: ignore[index]
    case.mediation_ends_at = case.mediation_ends_at or ends_at
    public = {"ends_at": case.mediation_ends_at.isoformat()}
    work.happened("mediation_began", record_of_case(work.session, case.id), actor, public=public, body=public)


def end_case(work: Work, *, by: Actor, case: str, reason: str, note: str = "") -> Case:
    """Ends a mediation that did not end in a signed agreement, for a reason of the pack's closed list (OMR 25).

    Raises `Invalid` for a reason that is not the mediator's to give, or one that needs a text and has none.
    """
    require(by, "end_case")
    ended = work.get(Case, case)
    if ended.is_over and ended.end_reason == reason:
        return ended
    require(by, "end_case", ended)
    known = {each.code: each for each in ended.rules.end_reasons if "mediator" in each.by}
    if reason not in known:
        raise Invalid("case.reason_unknown")
    if known[reason].needs_text and not note.strip():
        raise Invalid("case.reason_needs_text")
    close_case(work, ended, reason=reason, note=note.strip()[:2000], actor=by.person)
    return ended


def close_case(work: Work, case: Case, *, reason: str, note: str = "", actor: str | None) -> None:
    """Ends the case without an agreement: state, reason, entry, and a room that can only be read."""
    case.state, case.end_reason, case.end_note, case.ended_at = "ended", reason, note or None, work.now
    public = {"case": case.id, "reason": reason}
    work.happened(
        "case_ended",
        record_of_case(work.session, case.id),
        actor,
        public=public,
        body=public | {"note": note},
    )
    seal_room(work, case=case.id)


def case_for(session: Session, person: str, case: str) -> tuple[Case, Actor]:
    """The case and what this person is in it; raises `NotFound` when they are nothing in it."""
    found = session.get(Case, case)
    party = party_of(session, person, case)
    if found is None or party is None:
        raise NotFound
    return found, actor_of(session, party)


def actor_of(session: Session, party: Party) -> Actor:
    """A party as the rules see them."""
    person = session.get_one(Person, party.person_id)
    return Actor(person.id, person.office, party.standing, party.side, party.authority)


def cases_of(session: Session, person: str) -> list[Case]:
    """The cases a person is in, latest first."""
    query = select(Case).join(Party, Party.case_id == Case.id)
    mine = query.where(Party.person_id == person, Party.left_at.is_(None))
    return list(session.scalars(mine.order_by(Case.created_at.desc())))


def standings_in(session: Session, case: str) -> list[Standing]:
    """Everybody in a case, sides first, the bench last."""
    return [
        Standing(person.id, person.name, party.standing, party.side, party.authority, party.represents)
        for party, person in people_in(session, case)
    ]


def record_of_case(session: Session, case: str) -> str:
    """The id of the record of a case's room."""
    return record_of(session, session.scalars(select(Room.id).where(Room.case_id == case)).one())


def _taking_part(session: Session, case: str) -> list[dict[str, str | None]]:
    """Who is what in a case, as its first entry tells it."""
    return [
        {name: getattr(party, name) for name in ("standing", "side", "authority", "represents")}
        | {"person": person.id}
        for party, person in people_in(session, case)
    ]


def _check_people(parties: Sequence[PartyDraft]) -> None:
    standings = [each.standing for each in parties]
    if "claimant" not in standings or "respondent" not in standings:
        raise Invalid("case.sides_missing")
    if standings.count("mediator") != 1:
        raise Invalid("case.one_mediator")
    if len({each.person for each in parties}) != len(parties):
        raise Invalid("case.person_twice")


def _next_number(work: Work) -> str:
    year = work.now.year
    count = work.session.scalar(select(func.count()).where(Case.number.like(f"{year}-%"))) or 0
    return f"{year}-{count + 1:04d}"
