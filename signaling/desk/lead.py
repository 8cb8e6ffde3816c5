"""The lead: while nobody who leads is there, the people on the main stage wait, and see and hear nothing of each other (H12).

Who is in a caucus stays there: it is of one side, and goes on without the mediator.
"""

import asyncio

from mediation.hearings.suspension import HOST_LOST, suspend_hearing
from signaling.desk.desk import Desk
from signaling.desk.moving import move
from signaling.seats import MAIN


def watch_lead(desk: Desk, room: str) -> None:
    """Begins to count when people are on a stage that nobody leads, and stops when somebody does."""
    timer = desk.unled.get(room)
    if not _is_unled(desk, room):
        if timer is not None:
            desk.unled.pop(room).cancel()
    elif timer is None:
        loop = asyncio.get_running_loop()
        desk.unled[room] = loop.call_later(desk.patience.lead, _nobody_came, desk, room)


def _is_unled(desk: Desk, room: str) -> bool:
    led = any(seat.socket is not None for seat in desk.seats.leaders(room))
    return not led and any(seat.place == MAIN and not seat.leads for seat in desk.seats.of_room(room))


def _nobody_came(desk: Desk, room: str) -> None:
    desk.unled.pop(room, None)
    desk.spawn(_suspend(desk, room))


async def _suspend(desk: Desk, room: str) -> None:
    if not _is_unled(desk, room):
        return
    await desk.write(suspend_hearing, room=room)
    people = [seat for seat in desk.seats.of_room(room) if seat.place == MAIN and not seat.leads]
    await move(desk, people, None, why=HOST_LOST)
