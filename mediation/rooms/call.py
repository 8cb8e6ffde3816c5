"""Calls into a caucus: it rings for two minutes, and is accepted, declined or not answered (I1).

Until somebody accepts, only who calls and who is called know of it. The answers stand in the caucus' own ledger.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from mediation.clock import moment
from mediation.errors import Invalid, NotFound, WrongState
from mediation.hearings.hearing import is_long_over
from mediation.people.permission import Actor, require
from mediation.record.entry import entries
from mediation.rooms.caucus import (
    OUTLIVES,
    STARTS,
    caucus_for,
    come_in,
    guest_of,
    new_caucus,
    require_to_run,
    side_for,
    still_open,
)
from mediation.rooms.channel import Channel, Member
from mediation.rooms.entrance import room_for
from mediation.rooms.guest import Caucus, Guest, caucus_of
from mediation.rooms.room import Room
from mediation.work import Work

RING = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Ringing:
    """A call that was made: whom it reaches, and until when it rings."""

    channel: str
    room: str
    form: str
    people: tuple[str, ...]
    until: datetime


def call_caucus(
    work: Work, *, by: str, room: str, people: Sequence[str], form: str = "caucus", name: str = "",
    accepts_terms: bool = False, client_id: str,
) -> Ringing:  # fmt: skip
    """Calls people into a new private session, which begins when the first of them accepts.

    The mediator's with people of one side; `alone` is of a side among themselves, and whoever begins it accepts its terms (I7);
    `bench` is of mediators, judges and clerks (I8). The last two may go on until two hours after the meeting.
    """
    if form not in STARTS:
        raise Invalid("caucus.form_unknown")
    held, actor = room_for(work.session, by, room)
    require(actor, STARTS[form], held)
    if made := _made_before(work, by, room, client_id):
        return made
    called = [person for person in dict.fromkeys(people) if person != by]
    side = side_for(work.session, held, actor, called, form=form)
    if form == "alone" and not accepts_terms:
        raise Invalid("caucus.terms_first")
    if form in OUTLIVES and is_long_over(work.session, room, work.now):
        raise WrongState("caucus.after_hours")
    caucus = new_caucus(work, held, by=by, members=(), side=side, form=form, name=name)
    return _ring(work, caucus, held, actor, called, client_id)


def call_again(work: Work, *, by: str, channel: str, people: Sequence[str], client_id: str) -> Ringing:
    """Calls people into a caucus that is there: again, or besides those who are in it."""
    called_into, room, actor = caucus_for(work.session, by, channel)
    caucus = work.get(Caucus, channel)
    require_to_run(caucus, room, actor)
    still_open(called_into)
    if made := _made_before(work, by, room.id, client_id):
        return made
    away = [person for person in dict.fromkeys(people) if caucus_of(work.session, room.id, person) != channel]
    if not away:
        raise Invalid("caucus.already_inside")
    side = side_for(work.session, room, actor, away, form=caucus.form)
    if side != called_into.side:
        raise Invalid("caucus.one_side")
    return _ring(work, caucus, room, actor, away, client_id)


def accept_call(work: Work, *, by: str, channel: str) -> str:
    """Whoever was called goes inside; gives the room. Twice is once; raises `WrongState` when it rings no longer."""
    called_into, caucus, guest = _called(work, by, channel)
    if guest.state != "inside":
        still_open(called_into)
        if guest.rings(work.now) is None:
            raise WrongState("caucus.call_over")
        come_in(work, caucus, by)
    return called_into.room_id or ""


def decline_call(work: Work, *, by: str, channel: str) -> str:
    """Whoever was called does not come; the caller reads it. Gives the room."""
    called_into, _, guest = _called(work, by, channel)
    if guest.state == "called":
        guest.state = "declined"
        work.happened("call_declined", channel, by, public={"person": by}, body={"person": by})
    return called_into.room_id or ""


def end_call(work: Work, *, channel: str, person: str) -> None:
    """The two minutes are over: who has not answered by then is noted as not reached."""
    guest = work.session.get(Guest, (channel, person))
    called_into = work.session.get(Channel, channel)
    if guest is None or guest.state != "called" or guest.rings(work.now) is not None:
        return
    guest.state = "missed"
    if called_into is not None and called_into.closed_at is None:
        facts = {"person": person}
        work.happened("call_unanswered", channel, None, public=facts, body=facts)


def _ring(
    work: Work, caucus: Caucus, room: Room, actor: Actor, people: Sequence[str], client_id: str
) -> Ringing:
    channel, facts = caucus.channel_id, {"people": list(people)}
    work.happened("caucus_called", channel, actor.person, public=facts, body=facts, client_id=client_id)
    until = work.now + RING
    for person in people:
        guest = guest_of(work, caucus, person)
        guest.state, guest.called_by, guest.rings_until = "called", actor.person, until
        work.later("end_call", {"channel": channel, "person": person}, run_at=until)
    return Ringing(channel, room.id, caucus.form, tuple(people), until)


def _called(work: Work, by: str, channel: str) -> tuple[Channel, Caucus, Guest]:
    guest, called_into = work.session.get(Guest, (channel, by)), work.session.get(Channel, channel)
    if guest is None or called_into is None:
        raise NotFound
    if guest.state == "outside" and work.session.get(Member, (channel, by)) is None:
        raise NotFound  # only in the mind of whoever prepared it
    room_for(work.session, by, called_into.room_id or "")
    return called_into, work.get(Caucus, channel), guest


def _made_before(work: Work, by: str, room: str, client_id: str) -> Ringing | None:
    """What the same call got when it was first made."""
    work.catch_up()
    mine = (entries.c.kind == "caucus_called", entries.c.actor == by, entries.c.client_id == client_id)
    query = select(entries.c.channel, entries.c.public, entries.c.at, Caucus.form).where(*mine)
    there = query.join(Channel, Channel.id == entries.c.channel).where(Channel.room_id == room)
    row = work.session.execute(there.join(Caucus, Caucus.channel_id == Channel.id)).first()
    if row is None:
        return None
    people = tuple(json.loads(row.public)["people"])
    guest = work.get(Guest, (row.channel, people[0]))
    return Ringing(row.channel, room, row.form, people, guest.rings_until or moment(row.at))
