"""Absence: how long a seat is kept for somebody of whom nothing is heard.

A connection breaks often and comes back; media flows on meanwhile. A tab that is gone for good leaves both behind, and is
gone for the others within 15 seconds.
"""

import asyncio

from signaling.desk.desk import Desk
from signaling.desk.moving import give_up, tell_others
from signaling.desk.watch import note_loss
from signaling.pulse import close_if_dead
from signaling.seats import Seat

GONE = 15.0
"""Seconds for which a seat outlives its connection when its media does not flow (else it has `Patience.seat`): then nothing says that anybody is there."""


def lost(desk: Desk, socket: str, reason: str) -> None:
    """A connection broke: its seats are kept for a while."""
    for seat in desk.seats.of_socket(socket):
        seat.socket = None
        if seat.is_check:
            desk.spawn(give_up(desk, seat))
            continue
        tell_others(desk, desk.seats.beside(seat), seat, "away")
        note_loss(desk, seat, reason, given=_patience(desk, seat))
        _wait(desk, seat)
        desk.seats_changed(seat.room)


def weigh(desk: Desk, seat: Seat) -> None:
    """The worker has said something of a seat's media: is anybody still there?"""
    if seat.socket is None:
        if not seat.flows:
            _wait(desk, seat)
    elif seat.is_silent:
        desk.spawn(close_if_dead(desk.sio, seat.socket))


def _wait(desk: Desk, seat: Seat) -> None:
    """Gives a seat without a connection its time; one whose media has fallen silent as well has had it."""
    if timer := desk.farewells.pop(seat.id, None):
        timer.cancel()
    if seat.is_silent:
        desk.spawn(give_up(desk, seat))
        return
    loop = asyncio.get_running_loop()
    desk.farewells[seat.id] = loop.call_later(_patience(desk, seat), _say_farewell, desk, seat)


def _patience(desk: Desk, seat: Seat) -> float:
    return desk.patience.seat if seat.flows else min(GONE, desk.patience.seat)


def _say_farewell(desk: Desk, seat: Seat) -> None:
    desk.spawn(give_up(desk, seat))
