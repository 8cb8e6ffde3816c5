"""Enforcing order: the forwarding unit does what the record says, and has confirmed it before anybody is answered or told."""

from mediation.rooms.order import order_of
from signaling.desk.desk import Desk
from signaling.media.errors import MediaError
from signaling.seats import MAIN, Produced, Seat

SCREEN = frozenset({"screen", "screen_sound"})


async def enforce(desk: Desk, seat: Seat, *, tell: bool = True) -> None:
    """Makes what a seat sends flow, or not, as the record has it now: so a request sent again changes nothing."""
    async with seat.ordering:
        order = await desk.read(order_of, seat.room, seat.person)
        seat.muted, seat.locked, seat.may_share = set(order.muted), set(order.locked), order.may_share
        seat.asks_share = seat.asks_share and not order.may_share
        for made in list(seat.producers.values()):
            if made.source in SCREEN and not order.may_share:
                await _end(desk, seat, made)
                tell_closed(desk, [seat, *desk.seats.beside(seat)], seat, made)
            elif made.held != (held_as(made.source) in order.muted):
                await _hold(desk, made, held=not made.held)
                if tell:
                    tell_paused(desk, seat, made, by="moderator")
    if tell:
        tell_order(desk, seat)


async def restrain(desk: Desk, seat: Seat) -> None:
    """Before a seat moves: what may not be heard where it goes is held already, and what it shows of its screen ends.

    A screen that was meant for one room is never seen in another.
    """
    async with seat.ordering:
        order = await desk.read(order_of, seat.room, seat.person)
        for made in list(seat.producers.values()):
            if made.source in SCREEN:
                await _end(desk, seat, made)
                tell_closed(desk, [seat, *desk.seats.beside(seat)], seat, made)
            elif not made.held and held_as(made.source) in order.muted:
                await _hold(desk, made, held=True)


async def begin_as_ordered(desk: Desk, seat: Seat, made: Produced) -> bool:
    """A producer that was just made, of which nobody knows yet, is held where it has to be; False when it may not be at all."""
    async with seat.ordering:
        if made.source in SCREEN and not seat.may_share and not seat.is_check:
            await _close(desk, seat, made)
            return False
        if held_as(made.source) in seat.muted:
            await _hold(desk, made, held=True)
        seat.producers[made.id] = made
        return True


def tell_order(desk: Desk, seat: Seat) -> None:
    """Tells what holds for a person to everybody there, to the person, and to who leads where all may know it."""
    told_as = {"room": seat.room, "person": seat.person} | seat.order()
    leaders = desk.seats.leaders(seat.room) if seat.place in (MAIN, None) else ()
    sockets = [each.socket for each in (seat, *desk.seats.beside(seat), *leaders)]
    desk.announce.to_sockets(dict.fromkeys(sockets), "order_changed", told_as)


def tell_paused(desk: Desk, seat: Seat, made: Produced, *, by: str) -> None:
    """Tells everybody in the place, and the person concerned, whether a producer flows."""
    event = "producer_paused" if made.paused or made.held else "producer_resumed"
    told_as = {"room": seat.room, "id": made.id, "person": seat.person, "by": by}
    here = [seat, *desk.seats.beside(seat)]
    desk.announce.to_sockets([each.socket for each in here], event, told_as)


def tell_closed(desk: Desk, seats: list[Seat], seat: Seat, made: Produced) -> None:
    """Tells that a producer is gone, and forgets who received it."""
    for other in seats:
        for consumed in [each for each in other.consumers.values() if each.producer == made.id]:
            del other.consumers[consumed.id]
    told_as = {"room": seat.room, "id": made.id}
    desk.announce.to_sockets([each.socket for each in seats], "producer_closed", told_as)


def held_as(source: str) -> str:
    """What a moderator's mute calls a source: the screen goes with its sound."""
    return "screen" if source == "screen_sound" else source


async def _end(desk: Desk, seat: Seat, made: Produced) -> None:
    await _close(desk, seat, made)
    seat.producers.pop(made.id, None)


async def _close(desk: Desk, seat: Seat, made: Produced) -> None:
    try:
        await desk.media.close_producer(seat.id, made.id)
    except MediaError as error:
        _is_gone(error)


async def _hold(desk: Desk, made: Produced, *, held: bool) -> None:
    try:
        await (desk.media.hold_producer if held else desk.media.release_producer)(made.id)
    except MediaError as error:
        _is_gone(error)
    made.held = held


def _is_gone(error: MediaError) -> None:
    """What the worker does not know any more is not forwarded either: its transport has just ended."""
    if error.code != "not_found":
        raise error
