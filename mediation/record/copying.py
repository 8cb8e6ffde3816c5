"""What goes into a bundle: channels as somebody may read them, entry by entry, copied from the tables at one moment."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.clock import iso
from mediation.keys import Keys, decrypt
from mediation.record.entry import contents, entries
from mediation.rooms.channel import Channel, ReadMark

FACTS = ("channel", "seq", "id", "kind", "actor", "at", "digest", "client_id", "version")


@dataclass(frozen=True, slots=True)
class Copied:
    """An entry: its facts, and its content with the salt, or why that is gone. Where it is not `shown`, only a digest goes out."""

    facts: Mapping[str, Any]
    hash: str
    shown: bool
    salt: bytes = b""
    body: Mapping[str, Any] | None = None
    gone: Mapping[str, Any] | None = None

    @property
    def seq(self) -> int:
        return int(self.facts["seq"])


@dataclass(frozen=True, slots=True)
class Mark:
    """By `at` the person had seen the channel up to `seq`."""

    person: str
    seq: int
    at: str


@dataclass(frozen=True, slots=True)
class ChannelCopy:
    """A channel with all of its entries."""

    id: str
    kind: str
    name: str
    side: str | None
    entries: tuple[Copied, ...]
    marks: tuple[Mark, ...]

    @property
    def shown(self) -> Iterator[Copied]:
        return (one for one in self.entries if one.shown)


def copy_channel(
    session: Session, keys: Keys, channel: Channel, *, chosen: Iterable[int] | None = None
) -> ChannelCopy:
    """Copies a channel; of one from which entries were chosen, the others as digests. The caller has made sure that it may be read."""
    key = keys.channel_key(channel.id, channel.key_wrapped) if channel.key_wrapped else None
    rows = session.execute(
        select(entries, contents.c.salt, contents.c.body, contents.c.sealed, contents.c.withheld)
        .join(contents, contents.c.entry == entries.c.id, isouter=True)
        .where(entries.c.channel == channel.id)
        .order_by(entries.c.seq)
    ).all()
    gone = _gone(rows)
    wanted = {row.seq for row in rows} if chosen is None else _with_reasons(set(chosen), rows)
    copied = tuple(_copy(row, key, gone.get(row.seq), shown=row.seq in wanted) for row in rows)
    marks = _marks(session, channel.id, len(copied))
    kept = marks if chosen is None else _first_sight(marks, set(chosen))
    return ChannelCopy(channel.id, channel.kind, channel.name, channel.side, copied, kept)


def _copy(row: Any, key: bytes | None, gone: Mapping[str, Any] | None, *, shown: bool) -> Copied:
    facts = {name: getattr(row, name) for name in FACTS} | {"public": json.loads(row.public)}
    if not shown or gone:
        return Copied(facts, row.hash, shown, gone=gone)
    if row.body is None:
        raise LookupError(f"the content of entry {row.seq} of {row.channel} is missing")
    body = json.loads(decrypt(key, row.body, row.id) if row.sealed and key else row.body)
    return Copied(facts, row.hash, shown, salt=row.salt, body=body)


def _gone(rows: Iterable[Any]) -> dict[int, Mapping[str, Any]]:
    """Contents that are not shown any more, by seq, and by which rule."""
    found: dict[int, Mapping[str, Any]] = {}
    for row in rows:
        if row.withheld:
            found[row.seq] = {"gone": "recalled"}
        if row.kind == "content_erased":
            told = json.loads(row.public)
            erased = {"gone": "erased", "under": told["rule"], "by": row.seq}
            found |= dict.fromkeys(told["seqs"], erased)
    return found


def _with_reasons(chosen: set[int], rows: Iterable[Any]) -> set[int]:
    """The chosen entries, and those that say why the content of one of them is gone."""
    wanted = set(chosen)
    for row in rows:
        if row.kind == "message_recalled" and json.loads(row.public)["seq"] in chosen:
            wanted.add(row.seq)
        if row.kind == "content_erased" and chosen & set(json.loads(row.public)["seqs"]):
            wanted.add(row.seq)
    return wanted


def _marks(session: Session, channel: str, last: int) -> tuple[Mark, ...]:
    rows = session.execute(
        select(ReadMark.person_id, ReadMark.seq, ReadMark.at).where(
            ReadMark.channel_id == channel, ReadMark.seq.between(1, last)
        )
    )
    marks = [Mark(person, seq, iso(at)) for person, seq, at in rows]
    return tuple(sorted(marks, key=lambda one: (one.at, one.seq, one.person)))


def _first_sight(marks: Iterable[Mark], chosen: set[int]) -> tuple[Mark, ...]:
    """Of each chosen entry, when each person had first seen it; the other marks tell of other entries."""
    kept: list[Mark] = []
    for seq in chosen:
        met: set[str] = set()
        for mark in marks:
            if mark.seq >= seq and mark.person not in met:
                met.add(mark.person)
                kept.append(mark)
    return tuple(one for one in marks if one in kept)
