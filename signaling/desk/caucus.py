"""Caucuses: people move into a private session and back, with the same transports; nothing crosses the wall once it is answered."""

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta

from mediation.clock import iso
from mediation.rooms.caucus import close_caucus, open_caucus
from mediation.rooms.channel import members_of
from mediation.rooms.entrance import channel_view
from mediation.rooms.guest import guests_of, insiders
from mediation.rooms.inside import (
    announce_to_caucuses,
    call_mediator,
    enter_caucus,
    leave_caucus,
    lock_caucus,
    time_caucus,
)
from signaling.desk.desk import Connection, Desk
from signaling.desk.moving import settle_all
from signaling.desk.rooms import Id, caucus_shown, channel_shown
from signaling.desk.table import Nothing, Ours, request
from signaling.desk.watch import note_absent

People = Annotated[list[Id], Meta(min_length=1, max_length=20)]
Name = Annotated[str, Meta(max_length=120)]


class OpenCaucus(Ours):
    room: Id
    people: People
    client_id: Id
    name: Name = ""


class OneCaucus(Ours):
    channel: Id


class CaucusAct(OneCaucus):
    client_id: Id


class LockCaucus(CaucusAct):
    locked: bool


class TimeCaucus(CaucusAct):
    minutes: Annotated[int, Meta(ge=0, le=10_000)]
    extend: bool = False


class CallMediator(Ours):
    room: Id
    client_id: Id


class AnnounceToCaucuses(CallMediator):
    text: Annotated[str, Meta(max_length=1_000_000)]


class Opened(Ours):
    channel: str


class Timed(Ours):
    ends_at: str | None


@request("open_caucus", OpenCaucus, may="lead", cost=5)
async def open_(desk: Desk, caller: Connection, asked: OpenCaucus) -> Opened:
    channel = await desk.write(
        open_caucus,
        by=caller.person,
        room=asked.room,
        people=asked.people,
        name=asked.name,
        client_id=asked.client_id,
    )
    members = await desk.read(members_of, channel)
    await tell_opened(desk, asked.room, channel, members)
    await settle_people(desk, asked.room, await desk.read(insiders, channel))
    return Opened(channel=channel)


@request("close_caucus", CaucusAct, may="channel", cost=5)
async def close(desk: Desk, caller: Connection, asked: CaucusAct) -> Nothing:
    room = await desk.write(close_caucus, by=caller.person, channel=asked.channel, client_id=asked.client_id)
    await tell_closed(desk, room, asked.channel)
    return Nothing()


@request("enter_caucus", OneCaucus, may="channel", cost=5)
async def enter(desk: Desk, caller: Connection, asked: OneCaucus) -> Opened:
    room = await desk.write(enter_caucus, by=caller.person, channel=asked.channel)
    await bring_in(desk, room, asked.channel, caller.person)
    return Opened(channel=asked.channel)


@request("leave_caucus", OneCaucus, may="channel", cost=5)
async def leave(desk: Desk, caller: Connection, asked: OneCaucus) -> Nothing:
    room = await desk.write(leave_caucus, by=caller.person, channel=asked.channel)
    await settle_people(desk, room, [caller.person])
    await tell_changed(desk, room, asked.channel)
    return Nothing()


@request("lock_caucus", LockCaucus, may="channel")
async def lock(desk: Desk, caller: Connection, asked: LockCaucus) -> Nothing:
    how = {"locked": asked.locked, "client_id": asked.client_id}
    await desk.write(lock_caucus, by=caller.person, channel=asked.channel, **how)
    await tell_changed(desk, desk.announce.room_of(asked.channel), asked.channel)
    return Nothing()


@request("time_caucus", TimeCaucus, may="channel")
async def time(desk: Desk, caller: Connection, asked: TimeCaucus) -> Timed:
    how = {"minutes": asked.minutes, "extend": asked.extend, "client_id": asked.client_id}
    ends_at = await desk.write(time_caucus, by=caller.person, channel=asked.channel, **how)
    await tell_changed(desk, desk.announce.room_of(asked.channel), asked.channel)
    return Timed(ends_at=iso(ends_at) if ends_at else None)


@request("call_mediator", CallMediator, may="speak", cost=5)
async def call_mediator_(desk: Desk, caller: Connection, asked: CallMediator) -> Nothing:
    await desk.write(call_mediator, by=caller.person, room=asked.room, client_id=asked.client_id)
    return Nothing()


@request("announce_to_caucuses", AnnounceToCaucuses, may="lead", cost=5)
async def announce(desk: Desk, caller: Connection, asked: AnnounceToCaucuses) -> Nothing:
    said = {"room": asked.room, "text": asked.text, "client_id": asked.client_id}
    await desk.write(announce_to_caucuses, by=caller.person, **said)
    return Nothing()


async def bring_in(desk: Desk, room: str, channel: str, person: str) -> None:
    """Somebody came in, and whoever opened it with the first: they are where they belong before anybody is told."""
    inside = await desk.read(insiders, channel)
    await settle_people(desk, room, inside)
    await tell_opened(desk, room, channel, [person])
    await tell_changed(desk, room, channel)


async def settle_people(desk: Desk, room: str, people: Iterable[str]) -> None:
    """Puts the seats of these people where they belong now."""
    wanted = set(people)
    await settle_all(desk, [seat for seat in desk.seats.of_room(room) if seat.person in wanted])


async def tell_opened(desk: Desk, room: str, channel: str, people: Iterable[str]) -> None:
    """New members of a caucus hear of its channel."""
    desk.announce.knows(channel, room)
    for person in people:
        view = await desk.read(channel_view, person, channel)
        opened = {"room": room, "channel": channel_shown(view)}
        desk.announce.to_people(room, [person], "channel_opened", opened)


async def tell_changed(desk: Desk, room: str, channel: str) -> None:
    """The members of a caucus hear how it stands; when it has ended by itself, that."""
    members = await desk.read(members_of, channel)
    view = await desk.read(channel_view, members[0], channel)
    if not view.open:
        await tell_closed(desk, room, channel)
    elif view.caucus is not None:
        stands = {"room": room, "channel": channel, "people": list(view.people)}
        changed = stands | {"caucus": caucus_shown(view.caucus)}
        desk.announce.to_people(room, members, "caucus_changed", changed)


async def tell_closed(desk: Desk, room: str, channel: str) -> None:
    """A caucus has ended: its people go where they belong, and nothing rings for it any more."""
    members = await desk.read(members_of, channel)
    called = await desk.read(guests_of, channel)
    desk.announce.to_people(room, members, "channel_closed", {"room": room, "channel": channel})
    desk.announce.to_people(
        room, set(called) - set(members), "call_ended", {"room": room, "channel": channel}
    )
    await settle_all(desk, [seat for seat in desk.seats.of_room(room) if seat.place == channel])
    for person in members:
        if desk.seats.of_person(room, person) is None:
            note_absent(desk, room, person)
