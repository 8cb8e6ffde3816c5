"""What was opened by order: a message that was taken back, read again by a member of its channel whose look is noted."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.errors import NotFound
from mediation.keys import Keys, decrypt
from mediation.record.entry import contents, entries
from mediation.rooms.channel import Channel


def is_open(session: Session, channel: str, seq: int) -> bool:
    """Whether this message has been opened by order."""
    told = _told(session, entries.c.channel == channel, entries.c.kind == "message_unsealed")
    return any((each["channel"], each["seq"]) == (channel, seq) for each in told)


def opened_body(
    session: Session, keys: Keys, person: str, channel: Channel, seq: int
) -> Mapping[str, Any] | None:
    """What an opened message says, for a member who has been noted to look at it; None for everybody else."""
    if not is_open(session, channel.id, seq):
        return None
    looked = _told(
        session, entries.c.channel == channel.id, entries.c.actor == person,
        entries.c.kind == "unsealed_message_viewed",
    )  # fmt: skip
    if not any(each["seq"] == seq for each in looked):
        return None
    try:
        return withheld_body(session, keys, channel, seq)
    except NotFound:
        return None


def withheld_body(session: Session, keys: Keys, channel: Channel, seq: int) -> Mapping[str, Any]:
    """What a withheld entry says; raises `NotFound` when it was erased since. The caller has made sure that it was opened."""
    query = select(contents).join(entries, entries.c.id == contents.c.entry)
    row = session.execute(query.where(entries.c.channel == channel.id, entries.c.seq == seq)).first()
    if row is None:
        raise NotFound
    key = keys.channel_key(channel.id, channel.key_wrapped) if channel.key_wrapped else None
    body: Mapping[str, Any] = json.loads(
        decrypt(key, row.body, row.entry) if row.sealed and key else row.body
    )
    return body


def _told(session: Session, *where: Any) -> list[dict[str, Any]]:
    return [json.loads(public) for public in session.scalars(select(entries.c.public).where(*where))]
