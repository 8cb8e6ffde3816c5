"""Shuttle mode: the sides are kept apart, also on the stage, before anybody is answered."""

from mediation.rooms.measures import join_sides, part_sides
from signaling.desk.desk import Connection, Desk
from signaling.desk.house_rules import OneAct
from signaling.desk.moving import settle_all
from signaling.desk.order import Reason
from signaling.desk.table import Nothing, request


class PartSides(OneAct):
    reason: Reason = ""


@request("part_sides", PartSides, may="lead", cost=5)
async def part(desk: Desk, caller: Connection, asked: PartSides) -> Nothing:
    how = {"reason": asked.reason, "client_id": asked.client_id}
    await desk.write(part_sides, by=caller.person, room=asked.room, **how)
    await settle_all(desk, desk.seats.of_room(asked.room))
    return Nothing()


@request("join_sides", OneAct, may="lead", cost=5)
async def join(desk: Desk, caller: Connection, asked: OneAct) -> Nothing:
    await desk.write(join_sides, by=caller.person, room=asked.room, client_id=asked.client_id)
    await settle_all(desk, desk.seats.of_room(asked.room))
    return Nothing()
