"""The kit check: its result is stored, and told to whoever leads the room."""

from typing import Annotated, Any

from msgspec import Meta

from mediation.clock import iso
from mediation.hearings.kit import KitCheck, checks_for, report_check, who_sees_checks
from signaling.desk.desk import Connection, Desk
from signaling.desk.rooms import Id
from signaling.desk.stage import InRoom
from signaling.desk.table import Ours, request


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
    told = await desk.read(who_sees_checks, asked.room)
    desk.announce.to_people(asked.room, told, "check_reported", {"room": asked.room} | _checked(check))
    return {"score": check.score, "at": iso(check.at)}


@request("read_checks", InRoom, may="room")
async def read_checks(desk: Desk, caller: Connection, asked: InRoom) -> dict[str, Any]:
    checks = await desk.read(checks_for, caller.person, asked.room)
    return {"checks": [_checked(check) for check in checks]}


def _checked(check: KitCheck) -> dict[str, Any]:
    return {
        "person": check.person_id,
        "at": iso(check.at),
        "score": check.score,
        "faults": list(check.faults),
    }
