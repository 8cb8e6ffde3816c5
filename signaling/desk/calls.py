"""Calls: a private session rings at those who are asked in, and they come or do not."""

from typing import Any

from mediation.clock import iso
from mediation.rooms.call import Ringing, accept_call, call_again, call_caucus, decline_call
from mediation.rooms.channel import members_of
from mediation.rooms.guest import insiders
from mediation.rooms.preparing import begin_caucus, prepare_caucus
from signaling.desk.caucus import (
    Name,
    OneCaucus,
    Opened,
    People,
    bring_in,
    settle_people,
    tell_changed,
    tell_opened,
)
from signaling.desk.desk import Connection, Desk
from signaling.desk.rooms import Id
from signaling.desk.table import Nothing, Ours, request


class PrepareCaucus(Ours):
    room: Id
    people: People
    client_id: Id
    form: str = "caucus"
    name: Name = ""


class CallCaucus(PrepareCaucus):
    accepts_terms: bool = False


class CallAgain(Ours):
    channel: Id
    people: People
    client_id: Id


class Called(Ours):
    channel: str
    until: str


@request("call_caucus", CallCaucus, may="room", cost=5)
async def call(desk: Desk, caller: Connection, asked: CallCaucus) -> Called:
    how: dict[str, Any] = {
        "people": asked.people, "form": asked.form, "name": asked.name, "accepts_terms": asked.accepts_terms,
    }  # fmt: skip
    ringing = await desk.write(
        call_caucus, by=caller.person, room=asked.room, client_id=asked.client_id, **how
    )
    await tell_opened(desk, asked.room, ringing.channel, [caller.person])
    return await _ring(desk, caller, ringing)


@request("prepare_caucus", PrepareCaucus, may="room", cost=5)
async def prepare(desk: Desk, caller: Connection, asked: PrepareCaucus) -> Opened:
    how: dict[str, Any] = {"people": asked.people, "form": asked.form, "name": asked.name}
    channel = await desk.write(
        prepare_caucus, by=caller.person, room=asked.room, client_id=asked.client_id, **how
    )
    await tell_opened(desk, asked.room, channel, [caller.person])
    return Opened(channel=channel)


@request("begin_caucus", OneCaucus, may="lead", cost=5)
async def begin(desk: Desk, caller: Connection, asked: OneCaucus) -> Opened:
    room = await desk.write(begin_caucus, by=caller.person, channel=asked.channel)
    await tell_opened(desk, room, asked.channel, await desk.read(members_of, asked.channel))
    await settle_people(desk, room, await desk.read(insiders, asked.channel))
    return Opened(channel=asked.channel)


@request("call_again", CallAgain, may="channel", cost=5)
async def again(desk: Desk, caller: Connection, asked: CallAgain) -> Called:
    who = {"people": asked.people, "client_id": asked.client_id}
    ringing = await desk.write(call_again, by=caller.person, channel=asked.channel, **who)
    return await _ring(desk, caller, ringing)


@request("accept_call", OneCaucus, may="channel", cost=5)
async def accept(desk: Desk, caller: Connection, asked: OneCaucus) -> Opened:
    room = await desk.write(accept_call, by=caller.person, channel=asked.channel)
    await bring_in(desk, room, asked.channel, caller.person)
    _stop_ringing(desk, room, asked.channel, caller.person)
    return Opened(channel=asked.channel)


@request("decline_call", OneCaucus, may="channel")
async def decline(desk: Desk, caller: Connection, asked: OneCaucus) -> Nothing:
    room = await desk.write(decline_call, by=caller.person, channel=asked.channel)
    _stop_ringing(desk, room, asked.channel, caller.person)
    await tell_changed(desk, room, asked.channel)
    return Nothing()


async def _ring(desk: Desk, caller: Connection, ringing: Ringing) -> Called:
    """It rings at those who have the room open; the others find it when they come."""
    until = iso(ringing.until)
    call = {"channel": ringing.channel, "by": caller.person, "form": ringing.form, "until": until}
    called = {"room": ringing.room, "call": call}
    desk.announce.to_people(ringing.room, ringing.people, "caucus_called", called)
    await tell_changed(desk, ringing.room, ringing.channel)
    return Called(channel=ringing.channel, until=until)


def _stop_ringing(desk: Desk, room: str, channel: str, person: str) -> None:
    """On the person's other devices too."""
    desk.announce.to_people(room, [person], "call_ended", {"room": room, "channel": channel})
