"""What a person finds on coming in: what to do, when to meet, what is new, in all of their cases at once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from mediation.agreements.looking import agreement_in
from mediation.cases.case import Case, actor_of, cases_of, standings_in
from mediation.cases.consent import standing_answer
from mediation.cases.invitation import invitations_of
from mediation.cases.party import client_of, party_of
from mediation.hearings.hearing import next_hearing
from mediation.keys import Keys
from mediation.people.permission import SIDES, Actor, may
from mediation.record.entry import heads_of, read_entries
from mediation.record.request import requests_in
from mediation.rooms.channel import Channel, Member, channels_of, record_of
from mediation.rooms.room import Room, room_of
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
    """A case in the list: `room` is empty before it was opened."""

    id: str
    title: str
    number: str
    state: str
    room: str
    unread: int


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
    for case in cases_of(session, person):
        room = room_of(session, case.id)
        party = party_of(session, person, case.id)
        if party is None:
            continue
        actor = actor_of(session, party)
        view.tasks.extend(_tasks(session, actor, case, room, now))
        view.cases.append(_mine(session, person, case, room))
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


def _mine(session: Session, person: str, case: Case, room: Room) -> Mine:
    channels = [one for one in channels_of(session, person, room.id) if one.kind in {"talks", "private"}]
    return Mine(
        id=case.id,
        title=case.title,
        number=case.number,
        state=case.state,
        room="" if room.state == "preparing" else room.id,
        unread=_unread(session, person, channels),
    )


def _unread(session: Session, person: str, channels: list[Channel]) -> int:
    heads = heads_of(session, [one.id for one in channels])
    read = {one.id: session.get_one(Member, (one.id, person)).read_seq for one in channels}
    return sum(max(0, heads[channel] - read[channel]) for channel in read)


def _news(session: Session, keys: Keys, person: str, case: Case, room: Room) -> list[News]:
    names = {one.person: one.name for one in standings_in(session, case.id)}
    latest = read_entries(session, keys, record_of(session, room.id), limit=3 * NEWEST)
    return [
        News(case, told(entry, names)) for entry in latest if entry.kind in TOLD and entry.actor != person
    ]
