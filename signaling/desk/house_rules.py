"""The rules of the house: who leads holds up the talk or a person; any party calls a pause. Everybody hears of it by its entry."""

from collections.abc import Callable
from typing import Annotated

from msgspec import Meta, Struct

from mediation.record.entry import Entry
from mediation.rooms.measures import (
    allow_writing,
    expel_person,
    freeze_talk,
    readmit_person,
    set_posting,
    slow_talk,
    stop_writing,
    thaw_talk,
)
from mediation.rooms.pause import call_pause, end_pause, extend_pause
from signaling.desk.desk import Connection, Desk
from signaling.desk.order import OnePerson, Reason
from signaling.desk.rooms import Id
from signaling.desk.table import Nothing, Ours, request

Writer = Annotated[str, Meta(max_length=32)]


class OneAct(Ours):
    room: Id
    client_id: Id


class FreezeTalk(OneAct):
    reason: Reason


class SlowTalk(OneAct):
    seconds: int
    reason: Reason = ""


class SetPosting(OneAct):
    stage: Annotated[str, Meta(max_length=32)]
    writers: Annotated[tuple[Writer, ...], Meta(max_length=4)] | None = None
    reason: Reason = ""


class StopWriting(OnePerson):
    reason: Reason
    minutes: int = 0


class ExpelPerson(OnePerson):
    reason: Reason


class ExtendPause(OneAct):
    minutes: int


@request("freeze_talk", FreezeTalk, may="lead", cost=2)
async def freeze(desk: Desk, caller: Connection, asked: FreezeTalk) -> Nothing:
    return await _do(desk, caller, freeze_talk, asked)


@request("thaw_talk", OneAct, may="lead", cost=2)
async def thaw(desk: Desk, caller: Connection, asked: OneAct) -> Nothing:
    return await _do(desk, caller, thaw_talk, asked)


@request("slow_talk", SlowTalk, may="lead", cost=2)
async def slow(desk: Desk, caller: Connection, asked: SlowTalk) -> Nothing:
    return await _do(desk, caller, slow_talk, asked)


@request("set_posting", SetPosting, may="lead", cost=2)
async def posting(desk: Desk, caller: Connection, asked: SetPosting) -> Nothing:
    return await _do(desk, caller, set_posting, asked)


@request("stop_writing", StopWriting, may="lead", cost=2)
async def stop(desk: Desk, caller: Connection, asked: StopWriting) -> Nothing:
    return await _do(desk, caller, stop_writing, asked)


@request("allow_writing", OnePerson, may="lead", cost=2)
async def allow(desk: Desk, caller: Connection, asked: OnePerson) -> Nothing:
    return await _do(desk, caller, allow_writing, asked)


@request("expel_person", ExpelPerson, may="lead", cost=2)
async def expel(desk: Desk, caller: Connection, asked: ExpelPerson) -> Nothing:
    return await _do(desk, caller, expel_person, asked)


@request("readmit_person", OnePerson, may="lead", cost=2)
async def readmit(desk: Desk, caller: Connection, asked: OnePerson) -> Nothing:
    return await _do(desk, caller, readmit_person, asked)


@request("call_pause", OneAct, may="room", cost=2)
async def pause(desk: Desk, caller: Connection, asked: OneAct) -> Nothing:
    return await _do(desk, caller, call_pause, asked)


@request("extend_pause", ExtendPause, may="lead", cost=2)
async def extend(desk: Desk, caller: Connection, asked: ExtendPause) -> Nothing:
    return await _do(desk, caller, extend_pause, asked)


@request("end_pause", OneAct, may="lead", cost=2)
async def end(desk: Desk, caller: Connection, asked: OneAct) -> Nothing:
    return await _do(desk, caller, end_pause, asked)


async def _do(desk: Desk, caller: Connection, use_case: Callable[..., Entry], asked: Struct) -> Nothing:
    """Each of these requests says in its own fields what its use case wants to know."""
    told = {name: getattr(asked, name) for name in asked.__struct_fields__}
    await desk.write(use_case, by=caller.person, **told)
    return Nothing()
