"""Concerns: quietly to the mediator and the clerk. Nobody else is told a thing, not even that something was asked."""

from collections.abc import Iterable
from typing import Annotated, Any

from msgspec import Meta

from mediation.cases.case import case_for
from mediation.clock import iso
from mediation.rooms.concern import (
    Concern,
    concerns_for,
    handle_concern,
    report_concern,
    say_unsafe,
    staff_of,
)
from mediation.rooms.entrance import room_for
from signaling.desk.desk import Connection, Desk
from signaling.desk.house_rules import OneAct
from signaling.desk.order import Reason
from signaling.desk.rooms import Id, Seq
from signaling.desk.stage import InRoom
from signaling.desk.table import Nothing, Ours, request


class ReportConcern(OneAct):
    reason: Reason
    person: Id | None = None
    channel: Id | None = None
    seq: Seq | None = None


class HandleConcern(Ours):
    concern: Id
    state: Annotated[str, Meta(max_length=8)]
    client_id: Id
    result: Reason = ""


class Told(Ours):
    """What somebody reads who has said that they are not safe."""

    now: str
    call: str
    number: str


class Reported(Ours):
    concern: str


@request("say_unsafe", OneAct, may="room", cost=2)
async def unsafe(desk: Desk, caller: Connection, asked: OneAct) -> Told:
    concern = await desk.write(say_unsafe, by=caller.person, room=asked.room, client_id=asked.client_id)
    await _tell(desk, concern)
    room, _ = await desk.read(room_for, caller.person, asked.room)
    case, _ = await desk.read(case_for, caller.person, room.case_id)
    safety, language = case.rules.safety, caller.who.locale
    return Told(now=safety.now.of(language), call=safety.call.of(language), number=safety.number)


@request("report_concern", ReportConcern, may="room", cost=5)
async def report(desk: Desk, caller: Connection, asked: ReportConcern) -> Reported:
    concern = await desk.write(
        report_concern,
        by=caller.person,
        room=asked.room,
        reason=asked.reason,
        person=asked.person,
        channel=asked.channel,
        seq=asked.seq,
        client_id=asked.client_id,
    )
    await _tell(desk, concern)
    return Reported(concern=concern.id)


@request("handle_concern", HandleConcern, may="concern", cost=2)
async def handle(desk: Desk, caller: Connection, asked: HandleConcern) -> Nothing:
    concern = await desk.write(
        handle_concern,
        by=caller.person,
        concern=asked.concern,
        state=asked.state,
        result=asked.result,
        client_id=asked.client_id,
    )
    await _tell(desk, concern, and_who_raised_it=True)
    return Nothing()


@request("read_concerns", InRoom, may="room", cost=2)
async def read(desk: Desk, caller: Connection, asked: InRoom) -> dict[str, Any]:
    return {"concerns": [_shown(one) for one in await desk.read(concerns_for, caller.person, asked.room)]}


async def _tell(desk: Desk, concern: Concern, *, and_who_raised_it: bool = False) -> None:
    """Who sees to it hears that there is something to read; what it is they ask for."""
    people: Iterable[str] = await desk.read(staff_of, concern.room_id, concern.about_id)
    told = {*people, concern.by_id} if and_who_raised_it else set(people)
    desk.announce.to_people(concern.room_id, told, "concerns_changed", {"room": concern.room_id})


def _shown(concern: Concern) -> dict[str, Any]:
    return {
        "id": concern.id,
        "kind": concern.kind,
        "by": concern.by_id,
        "about": concern.about_id,
        "channel": concern.channel,
        "seq": concern.seq,
        "reason": concern.reason,
        "at": iso(concern.at),
        "state": concern.state,
        "handled_by": concern.handled_by,
        "result": concern.result,
    }
