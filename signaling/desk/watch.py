"""Watching: what is seen of each person's connection and line, noted for the statement and told to whom it concerns."""

import asyncio

from mediation.hearings.connection import note_fact
from mediation.hearings.line import Line, forget_lines, keep_line
from mediation.hearings.restart import note_restart
from signaling.desk.desk import Desk
from signaling.seats import MAIN, Seat

A_DAY = 24 * 3600.0
GONE_SILENT = "ping timeout"
"""What engine.io calls a connection that does not answer; every other end was somebody's doing, or a broken one."""


def note(desk: Desk, seat: Seat, kind: str, code: str = "", *, state: str = "", how: str = "") -> None:
    """Notes what was seen of a seat's owner; in the order in which it was seen, and nobody waits for it."""
    if not seat.is_check:
        facts = {"room": seat.room, "person": seat.person, "kind": kind, "code": code}
        desk.spawn(desk.write(note_fact, **facts, state=state, how=how))


def note_here(desk: Desk, seat: Seat) -> None:
    """Who is on the stage is there, or lost if the connection is."""
    if seat.state == "on":
        note(desk, seat, "", state="here" if seat.socket else "lost", how="" if seat.socket else "line")


def note_absent(desk: Desk, room: str, person: str) -> None:
    """Somebody has no seat any more: when the caucus ends into which they were taken, or after a restart."""
    facts = {"room": room, "person": person, "kind": ""}
    desk.spawn(desk.write(note_fact, **facts, state="gone", how="not_back"))


def note_loss(desk: Desk, seat: Seat, reason: str, *, given: float) -> None:
    """A connection broke; who is not back after some seconds is noted as lost."""
    how = "no_answer" if reason == GONE_SILENT else "closed"
    note(desk, seat, "answer_missing" if how == "no_answer" else "connection_closed")
    note(desk, seat, "time_given", f"{given:.0f}")
    loop = asyncio.get_running_loop()
    desk.farewells[f"lost:{seat.id}"] = loop.call_later(desk.patience.person, _still_away, desk, seat, how)


def _still_away(desk: Desk, seat: Seat, how: str) -> None:
    desk.farewells.pop(f"lost:{seat.id}", None)
    if seat.socket is None and desk.seats.get(seat.id) is seat and seat.state == "on":
        note(desk, seat, "", state="lost", how=how)


def media_fell_silent(desk: Desk, seat: Seat, transport: str) -> None:
    """Nothing has come on a transport for a while; without any other the person is lost."""
    seat.silent.add(transport)
    note(desk, seat, "media_silent", _direction(seat, transport))
    measured(desk, seat, "lost", "lost", None)
    if seat.silent >= set(seat.transports.values()) and seat.state == "on":
        note(desk, seat, "", state="lost", how="line")


def media_came(desk: Desk, seat: Seat, transport: str) -> None:
    """A handshake was done, or a silent transport came back."""
    was_silent = transport in seat.silent
    seat.silent.discard(transport)
    note(desk, seat, "media_back" if was_silent else "media_connected", _direction(seat, transport))
    if was_silent and not seat.silent:
        note_here(desk, seat)


def media_ended(desk: Desk, seat: Seat, transport: str) -> None:
    """A transport is closed: by its owner, or because nobody consented to it any more."""
    code = "line" if transport in seat.silent else _direction(seat, transport)
    seat.silent.discard(transport)
    note(desk, seat, "media_closed", code)


def measured(desk: Desk, seat: Seat, quality: str, why: str, line: Line | None) -> None:
    """Tells what a line is like: figures to its owner and to who leads, the word alone to the others there, when it changes."""
    leaders = {each.id: each for each in desk.seats.beside(seat) if each.leads}
    if seat.place in (MAIN, None):
        leaders |= {each.id: each for each in desk.seats.leaders(seat.room)}
    told = {"room": seat.room, "person": seat.person, "quality": quality}
    figures = line or Line()
    in_full = told | {
        "why": why,
        "rtt_ms": round(figures.rtt_ms),
        "loss_up": round(figures.loss_up, 3),
        "loss_down": round(figures.loss_down, 3),
        "kbit_up": figures.kbit_up,
        "kbit_down": figures.kbit_down,
        "layer": figures.layer,
    }
    leaders[seat.id] = seat
    desk.announce.to_sockets([each.socket for each in leaders.values()], "network", in_full)
    if quality != seat.quality:
        seat.quality = quality
        others = [each.socket for each in desk.seats.beside(seat) if each.id not in leaders]
        desk.announce.to_sockets(others, "network", told)
    if not seat.is_check and (over := seat.stretch.take(quality, line)) is not None:
        desk.spawn(desk.write(keep_line, room=seat.room, person=seat.person, stretch=over))


def keep_rest(desk: Desk, seat: Seat) -> None:
    """What was measured last, when a seat ends."""
    if seat.stretch.lines and not seat.is_check:
        desk.spawn(desk.write(keep_line, room=seat.room, person=seat.person, stretch=seat.stretch))


async def wait_for_the_cut_off(desk: Desk) -> None:
    """After a restart everybody in a meeting has as long to come back as after a lost connection."""
    cut_off = await desk.write(note_restart)
    if cut_off:
        await asyncio.sleep(desk.patience.seat)
    for room, person in cut_off:
        if desk.seats.of_person(room, person) is None:
            note_absent(desk, room, person)


async def forget_old_lines(desk: Desk) -> None:
    """Once a day."""
    while True:
        await desk.write(forget_lines)
        await asyncio.sleep(A_DAY)


def _direction(seat: Seat, transport: str) -> str:
    return next((direction for direction, id in seat.transports.items() if id == transport), "")
