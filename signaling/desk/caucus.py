"""Caucuses: people move into a private session and back, with the same transports; nothing crosses the wall once it is answered."""

from typing import Annotated

from msgspec import Meta

from mediation.rooms.caucus import close_caucus, open_caucus
from mediation.rooms.channel import members_of
from mediation.rooms.entrance import channel_view
from signaling.desk.desk import Connection, Desk
from signaling.desk.moving import move
from signaling.desk.rooms import Id, channel_shown
from signaling.desk.table import Nothing, Ours, request
from signaling.desk.watch import note_absent
from signaling.seats import MAIN


class OpenCaucus(Ours):
    room: Id
    people: Annotated[list[Id], Meta(min_length=1, max_length=20)]
    client_id: Id
    name: Annotated[str, Meta(max_length=120)] = ""


class CloseCaucus(Ours):
    channel: Id
    client_id: Id


class Opened(Ours):
    channel: str


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
    desk.announce.knows(channel, asked.room)
    for person in members:
        view = await desk.read(channel_view, person, channel)
        opened = {"room": asked.room, "channel": channel_shown(view)}
        desk.announce.to_people(asked.room, [person], "channel_opened", opened)
    seats = [seat for seat in desk.seats.of_room(asked.room) if seat.person in members and seat.state == "on"]
    await move(desk, [seat for seat in seats if seat.place != channel], channel)
    return Opened(channel=channel)


@request("close_caucus", CloseCaucus, may="lead", cost=5)
async def close(desk: Desk, caller: Connection, asked: CloseCaucus) -> Nothing:
    room = await desk.write(close_caucus, by=caller.person, channel=asked.channel, client_id=asked.client_id)
    members = await desk.read(members_of, asked.channel)
    desk.announce.to_people(room, members, "channel_closed", {"room": room, "channel": asked.channel})
    await move(desk, [seat for seat in desk.seats.of_room(room) if seat.place == asked.channel], MAIN)
    for person in members:
        if desk.seats.of_person(room, person) is None:
            note_absent(desk, room, person)
    return Nothing()
