"""Order: admit, remove, warn, mute, allow to share; written into the record, and confirmed by the forwarding unit before anybody is answered."""

from typing import Annotated

from msgspec import Meta

from mediation.hearings.attendance import admit_person, is_blocked, remove_person
from mediation.people.permission import require
from mediation.rooms.entrance import room_for
from mediation.rooms.order import (
    allow_share,
    forbid_share,
    mute_people,
    mute_person,
    unmute_person,
    warn_person,
)
from signaling.desk.desk import Connection, Desk
from signaling.desk.enforce import enforce
from signaling.desk.moving import give_up, move, settle, tell_where
from signaling.desk.rooms import Id
from signaling.desk.stage import own_seat
from signaling.desk.table import Nothing, Ours, request
from signaling.desk.watch import note

Reason = Annotated[str, Meta(max_length=500)]


class OnePerson(Ours):
    room: Id
    person: Id
    client_id: Id


class UnmutePerson(OnePerson):
    source: str


class MutePerson(UnmutePerson):
    lock: bool = True
    reason: Reason = ""


class MuteEverybody(Ours):
    room: Id
    client_id: Id
    but: Annotated[tuple[Id, ...], Meta(max_length=50)] = ()
    lock: bool = False
    reason: Reason = ""


class RemovePerson(OnePerson):
    reason: Reason
    block: bool = False


class WarnPerson(OnePerson):
    reason: Reason


class ForbidShare(OnePerson):
    reason: Reason = ""


class Muted(Ours):
    people: list[str]


@request("admit_person", OnePerson, may="lead", cost=2)
async def admit(desk: Desk, caller: Connection, asked: OnePerson) -> Nothing:
    who = {"room": asked.room, "person": asked.person}
    await desk.write(admit_person, by=caller.person, client_id=asked.client_id, **who)
    seat = desk.seats.of_person(asked.room, asked.person)
    if seat is not None and seat.place is None:
        note(desk, seat, "admitted")
        await settle(desk, seat, announce=False)
        tell_where(desk, seat)
    return Nothing()


@request("remove_person", RemovePerson, may="lead", cost=2)
async def remove(desk: Desk, caller: Connection, asked: RemovePerson) -> Nothing:
    who = {"room": asked.room, "person": asked.person}
    await desk.write(
        remove_person,
        by=caller.person,
        reason=asked.reason,
        block=asked.block,
        client_id=asked.client_id,
        **who,
    )
    seat = desk.seats.of_person(asked.room, asked.person)
    if seat is not None and seat.place is not None:
        note(desk, seat, "removed")
        await move(desk, [seat], None, why="removed")
    if seat is not None and await desk.read(is_blocked, asked.room, asked.person):
        gone = {"room": asked.room, "person": asked.person, "state": "gone", "why": "blocked"}
        desk.announce.to_sockets([seat.socket], "stage_changed", gone)
        await give_up(desk, seat, how="removed")
    return Nothing()


@request("warn_person", WarnPerson, may="lead", cost=2)
async def warn(desk: Desk, caller: Connection, asked: WarnPerson) -> Nothing:
    who = {"room": asked.room, "person": asked.person}
    await desk.write(warn_person, by=caller.person, reason=asked.reason, client_id=asked.client_id, **who)
    if seat := desk.seats.of_person(asked.room, asked.person):
        note(desk, seat, "warned", "moderator")
    return Nothing()


@request("mute_person", MutePerson, may="lead", cost=2)
async def mute(desk: Desk, caller: Connection, asked: MutePerson) -> Nothing:
    await desk.write(
        mute_person,
        by=caller.person,
        room=asked.room,
        person=asked.person,
        source=asked.source,
        lock=asked.lock,
        reason=asked.reason,
        client_id=asked.client_id,
    )
    await _keep_order(desk, asked.room, asked.person)
    return Nothing()


@request("unmute_person", UnmutePerson, may="lead", cost=2)
async def unmute(desk: Desk, caller: Connection, asked: UnmutePerson) -> Nothing:
    who = {"room": asked.room, "person": asked.person, "source": asked.source}
    await desk.write(unmute_person, by=caller.person, client_id=asked.client_id, **who)
    await _keep_order(desk, asked.room, asked.person)
    return Nothing()


@request("mute_everybody", MuteEverybody, may="lead", cost=5)
async def mute_everybody(desk: Desk, caller: Connection, asked: MuteEverybody) -> Muted:
    room, actor = await desk.read(room_for, caller.person, asked.room)
    require(actor, "lead", room)
    here = desk.seats.beside(own_seat(desk, caller, asked.room))
    people = await desk.write(
        mute_people,
        by=caller.person,
        room=asked.room,
        people=[seat.person for seat in here if not seat.leads and seat.person not in asked.but],
        lock=asked.lock,
        reason=asked.reason,
        client_id=asked.client_id,
    )
    await _keep_order(desk, asked.room, *people)
    return Muted(people=list(people))


@request("allow_share", OnePerson, may="lead", cost=2)
async def allow(desk: Desk, caller: Connection, asked: OnePerson) -> Nothing:
    who = {"room": asked.room, "person": asked.person}
    await desk.write(allow_share, by=caller.person, client_id=asked.client_id, **who)
    await _keep_order(desk, asked.room, asked.person)
    return Nothing()


@request("forbid_share", ForbidShare, may="lead", cost=2)
async def forbid(desk: Desk, caller: Connection, asked: ForbidShare) -> Nothing:
    who = {"room": asked.room, "person": asked.person}
    await desk.write(forbid_share, by=caller.person, reason=asked.reason, client_id=asked.client_id, **who)
    if seat := desk.seats.of_person(asked.room, asked.person):
        seat.asks_share = False
    await _keep_order(desk, asked.room, asked.person)
    return Nothing()


async def _keep_order(desk: Desk, room: str, *people: str) -> None:
    for person in people:
        seat = desk.seats.of_person(room, person)
        if seat is not None:
            await enforce(desk, seat)
