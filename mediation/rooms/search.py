"""Search in a room, or in all of a person's: over what they may read, and nothing else. Who may see what is part of the query, never a sieve after it.

Open channels are asked by their index; what lies behind a wall is opened and looked through, newest first, a stretch at a time.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Session

from mediation.keys import Keys
from mediation.record.entry import Entry, entries, read_entries
from mediation.record.findable import KINDS, findable, words_in
from mediation.record.place import first_since
from mediation.record.walled import walled_words_of
from mediation.rooms.channel import Channel, Member
from mediation.rooms.entrance import room_for
from mediation.rooms.query import Query
from mediation.rooms.waiting import rooms_of

SCANNED = 2000
"""So many entries behind each wall are opened for one question."""
ALL_SCANNED = 6000
"""So many behind all walls together."""
ALL_OPENED = 16 * 1024 * 1024
"""So many bytes of the words in their files."""
PIECE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody looks for: words, and of whom, of what kind and of when it has to be."""

    query: Query
    before: str | None = None
    by: str | None = None
    files: bool = False
    since: str | None = None
    until: str | None = None

    def may_be(self, entry: Entry) -> bool:
        """Whether an entry that was opened is meant, if the words are there."""
        return (
            entry.kind in KINDS
            and entry.body is not None
            and (self.by is None or entry.actor == self.by)
            and (not self.files or _has_file(entry))
        )

    @property
    def end(self) -> str:
        """The time before which it was."""
        return min(at for at in (self.before, self.until, "~") if at is not None)


@dataclass(frozen=True, slots=True)
class Hit:
    """A place that was found: its words around the first mark, and from where to where they are marked."""

    entry: Entry
    words: str
    marks: tuple[tuple[int, int], ...]
    page: int | None = None
    """Where the words are inside its file; a file without pages has one."""


@dataclass(frozen=True, slots=True)
class Found:
    """Hits, the newest first; `further` is the time before which one has not looked yet."""

    hits: tuple[Hit, ...]
    further: str | None


def search(session: Session, keys: Keys, person: str, room: str, wanted: Wanted, *, limit: int = 20) -> Found:
    """What a person finds in a room; raises `NotFound` for who has no part in it."""
    room_for(session, person, room)
    return _search(session, keys, person, Channel.room_id == room, wanted, limit)


def search_all(session: Session, keys: Keys, person: str, wanted: Wanted, *, limit: int = 20) -> Found:
    """What a person finds in all rooms that they have a part in."""
    return _search(session, keys, person, Channel.room_id.in_(rooms_of(person)), wanted, limit)


def _search(
    session: Session, keys: Keys, person: str, where: ColumnElement[bool], wanted: Wanted, limit: int
) -> Found:
    if not wanted.query.terms:
        return Found((), None)
    mine = and_(where, Member.person_id == person)
    found = _in_the_open(session, keys, mine, wanted, limit + 1)
    walled = select(Channel).join(Member, Member.channel_id == Channel.id)
    channels = session.scalars(walled.where(mine, Channel.key_wrapped.is_not(None))).all()
    share = max(1, len(channels))
    pieces = max(1, min(SCANNED, ALL_SCANNED // share) // PIECE)
    reached = ""
    for channel in channels:
        wall = _Wall(session, keys, channel, wanted, ALL_OPENED // share)
        seen, edge = _behind(wall, limit + 1, pieces)
        found.extend(seen)
        reached = max(reached, edge)
    found = sorted((one for one in found if one[0].at >= reached), key=lambda one: one[0].at, reverse=True)
    further = found[limit - 1][0].at if len(found) > limit else reached or None
    return Found(tuple(_hit(entry, page, wanted.query) for entry, page in found[:limit]), further)


def _in_the_open(
    session: Session, keys: Keys, mine: ColumnElement[bool], wanted: Wanted, limit: int
) -> list[tuple[Entry, int | None]]:
    sqlite = session.get_bind().dialect.name == "sqlite"
    asked = _matching(wanted.query, sqlite=sqlite)
    rows = (
        asked.join(Channel, Channel.id == findable.c.channel)
        .join(Member, Member.channel_id == Channel.id)
        .join(entries, and_(entries.c.channel == findable.c.channel, entries.c.seq == findable.c.seq))
        .where(mine, entries.c.at < wanted.end, *_filters(wanted))
        .group_by(findable.c.channel, findable.c.seq, entries.c.at)
        .order_by(entries.c.at.desc())
        .limit(limit)
    )
    found: list[tuple[Entry, int | None]] = []
    for place in session.execute(rows):
        page = None if place.own else place.page
        read = read_entries(session, keys, place.channel, after=place.seq - 1, limit=1)
        found.extend((entry, page) for entry in read if entry.body is not None)
    return found


def _matching(query: Query, *, sqlite: bool) -> Select[Any]:
    page = cast(func.substr(findable.c.source, 2), Integer)
    of_entry = findable.c.source == "words"
    own, first = func.max(case((of_entry, 1), else_=0)), func.min(case((of_entry, None), else_=page))
    asked = select(findable.c.channel, findable.c.seq, entries.c.at, own.label("own"), first.label("page"))
    asked = asked.select_from(findable)
    if sqlite:
        within = text("findable.id IN (SELECT rowid FROM findable_index WHERE findable_index MATCH :asked)")
        return asked.where(within.bindparams(asked=query.for_sqlite()))
    vector = func.to_tsvector(literal_column("'simple'"), findable.c.tokens)
    return asked.where(vector.op("@@")(func.to_tsquery(literal_column("'simple'"), query.for_postgres())))


def _filters(wanted: Wanted) -> list[ColumnElement[bool]]:
    rules: list[ColumnElement[bool]] = []
    if wanted.by is not None:
        rules.append(entries.c.actor == wanted.by)
    if wanted.files:
        rules.append(or_(entries.c.public.like('%"file":%'), entries.c.public.like('%"document":%')))
    if wanted.since is not None:
        rules.append(entries.c.at >= wanted.since)
    return rules


class _Wall:
    """One channel behind a wall while it is looked through; `left` is how many bytes of words in its files may still be opened."""

    def __init__(self, session: Session, keys: Keys, channel: Channel, wanted: Wanted, left: int) -> None:
        self.session, self.keys, self.channel = session, keys, channel
        self.wanted, self.left = wanted, left
        self._key = keys.channel_key(channel.id, channel.key_wrapped or b"")

    def place_in(self, entry: Entry) -> tuple[Entry, int | None] | None:
        """Whether the words stand in an entry, or on which page of its file; None when they do not."""
        if not self.wanted.may_be(entry):
            return None
        if self.wanted.query.holds(words_in(entry.body or {})):
            return entry, None
        if not _has_file(entry):
            return None
        pages, opened = walled_words_of(self.session, self._key, self.channel.id, entry.seq)
        self.left -= opened
        numbered = enumerate(pages, start=1)
        return next(((entry, page) for page, plain in numbered if self.wanted.query.stands_in(plain)), None)


def _behind(wall: _Wall, limit: int, pieces: int) -> tuple[list[tuple[Entry, int | None]], str]:
    """What is found behind one wall, and the time down to which it was looked for; nothing when to the beginning."""
    found: list[tuple[Entry, int | None]] = []
    wanted, channel = wall.wanted, wall.channel.id
    before = first_since(wall.session, channel, wanted.end)
    for _ in range(pieces):
        read = read_entries(wall.session, wall.keys, channel, before=before, limit=PIECE)
        late = [entry for entry in reversed(read) if wanted.since is None or entry.at >= wanted.since]
        for entry in late:
            if place := wall.place_in(entry):
                found.append(place)
            if wall.left <= 0:
                return found, entry.at
        if len(late) < PIECE or read[0].seq == 1:
            return found, ""
        before = read[0].seq
        if len(found) >= limit:
            break
    return found, read[0].at


def _has_file(entry: Entry) -> bool:
    body = entry.body or {}
    return bool(body.get("file") or body.get("document"))


def _hit(entry: Entry, page: int | None, query: Query) -> Hit:
    words, marks = query.excerpt(words_in(entry.body or {}))
    return Hit(entry, words, marks, page)
