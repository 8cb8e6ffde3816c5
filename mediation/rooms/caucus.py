"""Caucuses: private sessions of the mediator with one side, each a ledger of its own that only its members can read.

That a caucus is on, with whom and since when, is an entry that everybody sees; nothing else of it is.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.party import party_of
from mediation.errors import Invalid, NotFound
from mediation.people.permission import Actor, require
from mediation.people.person import clean_name
from mediation.rooms.channel import Channel, channel_for, members_of, record_of
from mediation.rooms.entrance import room_for
from mediation.rooms.room import Room, add_channel
from mediation.work import Work


def open_caucus(
    work: Work, *, by: str, room: str, people: Sequence[str], name: str = "", client_id: str
) -> str:
    """Opens a caucus of the mediator with people of one side; gives its channel. The same `client_id` again gets the same one.

    Raises `Invalid` when the people are of both sides, of none, or already in another caucus.
    """
    held, actor = room_for(work.session, by, room)
    require(actor, "lead", held)
    record = record_of(work.session, room)
    if opened := work.earlier(record, by, client_id):
        return str(opened.public["caucus"])
    side = _side_of(work, held, people)
    busy = {
        person
        for channel in open_caucuses(work.session, room)
        for person in members_of(work.session, channel)
    }
    if busy & {by, *people}:
        raise Invalid("caucus.busy")
    invited = tuple(dict.fromkeys((*people, by)))
    channel = add_channel(work, room=room, kind="caucus", people=invited, side=side, name=clean_name(name))
    facts = {"caucus": channel, "people": list(invited), "side": side}
    work.happened("caucus_opened", record, by, public=facts, body=facts, client_id=client_id)
    return channel


def close_caucus(work: Work, *, by: str, channel: str, client_id: str | None = None) -> str:
    """Ends a caucus: its ledger stays readable to its members, nothing more is said in it; gives its room."""
    closed = channel_for(work.session, by, channel)
    if closed.kind != "caucus" or closed.room_id is None:
        raise NotFound
    room, actor = room_for(work.session, by, closed.room_id)
    if closed.closed_at is not None:
        return room.id
    require(actor, "lead", room)
    end_caucus(work, closed, actor=actor, client_id=client_id)
    return room.id


def end_caucus(work: Work, caucus: Channel, *, actor: Actor, client_id: str | None = None) -> None:
    """Closes the channel and says so in the record."""
    caucus.closed_at = work.now
    facts = {"caucus": caucus.id, "people": members_of(work.session, caucus.id)}
    record = record_of(work.session, caucus.room_id or "")
    work.happened("caucus_closed", record, actor.person, public=facts, body=facts, client_id=client_id)


def open_caucuses(session: Session, room: str) -> list[str]:
    """The channels of the caucuses that are on in a room."""
    on = select(Channel.id).where(
        Channel.room_id == room, Channel.kind == "caucus", Channel.closed_at.is_(None)
    )
    return list(session.scalars(on))


def caucus_of(session: Session, room: str, person: str) -> str | None:
    """The caucus in which a person is now, or None."""
    return next(
        (caucus for caucus in open_caucuses(session, room) if person in members_of(session, caucus)), None
    )


def _side_of(work: Work, room: Room, people: Sequence[str]) -> str:
    parties = [party_of(work.session, person, room.case_id) for person in people]
    if any(party is None for party in parties):
        raise NotFound
    sides = {party.side for party in parties if party is not None}
    if len(sides) != 1 or not sides <= {"claimant", "respondent"}:
        raise Invalid("caucus.one_side")
    return sides.pop()
