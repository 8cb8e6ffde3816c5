"""What a person finds on coming in: what to do, when to meet, what is new, in all of their cases at once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.agreements.looking import agreement_in
from mediation.cases.case import Case, actor_of, standings_in
from mediation.cases.consent import standing_answer
from mediation.cases.invitation import invitations_of
from mediation.cases.party import Party, client_of
from mediation.hearings.hearing import next_hearing
from mediation.keys import Keys
from mediation.people.permission import SIDES, Actor, may
from mediation.record.entry import read_entries
from mediation.record.request import requests_in
from mediation.rooms.channel import record_of
from mediation.rooms.room import Room
from mediation.rooms.waiting import Waiting, waiting_for
from web.case_view import signs_now
from web.course import TOLD, Event, told

NEWEST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something that waits for this person: `kind` is consent, sign, open_room, invite or decide_erasure."""

    kind: str
    case: Case
    link: str
    until: datetime | None = None
    late: bool = False
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    title: str
    case: str
    room: str
    starts_at: datetime
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """A case in the list: `room` is empty before it was opened; how much waits there unread, and how often one is called."""

    id: str
    title: str
    number: str
    state: str
    room: str
    unread: int
    called: int


@dataclass(frozen=True, slots=True)
class News:
    case: Case
    event: Event


@dataclass(frozen=True, slots=True)
class HomeView:
    tasks: list[Task]
    hearings: list[Meeting]
    cases: list[Mine]
    news: list[News]


def home_view(session: Session, keys: Keys, person: str, *, now: datetime) -> HomeView:
    view = HomeView([], [], [], [])
    waiting = waiting_for(session, person)
    for case, room, party in _places(session, person):
        actor = actor_of(session, party)
        view.tasks.extend(_tasks(session, actor, case, room, now))
        view.cases.append(_mine(case, room, waiting.get(room.id, Waiting())))
        view.news.extend(_news(session, keys, person, case, room))
        hearing = next_hearing(session, room.id)
        if hearing is not None and not case.is_over:
            is_open = hearing.may_be_joined(now) and room.state == "open"
            view.hearings.append(
                Meeting(
                    title=hearing.title,
                    case=case.title,
                    room=room.id,
                    starts_at=hearing.starts_at,
                    open=is_open,
                )
            )
    view.hearings.sort(key=lambda one: one.starts_at)
    view.tasks.sort(key=lambda one: (one.until is None, one.until))
    view.news.sort(key=lambda one: one.event.at, reverse=True)
    del view.news[NEWEST:]
    return view


def _places(session: Session, person: str) -> list[tuple[Case, Room, Party]]:
    """The cases a person is in, with the room of each and their own part in it, latest first."""
    query = (
        select(Case, Room, Party).join(Room, Room.case_id == Case.id).join(Party, Party.case_id == Case.id)
    )
    mine = query.where(Party.person_id == person, Party.left_at.is_(None))
    return [
        (case, room, party) for case, room, party in session.execute(mine.order_by(Case.created_at.desc()))
    ]


def _tasks(session: Session, actor: Actor, case: Case, room: Room, now: datetime) -> list[Task]:
    found: list[Task] = []
    here = f"/cases/{case.id}"
    client = client_of(session, actor.person, case.id)
    consents = case.state == "consent_pending" and may(actor, "consent", case)
    if consents and standing_answer(session, case.id, client) != "given":
        found.append(_task("consent", case, f"{here}/consent", case.consent_deadline, now))
    seen = agreement_in(session, actor.person, case.id)
    if seen.agreement and signs_now(session, actor, case, seen.agreement):
        link = f"/agreements/{seen.agreement.id}/signature"
        found.append(_task("sign", case, link, seen.agreement.signing_until, now, seen.agreement.frozen or 0))
    if may(actor, "open_room", case) and room.state == "preparing":
        found.append(_task("open_room", case, here, case.mediation_ends_at, now))
    if actor.standing == "clerk" and case.state == "consent_pending" and _somebody_uninvited(session, case):
        found.append(_task("invite", case, f"{here}#parties", case.consent_deadline, now))
    if (
        case.is_over
        and may(actor, "decide_erasure")
        and any(not one.answer for one in requests_in(session, case.id))
    ):
        found.append(_task("decide_erasure", case, f"{here}/keeping#requests", None, now))
    return found


def _task(kind: str, case: Case, link: str, until: datetime | None, now: datetime, version: int = 0) -> Task:
    late = until is not None and until < now
    return Task(kind=kind, case=case, link=link, until=until, late=late, version=version)


def _somebody_uninvited(session: Session, case: Case) -> bool:
    invited = {one.person_id for one in invitations_of(session, case.id)}
    return any(one.person not in invited for one in standings_in(session, case.id) if one.standing in SIDES)


def _mine(case: Case, room: Room, waiting: Waiting) -> Mine:
    return Mine(
        id=case.id,
        title=case.title,
        number=case.number,
        state=case.state,
        room="" if room.state == "preparing" else room.id,
        unread=waiting.unread,
        called=waiting.called,
    )


def _news(session: Session, keys: Keys, person: str, case: Case, room: Room) -> list[News]:
    names = {one.person: one.name for one in standings_in(session, case.id)}
    latest = read_entries(session, keys, record_of(session, room.id), limit=3 * NEWEST)
    return [
        News(case, told(entry, names)) for entry in latest if entry.kind in TOLD and entry.actor != person
    ]
