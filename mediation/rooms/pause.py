"""The pause: any party may ask for quiet for a while, and nobody has to say why (J5). Only who leads ends it early, or lets it last."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mediation.cases.case import Case
from mediation.clock import iso, moment
from mediation.errors import Invalid, TooMany, WrongState
from mediation.people.permission import LEADS, require
from mediation.record.entry import Entry, entries
from mediation.rooms.channel import record_of
from mediation.rooms.entrance import room_for
from mediation.rooms.house import House
from mediation.rooms.room import Room
from mediation.work import Work

A_DAY = timedelta(hours=24)
LONGEST = timedelta(hours=24)


def call_pause(work: Work, *, by: str, room: str, client_id: str) -> Entry:
    """The room can be read only, but by who leads, for as long as the pack says; a party may do so only so often a day.

    Raises `WrongState` while a pause is on, `TooMany` after the last one of the day.
    """
    held, actor = room_for(work.session, by, room)
    require(actor, "call_pause", held)
    record = record_of(work.session, room)
    if done := work.earlier(record, by, client_id):
        return done
    if House.of(held.house).is_paused(work.now):
        raise WrongState("house.paused_already")
    clocks = work.get(Case, held.case_id).rules.clocks
    work.catch_up()
    if actor.standing not in LEADS and pauses_left(work.session, held, by, now=work.now) <= 0:
        raise TooMany("house.no_pause_left", limit=clocks.pauses_a_day)
    until = work.now + timedelta(minutes=clocks.pause_minutes)
    return _say(work, held, by, "pause_called", until, client_id, who=by)


def extend_pause(work: Work, *, by: str, room: str, minutes: int, client_id: str) -> Entry:
    """The pause that is on lasts so many minutes more."""
    held = _led(work, by, room)
    if done := work.earlier(record_of(work.session, room), by, client_id):
        return done
    later = _end_of(held, work.now) + timedelta(minutes=minutes)
    if minutes < 1 or later - work.now > LONGEST:
        raise Invalid("house.too_long")
    return _say(work, held, by, "pause_extended", later, client_id)


def end_pause(work: Work, *, by: str, room: str, client_id: str) -> Entry:
    """The pause is over before its time."""
    held = _led(work, by, room)
    if done := work.earlier(record_of(work.session, room), by, client_id):
        return done
    _end_of(held, work.now)
    return _say(work, held, by, "pause_ended", work.now, client_id)


def pauses_left(session: Session, room: Room, person: str, *, now: datetime) -> int:
    """How many pauses this person may still call within 24 hours."""
    case = session.get_one(Case, room.case_id)
    called = select(func.count()).where(
        entries.c.channel == record_of(session, room.id), entries.c.actor == person,
        entries.c.kind == "pause_called", entries.c.at > iso(now - A_DAY),
    )  # fmt: skip
    return case.rules.clocks.pauses_a_day - (session.scalar(called) or 0)


def _led(work: Work, by: str, room: str) -> Room:
    held, actor = room_for(work.session, by, room)
    require(actor, "lead", held)
    return held


def _end_of(held: Room, now: datetime) -> datetime:
    house = House.of(held.house)
    if not house.is_paused(now):
        raise WrongState("house.no_pause")
    return moment(house.pause_until)


def _say(
    work: Work, held: Room, by: str, kind: str, until: datetime, client_id: str, *, who: str | None = None
) -> Entry:
    house = House.of(held.house)
    held.house = replace(house, pause_until=iso(until), pause_by=who or house.pause_by).kept()
    facts = {"until": iso(until)}
    return work.happened(
        kind, record_of(work.session, held.id), by, public=facts, body=facts, client_id=client_id
    )
