"""Entries: what happened, in order, in a channel; written once, read by whoever may."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm import Session

from mediation.base import Base
from mediation.clock import iso, moment
from mediation.ids import new_id
from mediation.keys import Keys, decrypt, encrypt
from mediation.record.chain import FIRST, VERSION, canonical, digest, entry_hash, facts_digest
from mediation.record.findable import findable, row_of
from mediation.rooms.channel import Channel

entries = Table(
    "entries",
    Base.metadata,
    Column("id", String(64), primary_key=True),
    Column("channel", String(64), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("actor", String(64)),
    Column("at", String(27), nullable=False),
    Column("public", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("client_id", String(64)),
    Column("version", Integer, nullable=False),
    Column("prev", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("channel", "seq"),
    Index("ix_entries_client", "channel", "actor", "client_id", unique=True),
)

contents = Table(
    "contents",
    Base.metadata,
    Column("entry", String(64), primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("sealed", Boolean, nullable=False),
    Column("withheld", Boolean, nullable=False),
)


_WITH_CONTENT = select(entries, contents.c.body, contents.c.sealed, contents.c.withheld).join(
    contents, contents.c.entry == entries.c.id, isouter=True
)
# Built once: the building of a statement takes longer than its execution.
_OF_CLIENT = _WITH_CONTENT.where(
    entries.c.channel == bindparam("channel"), entries.c.client_id == bindparam("client_id")
)
_EARLIER = _OF_CLIENT.where(entries.c.actor == bindparam("actor"))
_EARLIER_OF_THE_HOUSE = _OF_CLIENT.where(entries.c.actor.is_(None))
_HEAD = (
    select(entries.c.seq, entries.c.hash)
    .where(entries.c.channel == bindparam("channel"))
    .order_by(entries.c.seq.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact. `body` is None where its content was recalled or erased."""

    channel: str
    seq: int
    id: str
    kind: str
    actor: str | None
    at: str
    public: Mapping[str, Any]
    body: Mapping[str, Any] | None
    client_id: str | None
    hash: str


@dataclass(frozen=True, slots=True)
class _Head:
    seq: int
    hash: str


class Appender:
    """Appends entries for the writer: heads are cached, the rows of a batch go in at its end."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._last_at: dict[str, datetime] = {}
        self._heads: dict[str, _Head] = {}
        self._channel_keys: dict[str, bytes | None] = {}
        self._begun: dict[str, _Head] = {}
        self._rows: list[dict[str, Any]] = []
        self._contents: list[dict[str, Any]] = []
        self._findable: list[dict[str, Any]] = []
        self._by_client: dict[tuple[str, str | None, str], Entry] = {}
        self._absent: set[tuple[str, str | None, str]] = set()
        """Acts that were looked for in this transaction and have not been done: nobody else can do them meanwhile."""

    @property
    def pending(self) -> int:
        """How many entries wait to be inserted."""
        return len(self._rows)

    def forget(self) -> None:
        """Drops every cached head: another writer was at work, or a commit failed."""
        self._heads.clear()
        self._last_at.clear()
        self.abandon()

    def abandon(self) -> None:
        """Drops what this batch has begun."""
        self._begun.clear()
        self._rows.clear()
        self._contents.clear()
        self._findable.clear()
        self._by_client.clear()
        self._absent.clear()

    def insert(self, connection: Connection) -> None:
        """Writes the rows of the batch that have not been written yet."""
        if self._rows:
            connection.execute(entries.insert(), self._rows)
            connection.execute(contents.insert(), self._contents)
            self._rows.clear()
            self._contents.clear()
        if self._findable:
            connection.execute(findable.insert(), self._findable)
            self._findable.clear()

    def committed(self) -> None:
        """The batch is durable: its heads are the heads."""
        self._heads.update(self._begun)
        self.abandon()

    def earlier(
        self, connection: Connection, channel: str, actor: str | None, client_id: str
    ) -> Entry | None:
        """The entry this actor has already made in this channel with this `client_id`."""
        act = (channel, actor, client_id)
        if found := self._by_client.get(act):
            return found
        if act in self._absent:
            return None
        query = _EARLIER_OF_THE_HOUSE if actor is None else _EARLIER
        row = connection.execute(query, {"channel": channel, "actor": actor, "client_id": client_id}).first()
        if row is None:
            self._absent.add(act)
            return None
        return _entry(row, self._key_of(connection, channel))

    def append(
        self,
        connection: Connection,
        *,
        kind: str,
        channel: str,
        actor: str | None,
        now: datetime,
        body: Mapping[str, Any],
        public: Mapping[str, Any],
        client_id: str | None,
    ) -> Entry:
        """The next entry of its channel, with its time strictly after every earlier one that stands on the same side of a wall."""
        head = self._begun.get(channel) or self._heads.get(channel) or _stored_head(connection, channel)
        at = iso(self._next_time(connection, channel, now))
        seq, id, salt = head.seq + 1, new_id(), os.urandom(16)
        facts = {
            "channel": channel,
            "seq": seq,
            "id": id,
            "kind": kind,
            "actor": actor,
            "at": at,
            "public": dict(public),
            "digest": digest(salt, body),
            "client_id": client_id,
            "version": VERSION,
        }
        hashed = entry_hash(head.hash, facts_digest(facts))
        chained = {"public": canonical(public).decode(), "prev": head.hash, "hash": hashed}
        self._rows.append({**facts, **chained})
        sealed_by = self._key_of(connection, channel)
        self._contents.append(_content(id, salt, body, sealed_by))
        if sealed_by is None and (found_by := row_of(channel, seq, kind, body)):
            self._findable.append(found_by)
        self._begun[channel] = _Head(seq, hashed)
        entry = Entry(channel, seq, id, kind, actor, at, public, body, client_id, hashed)
        if client_id is not None:
            self._by_client[channel, actor, client_id] = entry
        return entry

    def _next_time(self, connection: Connection, channel: str, now: datetime) -> datetime:
        """A time after the last one. Behind a wall there is a row of times of its own: else the microseconds would tell outside
        that something was said inside.
        """
        wall = channel if self._key_of(connection, channel) else ""
        last = self._last_at.get(wall) or _stored_time(connection, wall)
        self._last_at[wall] = now if last is None else max(now, last + timedelta(microseconds=1))
        return self._last_at[wall]

    def _key_of(self, connection: Connection, channel: str) -> bytes | None:
        if channel not in self._channel_keys:
            wrapped = connection.execute(
                select(Channel.key_wrapped).where(Channel.id == channel)
            ).scalar_one()
            self._channel_keys[channel] = self._keys.channel_key(channel, wrapped) if wrapped else None
        return self._channel_keys[channel]


def read_entries(
    session: Session,
    keys: Keys,
    channel: str,
    *,
    after: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Entry]:
    """Entries of a channel in rising order: those after a seq, or the last ones before a seq (by default: the last ones).

    The caller has made sure that the reader may read the channel.
    """
    query = _WITH_CONTENT.where(entries.c.channel == channel)
    if after is not None:
        query = query.where(entries.c.seq > after).order_by(entries.c.seq)
    else:
        query = query.order_by(entries.c.seq.desc())
        query = query if before is None else query.where(entries.c.seq < before)
    rows = session.execute(query.limit(limit)).all()
    wrapped = session.execute(select(Channel.key_wrapped).where(Channel.id == channel)).scalar_one()
    key = keys.channel_key(channel, wrapped) if wrapped else None
    found = [_entry(row, key) for row in rows]
    return found if after is not None else found[::-1]


def heads_of(session: Session, channels: Iterable[str]) -> dict[str, int]:
    """The last seq of each channel; 0 for an empty one."""
    wanted = list(channels)
    query = select(entries.c.channel, func.max(entries.c.seq)).where(entries.c.channel.in_(wanted))
    found = {channel: int(seq) for channel, seq in session.execute(query.group_by(entries.c.channel)).all()}
    return {channel: found.get(channel, 0) for channel in wanted}


def _entry(row: Any, key: bytes | None) -> Entry:
    body = None
    if row.body is not None and not row.withheld:
        body = json.loads(decrypt(key, row.body, row.id) if row.sealed and key else row.body)
    public = json.loads(row.public)
    return Entry(
        row.channel, row.seq, row.id, row.kind, row.actor, row.at, public, body, row.client_id, row.hash
    )


def _stored_time(connection: Connection, wall: str) -> datetime | None:
    """The time of the last entry behind a wall; "" is the open side of all of them."""
    query = select(func.max(entries.c.at))
    if wall:
        query = query.where(entries.c.channel == wall)
    else:
        query = query.join(Channel, Channel.id == entries.c.channel).where(Channel.key_wrapped.is_(None))
    latest = connection.execute(query).scalar()
    return moment(latest) if latest else None


def _content(entry: str, salt: bytes, body: Mapping[str, Any], sealed_by: bytes | None) -> dict[str, Any]:
    """The row of what an entry says, encrypted behind a wall."""
    plain = canonical(body)
    return {
        "entry": entry,
        "salt": salt,
        "body": encrypt(sealed_by, plain, entry) if sealed_by else plain,
        "sealed": sealed_by is not None,
        "withheld": False,
    }


def _stored_head(connection: Connection, channel: str) -> _Head:
    row = connection.execute(_HEAD, {"channel": channel}).first()
    return _Head(row.seq, row.hash) if row else _Head(0, FIRST)
