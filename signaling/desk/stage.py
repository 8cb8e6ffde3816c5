"""The stage: take a seat, come back to it, leave it, raise a hand, ask to share."""

import time
from typing import Any

from mediation.errors import NotAllowed, NotFound, Refusal, WrongState
from mediation.hearings.attendance import place_of
from mediation.hearings.suspension import resume_hearing
from mediation.people.permission import require
from mediation.rooms.entrance import room_for
from signaling.desk.desk import Connection, Desk
from signaling.desk.enforce import tell_order
from signaling.desk.moving import give_up, settle, shown_place, tell_others, tell_producers_closed, tell_where
from signaling.desk.rooms import Id, must_have_entered
from signaling.desk.table import Nothing, Ours, request
from signaling.desk.watch import note, note_here
from signaling.seats import Seat


class JoinStage(Ours):
    room: Id
    seat: Id | None = None
    take_over: bool = False
    check: bool = False


class InRoom(Ours):
    room: Id


class LeaveStage(InRoom):
    warned: bool = False


class LowerHand(Ours):
    room: Id
    person: Id | None = None


@request("join_stage", JoinStage, may="room", cost=5)
async def join(desk: Desk, caller: Connection, asked: JoinStage) -> dict[str, Any]:
    must_have_entered(caller, asked.room)
    seat, resumed = await (_check_seat if asked.check else _seat)(desk, caller, asked)
    if not resumed:
        desk.seats.add(seat)
    was_away = resumed and seat.socket is None
    seat.socket = caller.socket
    if timer := desk.farewells.pop(seat.id, None):
        timer.cancel()
    note(desk, seat, "seat_resumed" if resumed else "seat_taken")
    await settle(desk, seat, announce=not resumed)
    note_here(desk, seat)
    if seat.leads:
        await _lead_again(desk, caller, seat)
    if was_away:
        tell_others(desk, desk.seats.beside(seat), seat, "on", place=seat.place)
    desk.seats_changed(seat.room)
    return {
        "seat": seat.id,
        "resumed": resumed,
        "state": seat.state,
        "place": shown_place(seat),
        "rtpCapabilities": desk.media.rtp_capabilities,
        "iceServers": desk.relay.servers(seat.room, seat.person, time.time()),
        **desk.seats.around(seat),
        "transports": [{"id": id, "direction": direction} for direction, id in seat.transports.items()],
        "own_producers": [
            {"id": made.id, "kind": made.kind, "source": made.source, "paused": made.paused or made.held}
            for made in seat.producers.values()
        ],
        "consumers": [
            {"id": each.id, "producerId": each.producer, "kind": each.kind, "paused": each.paused}
            for each in seat.consumers.values()
        ],
        "hand": bool(seat.hand),
        "why": seat.why,
        **seat.order(),
        "waiting": desk.seats.waiting(asked.room) if seat.leads else [],
    }


@request("leave_stage", LeaveStage, may="room")
async def leave(desk: Desk, caller: Connection, asked: LeaveStage) -> Nothing:
    for seat in desk.seats.of_socket(caller.socket):
        if seat.room == asked.room:
            if asked.warned:
                note(desk, seat, "warned", "leaving")
            note(desk, seat, "left")
            await give_up(desk, seat, how="own_act")
    return Nothing()


@request("close_page", InRoom, may="room")
async def close_page(desk: Desk, caller: Connection, asked: InRoom) -> Nothing:
    for seat in desk.seats.of_socket(caller.socket):
        if seat.room == asked.room:
            note(desk, seat, "page_closed")
    return Nothing()


@request("raise_hand", InRoom, may="room")
async def raise_hand(desk: Desk, caller: Connection, asked: InRoom) -> dict[str, Any]:
    seat = own_seat(desk, caller, asked.room)
    desk.seats.raise_hand(seat)
    return _tell_hands(desk, seat)


@request("lower_hand", LowerHand, may="room")
async def lower_hand(desk: Desk, caller: Connection, asked: LowerHand) -> dict[str, Any]:
    seat = own_seat(desk, caller, asked.room)
    lowered = desk.seats.of_person(asked.room, asked.person or caller.person)
    if lowered is None or lowered.place != seat.place:
        raise NotFound
    if lowered is not seat and not seat.leads:
        raise NotAllowed("not_allowed")
    lowered.hand = 0
    return _tell_hands(desk, seat)


@request("ask_to_share", InRoom, may="room")
async def ask_to_share(desk: Desk, caller: Connection, asked: InRoom) -> dict[str, Any]:
    seat = own_seat(desk, caller, asked.room)
    seat.asks_share = not seat.may_share
    tell_order(desk, seat)
    return {"share": seat.order()["share"]}


async def _lead_again(desk: Desk, caller: Connection, seat: Seat) -> None:
    """Who leads is there: a meeting that stood still for want of a lead goes on, with everybody where they were."""
    belongs = await desk.read(place_of, seat.person, seat.room)
    if not belongs.suspended:
        return
    await desk.write(resume_hearing, by=caller.person, room=seat.room)
    for other in desk.seats.of_room(seat.room):
        if other.state == "waiting":
            await settle(desk, other, announce=False)
            tell_where(desk, other)


def own_seat(desk: Desk, caller: Connection, room: str) -> Seat:
    """The seat of this connection on the stage, not in the waiting room; raises `NotFound`, `WrongState`."""
    seat = desk.seats.of_person(room, caller.person)
    if seat is None or seat.socket != caller.socket:
        raise NotFound
    if seat.place is None:
        raise WrongState("stage.waiting")
    return seat


async def _seat(desk: Desk, caller: Connection, asked: JoinStage) -> tuple[Seat, bool]:
    """The seat of a person on the stage: the one they have, or a new one."""
    seat = desk.seats.of_person(asked.room, caller.person)
    if seat is None:
        await desk.read(place_of, caller.person, asked.room)
        return Seat(asked.room, caller.person, caller.socket), False
    elsewhere = seat.socket is not None and seat.socket != caller.socket
    if elsewhere and asked.seat != seat.id:
        if not asked.take_over:
            raise Refusal("stage.seat_taken", code="seat_taken")
        desk.announce.to_sockets([seat.socket], "seat_taken_over", {"room": seat.room})
        note(desk, seat, "taken_over")
        await _start_over(desk, seat)
    elif asked.seat != seat.id:
        await _start_over(desk, seat)
    return seat, True


async def _start_over(desk: Desk, seat: Seat) -> None:
    """Another device goes on with this seat: what the first one sent and received ends."""
    tell_producers_closed(desk, seat, desk.seats.beside(seat))
    seat.drop_media()
    await desk.media.close_seat(seat.id)
    await desk.media.place_seat(seat.room, seat.id, seat.place, seat.person)


async def _check_seat(desk: Desk, caller: Connection, asked: JoinStage) -> tuple[Seat, bool]:
    room, actor = await desk.read(room_for, caller.person, asked.room)
    require(actor, "check_kit", room)
    earlier = desk.seats.of_person(asked.room, caller.person, check=True)
    if earlier is not None:
        await give_up(desk, earlier)
    return Seat(asked.room, caller.person, caller.socket, is_check=True), False


def _tell_hands(desk: Desk, seat: Seat) -> dict[str, Any]:
    hands = desk.seats.hands(seat)
    here = [seat, *desk.seats.beside(seat)]
    desk.announce.to_sockets([each.socket for each in here], "hands", {"room": seat.room, "people": hands})
    return {"hands": hands}
