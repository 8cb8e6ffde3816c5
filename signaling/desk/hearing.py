"""Hearings: the meeting starts, and ends for good."""

from mediation.hearings.hearing import close_hearing, start_hearing
from mediation.rooms.guest import open_caucuses
from signaling.desk.desk import Connection, Desk
from signaling.desk.moving import move, settle, tell_where
from signaling.desk.recording import stop_taping
from signaling.desk.rooms import Id
from signaling.desk.table import Nothing, Ours, request


class StartHearing(Ours):
    room: Id
    client_id: Id
    hearing: Id | None = None


class CloseHearing(Ours):
    room: Id
    client_id: Id


class Started(Ours):
    hearing: str


@request("start_hearing", StartHearing, may="lead", cost=3)
async def start(desk: Desk, caller: Connection, asked: StartHearing) -> Started:
    hearing = await desk.write(
        start_hearing, by=caller.person, room=asked.room, hearing=asked.hearing, client_id=asked.client_id
    )
    for seat in [seat for seat in desk.seats.of_room(asked.room) if seat.state == "waiting"]:
        await settle(desk, seat, announce=False)
        tell_where(desk, seat)
    return Started(hearing=hearing.id)


@request("close_hearing", CloseHearing, may="lead", cost=3)
async def close(desk: Desk, caller: Connection, asked: CloseHearing) -> Nothing:
    await desk.write(close_hearing, by=caller.person, room=asked.room, client_id=asked.client_id)
    await stop_taping(desk, asked.room)
    go_on = await desk.read(open_caucuses, asked.room)
    on_stage = [
        seat for seat in desk.seats.of_room(asked.room) if seat.state == "on" and seat.place not in go_on
    ]
    await move(desk, on_stage, None, why="closed")
    return Nothing()
