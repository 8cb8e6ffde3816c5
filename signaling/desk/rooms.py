"""Rooms and channels: enter, read, say, take back, have seen."""

from typing import Annotated, Any

from msgspec import Meta

from mediation.clock import iso
from mediation.errors import NotFound
from mediation.hearings.hearing import next_hearing
from mediation.hearings.recording import recording_view
from mediation.record.entry import read_entries
from mediation.record.erased import erased_among
from mediation.record.place import entries_around
from mediation.rooms.channel import channel_for, members_of
from mediation.rooms.entrance import ChannelView, RoomView, enter_room
from mediation.rooms.guest import Call, CaucusView
from mediation.rooms.house import House
from mediation.rooms.location import Location
from mediation.rooms.message import mark_read, post_message, recall_message
from mediation.rooms.pause import pauses_left
from signaling.announce import person_in, shown
from signaling.desk.desk import Connection, Desk
from signaling.desk.table import Nothing, Ours, request

Id = Annotated[str, Meta(min_length=1, max_length=64)]
Seq = Annotated[int, Meta(ge=0, le=2**53)]
Time = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6}Z)?$")]
"""As entries have it, or to the second: without the end it sorts before all of that second."""


class EnterRoom(Ours):
    room: Id


class ReadEntries(Ours):
    channel: Id
    after: Seq | None = None
    before: Seq | None = None
    around: Time | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class PostMessage(Ours):
    channel: Id
    client_id: Id
    text: Annotated[str, Meta(max_length=1_000_000)]
    reply_to: Seq | None = None
    mentions: Annotated[tuple[Id, ...], Meta(max_length=50)] = ()
    location: Location | None = None


class RecallMessage(Ours):
    channel: Id
    seq: Seq


class MarkRead(Ours):
    channel: Id
    seq: Seq


class Said(Ours):
    seq: int
    id: str
    hash: str


@request("enter_room", EnterRoom, may="room", cost=3)
async def enter(desk: Desk, caller: Connection, asked: EnterRoom) -> dict[str, Any]:
    view = await desk.read(enter_room, caller.person, asked.room, now=desk.bridge.store.writer.clock())
    hearing = await desk.read(next_hearing, asked.room)
    recording = await desk.read(recording_view, asked.room)
    house = await _house(desk, view)
    for channel in view.channels:
        desk.announce.knows(channel.id, asked.room)
    was_online = online_in(desk, asked.room)
    await desk.sio.enter_room(caller.socket, person_in(asked.room, caller.person))
    caller.rooms.add(asked.room)
    if caller.person not in was_online:
        tell_presence(desk, asked.room, caller.person, online=True)
    seat = desk.seats.of_person(asked.room, caller.person)
    return _room(view, caller, online=was_online | {caller.person}) | {
        "hearing": hearing
        and {
            "id": hearing.id,
            "state": hearing.state,
            "starts_at": iso(hearing.starts_at),
            "title": hearing.title,
        },
        "recording": recording,
        "house": house,
        "hands": desk.seats.hands(seat) if seat is not None and seat.place is not None else [],
    }


@request("read_entries", ReadEntries, may="channel", cost=2)
async def read(desk: Desk, caller: Connection, asked: ReadEntries) -> dict[str, Any]:
    await desk.read(channel_for, caller.person, asked.channel)
    keys, limit = desk.bridge.store.keys, asked.limit
    if asked.around is not None:
        entries = await desk.read(entries_around, keys, asked.channel, asked.around, limit=limit)
    else:
        between = {"after": asked.after, "before": asked.before}
        entries = await desk.read(read_entries, keys, asked.channel, **between, limit=limit)
    empty = {entry.seq for entry in entries if entry.body is None}
    erased = await desk.read(erased_among, keys, asked.channel, empty)
    return {"entries": [shown(entry, erased.get(entry.seq)) for entry in entries]}


@request("post_message", PostMessage, may="speak")
async def post(desk: Desk, caller: Connection, asked: PostMessage) -> Said:
    entry = await desk.write(
        post_message,
        by=caller.person,
        channel=asked.channel,
        text=asked.text,
        client_id=asked.client_id,
        reply_to=asked.reply_to,
        mentions=asked.mentions,
        location=asked.location,
    )
    return Said(seq=entry.seq, id=entry.id, hash=entry.hash)


@request("recall_message", RecallMessage, may="speak")
async def recall(desk: Desk, caller: Connection, asked: RecallMessage) -> Said:
    entry = await desk.write(recall_message, by=caller.person, channel=asked.channel, seq=asked.seq)
    return Said(seq=entry.seq, id=entry.id, hash=entry.hash)


@request("mark_read", MarkRead, may="channel")
async def mark(desk: Desk, caller: Connection, asked: MarkRead) -> Nothing:
    channel = await desk.read(channel_for, caller.person, asked.channel)
    seq = await desk.write(mark_read, by=caller.person, channel=asked.channel, seq=asked.seq)
    people = await desk.read(members_of, asked.channel)
    seen = {"channel": asked.channel, "person": caller.person, "seq": seq}
    desk.announce.to_people(channel.room_id or "", people, "read", seen)
    return Nothing()


def online_in(desk: Desk, room: str) -> set[str]:
    """Who has the room open on some device."""
    return {each.person for each in desk.connections.values() if room in each.rooms}


def tell_presence(desk: Desk, room: str, person: str, *, online: bool) -> None:
    """Tells the others in a room that somebody has come or gone."""
    others = online_in(desk, room) - {person}
    desk.announce.to_people(room, others, "presence", {"room": room, "person": person, "online": online})


def channel_shown(view: ChannelView) -> dict[str, Any]:
    """A channel as its member sees it."""
    return {
        "id": view.id,
        "kind": view.kind,
        "name": view.name,
        "side": view.side,
        "last_seq": view.last_seq,
        "read_seq": view.read_seq,
        "may_speak": view.may_speak,
        "shut": view.shut,
        "open": view.open,
        "people": list(view.people),
        "reads": dict(view.reads),
        "deliveries": dict(view.deliveries),
    } | ({"caucus": caucus_shown(view.caucus)} if view.caucus else {})


def caucus_shown(view: CaucusView) -> dict[str, Any]:
    """How a caucus stands, as its members see it."""
    return {
        "form": view.form,
        "by": view.by,
        "begun": view.begun,
        "locked": view.locked,
        "ends_at": iso(view.ends_at) if view.ends_at else None,
        "inside": list(view.inside),
        "called": list(view.called),
        "guests": list(view.guests),
    }


def call_shown(call: Call) -> dict[str, Any]:
    """A call, or an open door, as whoever may come in sees it."""
    until = iso(call.rings_until) if call.rings_until else None
    return {"channel": call.channel, "by": call.by, "form": call.form, "until": until}


def must_have_entered(caller: Connection, room: str) -> None:
    """A stage is joined from within its room: nobody hears of a room they have not entered."""
    if room not in caller.rooms:
        raise NotFound


async def _house(desk: Desk, view: RoomView) -> dict[str, Any]:
    """The rules of the house as they are now, with how many pauses the reader may still call."""
    now, house = desk.bridge.store.writer.clock(), House.of(view.room.house)
    left = 0
    if "call_pause" in view.may:
        left = await desk.read(pauses_left, view.room, view.actor.person, now=now)
    silenced = {who: until for who in house.silenced if (until := house.silent_until(who, now)) is not None}
    return {
        "frozen": house.frozen,
        "pause": {"until": house.pause_until, "by": house.pause_by} if house.is_paused(now) else None,
        "pauses_left": left,
        "slow": house.slow,
        "stage": house.stage,
        "writers": None if house.writers is None else list(house.writers),
        "silenced": silenced,
        "out": list(house.out),
        "apart": house.apart,
    }


def _room(view: RoomView, caller: Connection, *, online: set[str]) -> dict[str, Any]:
    people = [
        {
            "id": each.person,
            "name": each.name,
            "standing": each.standing,
            "side": each.side,
            "authority": each.authority,
            "represents": each.represents,
            "online": each.person in online,
        }
        for each in view.people
    ]
    case = {"id": view.case.id, "number": view.case.number, "state": view.case.state}
    return {
        "room": view.room.id,
        "me": caller.person,
        "title": view.case.title,
        "state": view.room.state,
        "case": case,
        "people": people,
        "channels": [channel_shown(channel) for channel in view.channels],
        "calls": [call_shown(call) for call in view.calls],
        "may": list(view.may),
    }
