"""The spotlight: who leads has one person shown large to everybody in the place (H6)."""

from typing import Any

from mediation.errors import NotAllowed, NotFound
from signaling.desk.desk import Connection, Desk
from signaling.desk.enforce import tell_order
from signaling.desk.rooms import Id
from signaling.desk.stage import own_seat
from signaling.desk.table import Ours, request


class Spotlight(Ours):
    room: Id
    person: Id | None = None


@request("spotlight", Spotlight, may="room")
async def spotlight(desk: Desk, caller: Connection, asked: Spotlight) -> dict[str, Any]:
    """One at a time; without a person nobody. Whoever leaves the place takes it along, and it is out."""
    seat = own_seat(desk, caller, asked.room)
    if not seat.leads:
        raise NotAllowed("not_allowed")
    here = [seat, *desk.seats.beside(seat)]
    if asked.person is not None and asked.person not in {each.person for each in here}:
        raise NotFound
    for each in here:
        lit = each.person == asked.person
        if each.is_lit != lit:
            each.is_lit = lit
            tell_order(desk, each)
    return {"spotlight": asked.person}
