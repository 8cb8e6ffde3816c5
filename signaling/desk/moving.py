"""Moving: a seat goes to where it belongs, and what crosses the wall has stopped before anybody is told."""

from collections.abc import Iterable
from typing import Any

from mediation.hearings.attendance import APART, place_of
from mediation.rooms.guest import caucus_of
from signaling.desk.desk import Desk
from signaling.desk.enforce import enforce, restrain
from signaling.desk.watch import keep_rest, note, note_here
from signaling.seats import MAIN, Seat, told


def shown_place(seat: Seat) -> str | None:
    """A seat's place as its owner hears of it."""
    return "check" if seat.is_check else seat.place


async def settle(desk: Desk, seat: Seat, *, announce: bool) -> None:
    """Puts a seat where it belongs now: the waiting room, the main stage, its caucus, or its kit check."""
    if seat.is_check:
        seat.place = f"check:{seat.id}"
        await desk.media.place_seat(seat.room, seat.id, seat.place, seat.person)
        return
    place, why = await _where(desk, seat)
    if place != seat.place or announce:
        await move(desk, [seat], place, tell_self=False, why=why)
    else:
        await enforce(desk, seat, tell=False)


async def settle_all(desk: Desk, seats: Iterable[Seat]) -> None:
    """Puts seats where they belong now: all that go the same way at once."""
    ways: dict[tuple[str | None, str], list[Seat]] = {}
    for seat in seats:
        if not seat.is_check:
            ways.setdefault(await _where(desk, seat), []).append(seat)
    for (place, why), together in ways.items():
        await move(desk, [seat for seat in together if seat.place != place], place, why=why)


async def _where(desk: Desk, seat: Seat) -> tuple[str | None, str]:
    """Where a seat belongs, and why it waits."""
    belongs = await desk.read(place_of, seat.person, seat.room)
    seat.leads, seat.why = belongs.lead, belongs.why
    if belongs.state != "on":
        return None, belongs.why
    return await desk.read(caucus_of, seat.room, seat.person) or MAIN, belongs.why


async def move(
    desk: Desk, seats: list[Seat], place: str | None, *, tell_self: bool = True, why: str = ""
) -> None:
    """Moves seats to a place. Forwarding across the wall has stopped before anybody is told, and before this returns."""
    left = {seat.id: desk.seats.beside(seat) for seat in seats}
    moving = {seat.id for seat in seats}
    for seat in seats:
        if seat.place != place:
            await restrain(desk, seat)
        closed = await desk.media.place_seat(seat.room, seat.id, place, seat.person)
        for each in closed:
            other = desk.seats.get(each.seat)
            if other is not None and other.consumers.pop(each.consumer, None) is not None:
                desk.announce.to_sockets([other.socket], "consumer_closed", {"consumerId": each.consumer})
    for seat in seats:
        gone_to = "" if place is None and why == APART else place
        _tell_gone(desk, seat, [other for other in left[seat.id] if other.id not in moving], then=gone_to)
        seat.place = place
        seat.asks_share, seat.is_lit, seat.why = False, False, why
        if place is None:
            seat.hand = 0
        await enforce(desk, seat, tell=False)
    for seat in seats:
        _tell_come(desk, seat, [other for other in desk.seats.beside(seat) if other.id not in moving])
        if tell_self:
            tell_where(desk, seat)
        note_here(desk, seat)
    for room in {seat.room for seat in seats}:
        desk.seats_changed(room)


def tell_where(desk: Desk, seat: Seat) -> None:
    """Tells a seat where it is now, and what is there."""
    here = {
        "room": seat.room,
        "person": seat.person,
        "state": seat.state,
        "place": shown_place(seat),
        "why": seat.why,
    }
    waiting = {"waiting": desk.seats.waiting(seat.room)} if seat.leads else {}
    around = desk.seats.around(seat) | seat.order()
    desk.announce.to_sockets([seat.socket], "stage_changed", here | around | waiting)


async def give_up(desk: Desk, seat: Seat, *, how: str = "not_back") -> None:
    """A seat is left for good; the others hear it."""
    if desk.seats.get(seat.id) is None:
        return
    note(desk, seat, "" if how != "not_back" else "seat_given_up", state="gone", how=how)
    keep_rest(desk, seat)
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
    desk.seats_changed(seat.room)


def _tell_come(desk: Desk, seat: Seat, others: list[Seat]) -> None:
    if seat.state == "waiting" and seat.why == APART:
        return
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
    tell_producers_closed(desk, seat, others)
    tell_others(desk, others, seat, "waiting" if then is None else "gone")


def tell_producers_closed(desk: Desk, seat: Seat, others: list[Seat]) -> None:
    for made in seat.producers.values():
        desk.announce.to_sockets(
            [other.socket for other in others], "producer_closed", {"room": seat.room, "id": made.id}
        )


def tell_others(desk: Desk, seats: Any, seat: Seat, state: str, *, place: str | None = None) -> None:
    told_as = {"room": seat.room, "person": seat.person, "state": state} | ({"place": place} if place else {})
    desk.announce.to_sockets([each.socket for each in seats], "stage_changed", told_as)
