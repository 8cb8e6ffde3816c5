"""What can be done with a message beside saying it: pin a notice, acknowledge it, find where one is called, have sealed words opened."""

from typing import Annotated, Any

from msgspec import Meta

from mediation.clock import iso
from mediation.rooms.mention import calls_for
from mediation.rooms.notice import NoticeView, acknowledge_notice, notices_for, pin_notice, unpin_notice
from mediation.rooms.unsealing import (
    ask_unsealing,
    look_at_message,
    order_unsealing,
    refuse_unsealing,
    unseal_message,
)
from signaling.announce import shown
from signaling.desk.desk import Connection, Desk
from signaling.desk.rooms import Id, Said, Seq
from signaling.desk.stage import InRoom
from signaling.desk.table import Ours, request

Reason = Annotated[str, Meta(max_length=500)]


class InChannel(Ours):
    channel: Id


class OneEntry(InChannel):
    seq: Seq


class PinNotice(InChannel):
    client_id: Id
    text: Annotated[str, Meta(max_length=100_000)]
    message: Seq | None = None


class Unsealing(OneEntry):
    reason: Reason


class LookAtMessage(OneEntry):
    client_id: Id


@request("read_mentions", InRoom, may="room")
async def read_mentions(desk: Desk, caller: Connection, asked: InRoom) -> dict[str, Any]:
    calls = await desk.read(calls_for, caller.person, asked.room)
    return {"mentions": [{"channel": call.channel, "seq": call.seq} for call in calls]}


@request("pin_notice", PinNotice, may="pin_notice", cost=2)
async def pin(desk: Desk, caller: Connection, asked: PinNotice) -> Said:
    what = {"text": asked.text, "message": asked.message, "client_id": asked.client_id}
    entry = await desk.write(pin_notice, by=caller.person, channel=asked.channel, **what)
    return Said(seq=entry.seq, id=entry.id, hash=entry.hash)


@request("acknowledge_notice", OneEntry, may="acknowledge_notice")
async def acknowledge(desk: Desk, caller: Connection, asked: OneEntry) -> Said:
    entry = await desk.write(acknowledge_notice, by=caller.person, channel=asked.channel, seq=asked.seq)
    return Said(seq=entry.seq, id=entry.id, hash=entry.hash)


@request("unpin_notice", OneEntry, may="pin_notice")
async def unpin(desk: Desk, caller: Connection, asked: OneEntry) -> Said:
    entry = await desk.write(unpin_notice, by=caller.person, channel=asked.channel, seq=asked.seq)
    return Said(seq=entry.seq, id=entry.id, hash=entry.hash)


@request("read_notices", InChannel, may="channel", cost=2)
async def read_notices(desk: Desk, caller: Connection, asked: InChannel) -> dict[str, Any]:
    keys = desk.bridge.store.keys
    notices = await desk.read(notices_for, keys, caller.person, asked.channel)
    return {"notices": [_notice(view) for view in notices]}


@request("ask_unsealing", Unsealing, may="ask_unsealing", cost=5)
async def ask(desk: Desk, caller: Connection, asked: Unsealing) -> Said:
    what = {"channel": asked.channel, "seq": asked.seq, "reason": asked.reason}
    entry = await desk.write(ask_unsealing, by=caller.person, **what)
    return Said(seq=entry.seq, id=entry.id, hash=entry.hash)


@request("order_unsealing", Unsealing, may="order_unsealing", cost=5)
async def order(desk: Desk, caller: Connection, asked: Unsealing) -> Said:
    what = {"channel": asked.channel, "seq": asked.seq, "reason": asked.reason}
    entry = await desk.write(order_unsealing, by=caller.person, **what)
    return Said(seq=entry.seq, id=entry.id, hash=entry.hash)


@request("refuse_unsealing", Unsealing, may="order_unsealing", cost=5)
async def refuse(desk: Desk, caller: Connection, asked: Unsealing) -> Said:
    what = {"channel": asked.channel, "seq": asked.seq, "reason": asked.reason}
    entry = await desk.write(refuse_unsealing, by=caller.person, **what)
    return Said(seq=entry.seq, id=entry.id, hash=entry.hash)


@request("unseal_message", OneEntry, may="unseal_message", cost=5)
async def unseal(desk: Desk, caller: Connection, asked: OneEntry) -> Said:
    entry = await desk.write(unseal_message, by=caller.person, channel=asked.channel, seq=asked.seq)
    return Said(seq=entry.seq, id=entry.id, hash=entry.hash)


@request("look_at_message", LookAtMessage, may="channel", cost=5)
async def look(desk: Desk, caller: Connection, asked: LookAtMessage) -> dict[str, Any]:
    what = {"channel": asked.channel, "seq": asked.seq, "client_id": asked.client_id}
    return {"body": dict(await desk.write(look_at_message, by=caller.person, **what))}


def _notice(view: NoticeView) -> dict[str, Any]:
    asked = [{"person": person, "at": at and iso(at)} for person, at in view.asked.items()]
    return {"entry": shown(view.entry), "asked": asked}
