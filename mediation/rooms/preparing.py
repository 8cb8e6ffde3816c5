"""Private rooms prepared beforehand: named, with the people in mind, and known to whoever prepares them alone; one tap opens them (I2)."""

from collections.abc import Sequence

from sqlalchemy import select

from mediation.errors import Invalid
from mediation.people.permission import require
from mediation.record.entry import entries
from mediation.rooms.caucus import (
    STARTS,
    become_member,
    begin,
    caucus_for,
    guest_of,
    new_caucus,
    require_to_run,
    side_for,
    step_out,
    still_open,
)
from mediation.rooms.channel import Channel
from mediation.rooms.entrance import room_for
from mediation.rooms.guest import Caucus, caucus_of, guests_of
from mediation.work import Work


def prepare_caucus(
    work: Work, *, by: str, room: str, people: Sequence[str], form: str = "caucus", name: str = "",
    client_id: str,
) -> str:  # fmt: skip
    """Makes a caucus that is not on yet; gives its channel. Nobody else learns of it before they are called or taken along."""
    if form not in STARTS:
        raise Invalid("caucus.form_unknown")
    held, actor = room_for(work.session, by, room)
    require(actor, STARTS[form], held)
    if made := _made_before(work, by, room, client_id):
        return made
    planned = [person for person in dict.fromkeys(people) if person != by]
    side = side_for(work.session, held, actor, planned, form=form)
    caucus = new_caucus(work, held, by=by, members=(), side=side, form=form, name=name)
    for person in planned:
        guest_of(work, caucus, person)
    facts = {"people": planned}
    work.happened("caucus_prepared", caucus.channel_id, by, public=facts, body=facts, client_id=client_id)
    return caucus.channel_id


def begin_caucus(work: Work, *, by: str, channel: str) -> str:
    """Takes everybody of a prepared caucus of the mediator's along at once; gives its room. Twice is once."""
    prepared, room, actor = caucus_for(work.session, by, channel)
    caucus = work.get(Caucus, channel)
    require_to_run(caucus, room, actor)
    require(actor, "lead", room)  # people of other forms are called, and come by themselves
    if caucus.begun_at is not None:
        return room.id
    still_open(prepared)
    people = [person for person in guests_of(work.session, channel) if person != by]
    if any(caucus_of(work.session, room.id, person) for person in people):
        raise Invalid("caucus.busy")
    for person in (*people, by):
        step_out(work, room.id, person)
        become_member(work, channel, person)
        guest_of(work, caucus, person).state = "inside"
    begin(work, caucus, by=by)
    return room.id


def _made_before(work: Work, by: str, room: str, client_id: str) -> str | None:
    work.catch_up()
    mine = (entries.c.kind == "caucus_prepared", entries.c.actor == by, entries.c.client_id == client_id)
    query = select(entries.c.channel).join(Channel, Channel.id == entries.c.channel)
    return work.session.scalar(query.where(*mine, Channel.room_id == room))
