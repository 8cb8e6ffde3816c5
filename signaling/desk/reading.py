"""Reading: how far each device has come, who has got and read a message, and who is writing."""

import time
from typing import Any

from mediation.clock import iso
from mediation.rooms.channel import channel_for, members_of
from mediation.rooms.entrance import channel_view
from mediation.rooms.receipt import mark_delivered, receipts_of
from signaling.desk.desk import Connection, Desk
from signaling.desk.rooms import Id, Seq
from signaling.desk.table import Nothing, Ours, request

PAUSE = 2.5
"""Seconds in which one device is told of as writing only once; browsers say it every three."""


class InChannel(Ours):
    channel: Id


class OfEntry(InChannel):
    seq: Seq


@request("mark_delivered", OfEntry, may="channel")
async def deliver(desk: Desk, caller: Connection, asked: OfEntry) -> Nothing:
    if await desk.write(mark_delivered, by=caller.person, channel=asked.channel, seq=asked.seq):
        said = {"channel": asked.channel, "person": caller.person, "seq": asked.seq}
        room, others = await _others(desk, caller, asked.channel)
        desk.announce.to_people(room, others, "delivered", said)
    return Nothing()


@request("read_receipts", OfEntry, may="channel", cost=2)
async def receipts(desk: Desk, caller: Connection, asked: OfEntry) -> dict[str, Any]:
    found = await desk.read(receipts_of, caller.person, asked.channel, asked.seq)
    return {
        "receipts": [
            {
                "person": one.person,
                "delivered_at": one.delivered_at and iso(one.delivered_at),
                "read_at": one.read_at and iso(one.read_at),
            }
            for one in found
        ]
    }


@request("typing", InChannel, may="channel")
async def write(desk: Desk, caller: Connection, asked: InChannel) -> Nothing:
    """A signal and no fact: told to those who read the channel, and gone. Of who may only read there nothing is told."""
    view = await desk.read(channel_view, caller.person, asked.channel)
    now = time.monotonic()
    if view.may_speak and now - caller.wrote_at >= PAUSE:
        caller.wrote_at = now
        room, others = await _others(desk, caller, asked.channel)
        said = {"channel": asked.channel, "person": caller.person}
        desk.announce.to_people(room, others, "typing", said)
    return Nothing()


async def _others(desk: Desk, caller: Connection, channel: str) -> tuple[str, list[str]]:
    """The room of a channel, and who else reads it."""
    found = await desk.read(channel_for, caller.person, channel)
    people = await desk.read(members_of, channel)
    return found.room_id or "", [one for one in people if one != caller.person]
