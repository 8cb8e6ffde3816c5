"""The stage: take a seat, come back to it, leave it, raise a hand; and moving a seat from one place to another."""

import time
from typing import Annotated, Any

from msgspec import Meta

from mediation.clock import iso
from mediation.errors import NotAllowed, NotFound, Refusal, WrongState
from mediation.hearings.attendance import place_of, report_check
from mediation.people.permission import require
from mediation.rooms.caucus import caucus_of
from mediation.rooms.entrance import room_for
from mediation.rooms.order import muted_in
from signaling.desk.desk import Connection, Desk
from signaling.desk.rooms import Id, must_have_entered
from signaling.desk.table import Nothing, Ours, request
from signaling.seats import MAIN, Seat, told


class JoinStage(Ours):
    room: Id
    seat: Id | None = None
    take_over: bool = False
    check: bool = False


class InRoom(Ours):
    room: Id


class LowerHand(Ours):
    room: Id
    person: Id | None = None


class Line(Ours):
    rtt_ms: Annotated[float, Meta(ge=0, le=60_000)] = 0
    loss: Annotated[float, Meta(ge=0, le=1)] = 0
    kbit_up: Annotated[float, Meta(ge=0, le=10_000_000)] = 0
    kbit_down: Annotated[float, Meta(ge=0, le=10_000_000)] = 0


class ReportCheck(Ours):
    room: Id
    camera: str
    microphone: str
    line: Line
    heard_self: bool = False


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
    await settle(desk, seat, announce=not resumed)
    if was_away:
        tell_others(desk, desk.seats.beside(seat), seat, "on", place=seat.place)
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
        "muted": sorted(seat.muted),
        "waiting": desk.seats.waiting(asked.room) if seat.leads else [],
    }


@request("leave_stage", InRoom, may="room")
async def leave(desk: Desk, caller: Connection, asked: InRoom) -> Nothing:
    for seat in desk.seats.of_socket(caller.socket):
        if seat.room == asked.room:
            await give_up(desk, seat)
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


@request("report_check", ReportCheck, may="room", cost=5)
async def report(desk: Desk, caller: Connection, asked: ReportCheck) -> dict[str, Any]:
    line = {name: getattr(asked.line, name) for name in asked.line.__struct_fields__}
    check = await desk.write(
        report_check,
        by=caller.person,
        room=asked.room,
        camera=asked.camera,
        microphone=asked.microphone,
        line=line,
        heard_self=asked.heard_self,
    )
    return {"score": check.score, "at": iso(check.at)}


def own_seat(desk: Desk, caller: Connection, room: str) -> Seat:
    """The seat of this connection on the stage, not in the waiting room; raises `NotFound`, `WrongState`."""
    seat = desk.seats.of_person(room, caller.person)
    if seat is None or seat.socket != caller.socket:
        raise NotFound
    if seat.place is None:
        raise WrongState("stage.waiting")
    return seat


def shown_place(seat: Seat) -> str | None:
    """A seat's place as its owner hears of it."""
    return "check" if seat.is_check else seat.place


async def settle(desk: Desk, seat: Seat, *, announce: bool) -> None:
    """Puts a seat where it belongs now: the waiting room, the main stage, its caucus, or its kit check."""
    if seat.is_check:
        seat.place = f"check:{seat.id}"
        await desk.media.place_seat(seat.room, seat.id, seat.place, seat.person)
        return
    belongs = await desk.read(place_of, seat.person, seat.room)
    seat.leads = belongs.lead
    seat.muted = await desk.read(muted_in, seat.room, seat.person)
    place = None
    if belongs.state == "on":
        place = await desk.read(caucus_of, seat.room, seat.person) or MAIN
    if place != seat.place or announce:
        await move(desk, [seat], place, tell_self=False)


async def move(desk: Desk, seats: list[Seat], place: str | None, *, tell_self: bool = True) -> None:
    """Moves seats to a place. Forwarding across the wall has stopped before anybody is told, and before this returns."""
    left = {seat.id: desk.seats.beside(seat) for seat in seats}
    moving = {seat.id for seat in seats}
    for seat in seats:
        closed = await desk.media.place_seat(seat.room, seat.id, place, seat.person)
        for each in closed:
            other = desk.seats.get(each.seat)
            if other is not None and other.consumers.pop(each.consumer, None) is not None:
                desk.announce.to_sockets([other.socket], "consumer_closed", {"consumerId": each.consumer})
    for seat in seats:
        _tell_gone(desk, seat, [other for other in left[seat.id] if other.id not in moving], then=place)
        seat.place = place
        if place is None:
            seat.hand = 0
    for seat in seats:
        _tell_come(desk, seat, [other for other in desk.seats.beside(seat) if other.id not in moving])
        if tell_self:
            tell_where(desk, seat)


def tell_where(desk: Desk, seat: Seat) -> None:
    """Tells a seat where it is now, and what is there."""
    here = {"room": seat.room, "person": seat.person, "state": seat.state, "place": shown_place(seat)}
    waiting = {"waiting": desk.seats.waiting(seat.room)} if seat.leads else {}
    desk.announce.to_sockets([seat.socket], "stage_changed", here | desk.seats.around(seat) | waiting)


async def give_up(desk: Desk, seat: Seat) -> None:
    """A seat is left for good; the others hear it."""
    if desk.seats.get(seat.id) is None:
        return
    beside = desk.seats.beside(seat)
    was_waiting = seat.state == "waiting"
    desk.seats.remove(seat)
    if timer := desk.farewells.pop(seat.id, None):
        timer.cancel()
    await desk.media.close_seat(seat.id)
    if was_waiting:
        tell_others(desk, desk.seats.leaders(seat.room), seat, "gone")
    else:
        _tell_gone(desk, seat, beside, then="")


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
        await _start_over(desk, seat)
    elif asked.seat != seat.id:
        await _start_over(desk, seat)
    return seat, True


async def _start_over(desk: Desk, seat: Seat) -> None:
    """Another device goes on with this seat: what the first one sent and received ends."""
    _tell_producers_closed(desk, seat, desk.seats.beside(seat))
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


def _tell_come(desk: Desk, seat: Seat, others: list[Seat]) -> None:
    if seat.state == "waiting":
        tell_others(
            desk, [each for each in desk.seats.leaders(seat.room) if each is not seat], seat, "waiting"
        )
        return
    tell_others(desk, others, seat, "on", place=seat.place)
    for made in seat.producers.values():
        desk.announce.to_sockets(
            [other.socket for other in others], "producer_added", {"room": seat.room} | told(seat, made)
        )


def _tell_gone(desk: Desk, seat: Seat, others: list[Seat], *, then: str | None) -> None:
    _tell_producers_closed(desk, seat, others)
    tell_others(desk, others, seat, "waiting" if then is None else "gone")


def _tell_producers_closed(desk: Desk, seat: Seat, others: list[Seat]) -> None:
    for made in seat.producers.values():
        desk.announce.to_sockets(
            [other.socket for other in others], "producer_closed", {"room": seat.room, "id": made.id}
        )


def tell_others(desk: Desk, seats: Any, seat: Seat, state: str, *, place: str | None = None) -> None:
    told_as = {"room": seat.room, "person": seat.person, "state": state} | ({"place": place} if place else {})
    desk.announce.to_sockets([each.socket for each in seats], "stage_changed", told_as)
