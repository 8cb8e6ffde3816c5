"""Order: admit, remove, mute; written into the record, and confirmed by the forwarding unit before anybody is answered."""

from typing import Annotated

from msgspec import Meta

from mediation.hearings.attendance import admit_person, remove_person
from mediation.rooms.order import mute_person, muted_in, unmute_person
from signaling.desk.desk import Connection, Desk
from signaling.desk.media import sources_of, tell_paused
from signaling.desk.rooms import Id
from signaling.desk.stage import move, settle, tell_where
from signaling.desk.table import Nothing, Ours, request

Reason = Annotated[str, Meta(max_length=500)]


class AdmitPerson(Ours):
    room: Id
    person: Id
    client_id: Id


class RemovePerson(Ours):
    room: Id
    person: Id
    reason: Reason
    client_id: Id


class UnmutePerson(Ours):
    room: Id
    person: Id
    source: str
    client_id: Id


class MutePerson(UnmutePerson):
    reason: Reason = ""


@request("admit_person", AdmitPerson, may="lead", cost=2)
async def admit(desk: Desk, caller: Connection, asked: AdmitPerson) -> Nothing:
    who = {"room": asked.room, "person": asked.person}
    await desk.write(admit_person, by=caller.person, client_id=asked.client_id, **who)
    seat = desk.seats.of_person(asked.room, asked.person)
    if seat is not None and seat.place is None:
        await settle(desk, seat, announce=False)
        tell_where(desk, seat)
    return Nothing()


@request("remove_person", RemovePerson, may="lead", cost=2)
async def remove(desk: Desk, caller: Connection, asked: RemovePerson) -> Nothing:
    who = {"room": asked.room, "person": asked.person}
    await desk.write(remove_person, by=caller.person, reason=asked.reason, client_id=asked.client_id, **who)
    seat = desk.seats.of_person(asked.room, asked.person)
    if seat is not None and seat.place is not None:
        await move(desk, [seat], None)
    return Nothing()


@request("mute_person", MutePerson, may="lead", cost=2)
async def mute(desk: Desk, caller: Connection, asked: MutePerson) -> Nothing:
    who = {"room": asked.room, "person": asked.person, "source": asked.source}
    await desk.write(mute_person, by=caller.person, reason=asked.reason, client_id=asked.client_id, **who)
    await _apply_mutes(desk, asked.room, asked.person)
    return Nothing()


@request("unmute_person", UnmutePerson, may="lead", cost=2)
async def unmute(desk: Desk, caller: Connection, asked: UnmutePerson) -> Nothing:
    who = {"room": asked.room, "person": asked.person, "source": asked.source}
    await desk.write(unmute_person, by=caller.person, client_id=asked.client_id, **who)
    await _apply_mutes(desk, asked.room, asked.person)
    return Nothing()


async def _apply_mutes(desk: Desk, room: str, person: str) -> None:
    """Makes the forwarding unit do what the record says: so a request sent again changes nothing."""
    seat = desk.seats.of_person(room, person)
    if seat is None:
        return
    seat.muted = await desk.read(muted_in, room, person)
    stopped = {source for held in seat.muted for source in sources_of(held)}
    for made in list(seat.producers.values()):
        if made.held == (made.source in stopped):
            continue
        await (desk.media.release_producer if made.held else desk.media.hold_producer)(made.id)
        made.held = not made.held
        tell_paused(desk, seat, made, by="moderator")
