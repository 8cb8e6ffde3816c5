"""Caucuses: private sessions, each a ledger of its own that only its members can read.

The mediator's with one side, a side's among themselves, and the bench's. That a caucus is on, with whom and since when, is an entry
that everybody sees; nothing else of it is.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.orm import Session

from mediation.cases.party import Party, party_of
from mediation.errors import Invalid, NotFound, WrongState
from mediation.people.permission import BENCH, SIDES, Actor, require
from mediation.people.person import clean_name
from mediation.record.entry import Entry
from mediation.rooms.channel import Channel, Member, channel_for, members_of, record_of
from mediation.rooms.entrance import room_for
from mediation.rooms.guest import Caucus, Guest, caucus_of, insiders
from mediation.rooms.room import Room, add_channel
from mediation.work import Work

STARTS = {"caucus": "lead", "alone": "call_own_side", "bench": "call_bench"}
"""The right that it takes to begin a caucus of each form."""

OUTLIVES = frozenset({"alone", "bench"})
"""Forms that may go on after the meeting …"""
AFTERWARDS = timedelta(hours=2)
"""… for so long (I8, E4)."""


def open_caucus(
    work: Work, *, by: str, room: str, people: Sequence[str], name: str = "", client_id: str
) -> str:
    """Moves people of one side and the mediator into a new caucus at once (I2); gives its channel. The same `client_id` again gets
    the same one.

    Raises `Invalid` when the people are of both sides, of none, or already in another caucus.
    """
    held, actor = room_for(work.session, by, room)
    require(actor, STARTS["caucus"], held)
    if opened := work.earlier(record_of(work.session, room), by, client_id):
        return str(opened.public["caucus"])
    side = side_for(work.session, held, actor, people, form="caucus")
    if any(caucus_of(work.session, room, person) for person in people if person != by):
        raise Invalid("caucus.busy")
    inside = tuple(dict.fromkeys((*people, by)))
    caucus = new_caucus(work, held, by=by, members=inside, side=side, form="caucus", name=name)
    for person in inside:
        step_out(work, room, person)
        guest_of(work, caucus, person).state = "inside"
    begin(work, caucus, by=by, client_id=client_id)
    return caucus.channel_id


def close_caucus(work: Work, *, by: str, channel: str, client_id: str | None = None) -> str:
    """Ends a caucus: its ledger stays readable to its members, nothing more is said in it; gives its room."""
    closed, room, actor = caucus_for(work.session, by, channel)
    if closed.closed_at is not None:
        return room.id
    require_to_run(work.get(Caucus, channel), room, actor)
    end_caucus(work, closed, actor=by, client_id=client_id)
    return room.id


def end_caucus(work: Work, closed: Channel, *, actor: str | None, client_id: str | None = None) -> None:
    """Closes the channel, and says so in the record if anybody knew of it."""
    closed.closed_at = work.now
    members = members_of(work.session, closed.id)
    caucus = work.get(Caucus, closed.id)
    if caucus.begun_at is not None:
        facts = {"caucus": closed.id, "people": members}
        record = record_of(work.session, closed.room_id or "")
        work.happened("caucus_closed", record, actor, public=facts, body=facts, client_id=client_id)


def new_caucus(
    work: Work, room: Room, *, by: str, members: Sequence[str], side: str, form: str, name: str
) -> Caucus:
    """The channel of a caucus and its row; nobody is told yet."""
    people = tuple(dict.fromkeys((*members, by)))
    channel = add_channel(
        work, room=room.id, kind="caucus", people=people, side=side, name=clean_name(name)[:120]
    )
    return work.add(Caucus(channel_id=channel, form=form, opened_by=by, locked=False))


def begin(work: Work, caucus: Caucus, *, by: str, client_id: str | None = None) -> Entry:
    """From now on everybody knows that it is on, and with whom."""
    caucus.begun_at = work.now
    work.session.flush()
    channel = work.get(Channel, caucus.channel_id)
    people = members_of(work.session, channel.id)
    facts = {"caucus": channel.id, "people": people, "side": channel.side, "form": caucus.form}
    record = record_of(work.session, channel.room_id or "")
    return work.happened("caucus_opened", record, by, public=facts, body=facts, client_id=client_id)


def come_in(work: Work, caucus: Caucus, person: str) -> None:
    """A person goes inside, out of the caucus they were in; whoever opened it comes with the first."""
    channel = work.get(Channel, caucus.channel_id)
    room = channel.room_id or ""
    first = caucus.begun_at is None
    joins = become_member(work, channel.id, person)
    _step_in(work, caucus, room, person)
    if first:
        if caucus_of(work.session, room, caucus.opened_by) is None:
            _step_in(work, caucus, room, caucus.opened_by)
        begin(work, caucus, by=caucus.opened_by)
    elif joins:
        facts = {"caucus": channel.id, "person": person}
        work.happened("caucus_joined", record_of(work.session, room), person, public=facts, body=facts)


def step_out(work: Work, room: str, person: str) -> str | None:
    """A person leaves the caucus in which they are; gives it. One in which nobody is left who was alone there ends."""
    left = caucus_of(work.session, room, person)
    if left is None:
        return None
    caucus = work.get(Caucus, left)
    guest_of(work, caucus, person).state = "outside"
    work.session.flush()
    work.happened("caucus_left", left, person, public={"person": person}, body={"person": person})
    if caucus.form == "alone" and not insiders(work.session, left):
        end_caucus(work, work.get(Channel, left), actor=person)
    return left


def caucus_for(session: Session, person: str, channel: str) -> tuple[Channel, Room, Actor]:
    """A caucus that this person may read, its room, and what the person is there; raises `NotFound`."""
    found = channel_for(session, person, channel)
    if found.kind != "caucus" or found.room_id is None:
        raise NotFound
    return found, *room_for(session, person, found.room_id)


def require_to_run(caucus: Caucus, room: Room, actor: Actor) -> None:
    """Raises unless this member has begun the caucus, or leads."""
    if caucus.opened_by != actor.person:
        require(actor, "lead", room)


def still_open(channel: Channel) -> None:
    """Raises `WrongState` for a caucus that has ended."""
    if channel.closed_at is not None:
        raise WrongState("caucus.over")


def guest_of(work: Work, caucus: Caucus, person: str) -> Guest:
    """The row of a person in a caucus, made when there is none."""
    found = work.session.get(Guest, (caucus.channel_id, person))
    if found is None:
        work.session.flush()
        found = work.add(Guest(channel_id=caucus.channel_id, person_id=person, state="outside"))
    return found


def side_for(session: Session, room: Room, actor: Actor, people: Sequence[str], *, form: str) -> str:
    """Whose caucus it is; raises `NotFound` for who is not in the case, `Invalid` for people who may not be in it together."""
    parties = [party_of(session, person, room.case_id) for person in people]
    found = [party for party in parties if party is not None]
    if not people:
        raise Invalid("caucus.nobody_called")
    if len(found) < len(parties):
        raise NotFound
    if form == "bench":
        if any(party.standing not in BENCH for party in found):
            raise Invalid("caucus.bench_only")
        return "bench"
    if any(party.standing not in SIDES for party in found) or len(sides := _sides(found)) != 1:
        raise Invalid("caucus.one_side")
    if form == "alone" and sides != {actor.side}:
        raise Invalid("caucus.own_side_only")
    return sides.pop()


def become_member(work: Work, channel: str, person: str) -> bool:
    """Lets a person read a caucus from now on; whether they could not before."""
    if work.session.get(Member, (channel, person)) is not None:
        return False
    work.add(Member(channel_id=channel, person_id=person, since=work.now))
    work.session.flush()
    return True


def _sides(parties: Sequence[Party]) -> set[str]:
    return {party.side for party in parties}


def _step_in(work: Work, caucus: Caucus, room: str, person: str) -> None:
    step_out(work, room, person)
    guest_of(work, caucus, person).state = "inside"
    work.session.flush()
    facts = {"person": person}
    work.happened("caucus_entered", caucus.channel_id, person, public=facts, body=facts)
