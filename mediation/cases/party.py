"""Parties: who is in a case, on which side, and who stands for whom."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.base import Base, Key, MaybeId, MaybeMoment
from mediation.errors import Invalid
from mediation.ids import new_id
from mediation.people.person import Person
from mediation.rooms.channel import Member
from mediation.work import Work

SIDE_OF = {
    "claimant": "claimant",
    "respondent": "respondent",
    "mediator": "bench",
    "judge": "bench",
    "clerk": "bench",
}
ORDER = {"claimant": 0, "respondent": 1, "bench": 2}
RANK = {"claimant": 0, "respondent": 0, "agent": 1, "mediator": 0, "judge": 1, "clerk": 2}


class Party(Base):
    """A person's place in a case. `represents` is the person an agent stands for (B5: `authority` special or general)."""

    __tablename__ = "parties"
    __table_args__ = (
        UniqueConstraint("case_id", "person_id"),
        CheckConstraint(
            "standing IN ('claimant','respondent','agent','mediator','judge','clerk')", name="standing"
        ),
    )

    id: Mapped[Key]
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), index=True)
    standing: Mapped[str] = mapped_column(String(16))
    side: Mapped[str] = mapped_column(String(16))
    authority: Mapped[str | None] = mapped_column(String(8))
    represents: Mapped[MaybeId]
    left_at: Mapped[MaybeMoment]


@dataclass(frozen=True, slots=True)
class PartyDraft:
    """Somebody to be put into a case; an agent names the person they represent, and takes that person's side."""

    person: str
    standing: str
    side: str = ""
    authority: str | None = None
    represents: str | None = None


def add_parties(work: Work, *, case: str, record: str, drafts: Sequence[PartyDraft]) -> None:
    """Puts people into a case and into its record."""
    sides = {each.person: SIDE_OF.get(each.standing, "") for each in drafts}
    for draft in drafts:
        side = SIDE_OF.get(draft.standing) or sides.get(draft.represents or "", "")
        if draft.standing == "agent" and side not in {"claimant", "respondent"}:
            raise Invalid("case.agent_without_client")
        work.add(
            Party(
                id=new_id(),
                case_id=case,
                person_id=work.get(Person, draft.person).id,
                standing=draft.standing,
                side=side,
                authority=(draft.authority or "general") if draft.standing == "agent" else None,
                represents=draft.represents if draft.standing == "agent" else None,
            )
        )
        work.add(Member(channel_id=record, person_id=draft.person, since=work.now))
    work.session.flush()


def party_of(session: Session, person: str, case: str) -> Party | None:
    """A person's place in a case, or None."""
    return session.scalar(
        select(Party).where(Party.case_id == case, Party.person_id == person, Party.left_at.is_(None))
    )


def people_in(session: Session, case: str) -> list[tuple[Party, Person]]:
    """Everybody in a case: the claimant's side, the respondent's side, the bench."""
    query = select(Party, Person).join(Person, Person.id == Party.person_id)
    rows = session.execute(query.where(Party.case_id == case, Party.left_at.is_(None))).all()
    pairs = [(party, person) for party, person in rows]
    return sorted(
        pairs, key=lambda pair: (ORDER[pair[0].side], RANK[pair[0].standing], pair[1].name, pair[1].id)
    )


def principals(session: Session, case: str) -> list[str]:
    """The people whose dispute it is: claimants and respondents."""
    return [
        party.person_id
        for party, _ in people_in(session, case)
        if party.standing in {"claimant", "respondent"}
    ]


def client_of(session: Session, person: str, case: str) -> str:
    """Whose act it is when this person acts: their client's for an agent, else their own."""
    party = party_of(session, person, case)
    return party.represents if party is not None and party.represents else person
