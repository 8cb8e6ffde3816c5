"""Unsealing: what was taken back is read again only by the order of a judge, with a reason that all see (F4).

Somebody who sees the channel asks, in the record; the judge orders or refuses; the clerk carries an order out. Opened is the message only for those who see
its channel anyway: a judge who may later decide is not in the talks, and learns of them no more than the request says. What was said
behind a wall is never opened. The content stays withheld in the tables, and each look at it is an entry.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.errors import Invalid, NotFound, WrongState
from mediation.people.permission import Actor, require
from mediation.record.entry import Entry, contents, entries
from mediation.rooms.channel import WALLED, Channel, channel_for, record_of
from mediation.rooms.entrance import room_for
from mediation.rooms.message import message_at
from mediation.rooms.opened import is_open, withheld_body
from mediation.rooms.room import Room
from mediation.work import Work


def ask_unsealing(work: Work, *, by: str, channel: str, seq: int, reason: str) -> Entry:
    """Asks the judge to have a message opened. Everybody in the case reads that, and why; asking again gets the first answer."""
    found, room, actor = _seen(work.session, by, channel)
    require(actor, "ask_unsealing", room)
    _must_be_sealed(work, found, seq)
    return _note(work, "unsealing_asked", room, by, channel, seq, reason)


def order_unsealing(work: Work, *, by: str, channel: str, seq: int, reason: str) -> Entry:
    """The judge orders it, with a reason that all see.

    Raises `NotFound` for a channel in which the judge is not, unless somebody who is has asked for this message.
    """
    found, room, actor = _in_sight(work, by, channel, seq, kind="unsealing_asked")
    require(actor, "order_unsealing", room)
    _must_be_sealed(work, found, seq)
    return _note(work, "unsealing_ordered", room, by, channel, seq, reason)


def refuse_unsealing(work: Work, *, by: str, channel: str, seq: int, reason: str) -> Entry:
    """The judge refuses what somebody has asked for, with a reason that all see. The order can still be given later.

    Raises `NotFound` as `order_unsealing`, `WrongState` when nobody has asked, and after the order.
    """
    found, room, actor = _in_sight(work, by, channel, seq, kind="unsealing_asked")
    require(actor, "order_unsealing", room)
    record = record_of(work.session, room.id)
    if next(_acts(work, record, "unsealing_ordered", channel, seq), None) is not None:
        raise WrongState("unsealing.ordered")
    if next(_acts(work, record, "unsealing_asked", channel, seq), None) is None:
        raise WrongState("unsealing.not_asked")
    _must_be_sealed(work, found, seq)
    return _note(work, "unsealing_refused", room, by, channel, seq, reason)


def unseal_message(work: Work, *, by: str, channel: str, seq: int) -> Entry:
    """The clerk carries the order out: from now on, who sees the channel can look at the message.

    Raises `NotFound` for a channel in which the clerk is not, and in which nothing was ordered; `WrongState` without an order.
    """
    found, room, actor = _in_sight(work, by, channel, seq, kind="unsealing_ordered")
    require(actor, "unseal_message", room)
    record = record_of(work.session, room.id)
    order = next(_acts(work, record, "unsealing_ordered", channel, seq), None)
    if order is None:
        raise WrongState("unsealing.no_order")
    if done := work.earlier(channel, by, f"unseal:{seq}"):
        return done
    _must_be_sealed(work, found, seq)
    public = {"channel": channel, "seq": seq, "order": order}
    if channel != record:  # the order was given there, and there it is seen to be done
        act = f"unseal:{channel}:{seq}"
        work.happened("message_unsealed", record, by, public=public, body=public, client_id=act)
    return work.happened(
        "message_unsealed", channel, by, public=public, body=public, client_id=f"unseal:{seq}"
    )


def look_at_message(work: Work, *, by: str, channel: str, seq: int, client_id: str) -> Mapping[str, Any]:
    """The content of a message that was opened, for a member of its channel; that they looked is an entry there."""
    found, _room, _actor = _seen(work.session, by, channel)
    message_at(work, channel, seq)
    if not is_open(work.session, channel, seq):
        raise WrongState("unsealing.not_open")
    public = {"seq": seq}
    work.happened("unsealed_message_viewed", channel, by, public=public, body=public, client_id=client_id)
    return withheld_body(work.session, work.keys, found, seq)


def _seen(session: Session, person: str, channel: str) -> tuple[Channel, Room, Actor]:
    found = channel_for(session, person, channel)
    return found, *room_for(session, person, found.room_id or "")


def _in_sight(work: Work, person: str, channel: str, seq: int, *, kind: str) -> tuple[Channel, Room, Actor]:
    """A channel of somebody's own, or one of which the record of their case tells them in an entry of this kind."""
    found = work.session.get(Channel, channel)
    if found is None or found.room_id is None:
        raise NotFound
    room, actor = room_for(work.session, person, found.room_id)
    told = next(_acts(work, record_of(work.session, room.id), kind, channel, seq), None)
    if told is None:
        channel_for(work.session, person, channel)
    return found, room, actor


def _must_be_sealed(work: Work, channel: Channel, seq: int) -> None:
    if channel.kind in WALLED:
        raise WrongState("unsealing.walled")
    row = message_at(work, channel.id, seq)
    if not work.session.scalar(select(contents.c.withheld).where(contents.c.entry == row.id)):
        raise WrongState("unsealing.not_sealed")


def _note(work: Work, kind: str, room: Room, by: str, channel: str, seq: int, reason: str) -> Entry:
    reason = reason.strip()
    if not reason:
        raise Invalid("unsealing.reason_missing")
    public = {"channel": channel, "seq": seq}
    act = f"{kind}:{channel}:{seq}"
    return work.happened(
        kind,
        record_of(work.session, room.id),
        by,
        public=public,
        body=public | {"reason": reason},
        client_id=act,
    )


def _acts(work: Work, record: str, kind: str, channel: str, seq: int) -> Iterator[str]:
    """Ids of the entries of this kind in the record that name this message."""
    work.catch_up()
    query = select(entries.c.id, entries.c.public).where(entries.c.channel == record, entries.c.kind == kind)
    for entry, public in work.session.execute(query).all():
        told = json.loads(public)
        if (told["channel"], told["seq"]) == (channel, seq):
            yield entry
