"""Disclosure: what is said in a caucus is marked by its speaker, and carried over by the mediator only when it is released."""

from mediation.rooms.disclosure import carry_statement, tag_statement
from signaling.desk.desk import Connection, Desk
from signaling.desk.rooms import Id, Seq
from signaling.desk.table import Ours, request


class OneStatement(Ours):
    channel: Id
    seq: Seq


class TagStatement(OneStatement):
    tag: str


class CarryStatement(OneStatement):
    to: Id


class Tagged(Ours):
    tag: str


class Carried(Ours):
    id: str


@request("tag_statement", TagStatement, may="channel")
async def tag(desk: Desk, caller: Connection, asked: TagStatement) -> Tagged:
    how = {"channel": asked.channel, "seq": asked.seq, "tag": asked.tag}
    return Tagged(tag=await desk.write(tag_statement, by=caller.person, **how))


@request("carry_statement", CarryStatement, may="lead", cost=3)
async def carry(desk: Desk, caller: Connection, asked: CarryStatement) -> Carried:
    how = {"channel": asked.channel, "seq": asked.seq, "to": asked.to}
    return Carried(id=await desk.write(carry_statement, by=caller.person, **how))
