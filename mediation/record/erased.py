"""What was erased, for those who read on: by which entry, when and under which rule."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.keys import Keys, decrypt
from mediation.record.entry import contents, entries
from mediation.rooms.channel import Channel


@dataclass(frozen=True, slots=True)
class Erased:
    """Why a content is gone; `name` is what its class was called, in both languages."""

    by: int
    at: str
    rule: str
    why: str
    name: Mapping[str, str]


def erased_among(session: Session, keys: Keys, channel: str, seqs: Collection[int]) -> dict[int, Erased]:
    """Of these entries of a channel those that were erased. The caller has made sure that it may be read."""
    if not seqs:
        return {}
    query = (
        select(entries.c.id, entries.c.seq, entries.c.at, contents.c.body, contents.c.sealed)
        .join(contents, contents.c.entry == entries.c.id)
        .where(entries.c.channel == channel, entries.c.kind == "content_erased")
    )
    wrapped = session.scalar(select(Channel.key_wrapped).where(Channel.id == channel))
    key = keys.channel_key(channel, wrapped) if wrapped else None
    found: dict[int, Erased] = {}
    for row in session.execute(query):
        told: dict[str, Any] = json.loads(decrypt(key, row.body, row.id) if row.sealed and key else row.body)
        one = Erased(row.seq, row.at, told["rule"], told["why"], told["name"])
        found |= dict.fromkeys(set(told["seqs"]) & set(seqs), one)
    return found
