"""What a person reads of themselves: every act of theirs, wherever it was, and who looked at what is theirs (Q1)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from mediation.cases.case import Case
from mediation.clock import iso
from mediation.documents.file import file_for
from mediation.errors import NotFound
from mediation.hearings.tape import Recording
from mediation.keys import Keys
from mediation.people.person import Person, acts_of
from mediation.record.entry import entries
from mediation.rooms.channel import Channel, Member
from mediation.rooms.room import Room
from web.course import SEALED

OPENED = ("message_unsealed", "unsealed_message_viewed")
"""Looks that stand in a channel itself, for all who read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One line: what was done, when, by whom, and with what, as far as the reader may know it."""

    kind: str
    at: str
    hash: str
    case: str = ""
    by: str = ""
    thing: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sealed(self) -> bool:
        return self.kind in SEALED or self.kind == "agreement_signed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which lines: one's own acts, or the looks of others; between two days, before a time."""

    looks: bool = False
    since: str = ""
    until: str = ""
    before: str = ""


def asked_for(query: Mapping[str, str], zone: ZoneInfo) -> Asked:
    """What an address asks for, days in the reader's zone; a day that is none is no bound."""
    since, until = _day(query.get("from", ""), zone), _day(query.get("to", ""), zone, days=1)
    return Asked(
        looks=query.get("show") == "looks",
        since=iso(since) if since else "",
        until=iso(until) if until else "",
        before=query.get("before", ""),
    )


def acts_for(session: Session, keys: Keys, person: str, asked: Asked, *, limit: int) -> list[Act]:
    """The lines, latest first; at most `limit`."""
    query = (
        select(
            entries.c.kind, entries.c.at, entries.c.hash, entries.c.actor, entries.c.public, Case.title,
        )
        .join(Channel, Channel.id == entries.c.channel)
        .join(Room, Room.id == Channel.room_id, isouter=True)
        .join(Case, Case.id == Room.case_id, isouter=True)
        .where(_looks_at(session, person) if asked.looks else entries.c.actor == person, *_between(asked))
        .order_by(entries.c.at.desc())
        .limit(limit)
    )  # fmt: skip
    return [_act(session, keys, person, row) for row in session.execute(query).all()]


def _looks_at(session: Session, person: str) -> ColumnElement[bool]:
    """What others did that stands in the person's own channel, and what was opened by order in a channel that they read."""
    reads = select(Member.channel_id).where(Member.person_id == person)
    theirs = or_(
        entries.c.channel == acts_of(session, person),
        and_(entries.c.kind.in_(OPENED), entries.c.channel.in_(reads)),
    )
    return and_(entries.c.actor.is_not(None), entries.c.actor != person, theirs)


def _between(asked: Asked) -> list[ColumnElement[bool]]:
    since = [entries.c.at >= asked.since] if asked.since else []
    return since + [entries.c.at < end for end in (asked.until, asked.before) if end]


def _act(session: Session, keys: Keys, person: str, row: Any) -> Act:
    public = json.loads(row.public)
    thing, case = _seen(session, keys, person, public) if row.kind == "looked_at" else ("", "")
    by = session.get(Person, row.actor)
    return Act(
        kind=row.kind, at=row.at, hash=row.hash, case=row.title or case, by=by.name if by else "", thing=thing,
        about=public,
    )  # fmt: skip


def _seen(session: Session, keys: Keys, person: str, public: Mapping[str, Any]) -> tuple[str, str]:
    """What was looked at, by its name, and in which case; nothing that the reader may not read any more."""
    room, name = "", ""
    if public["kind"] == "recording":
        tape = session.get(Recording, public["id"])
        room = tape.room_id if tape else ""
    else:
        try:
            file = file_for(session, keys, person, public["id"])
        except NotFound:
            return "", ""
        name, room = file.title or file.name, session.get_one(Channel, file.channel).room_id or ""
    title = session.scalar(select(Case.title).join(Room, Room.case_id == Case.id).where(Room.id == room))
    return name, title or ""


def _day(text: str, zone: ZoneInfo, *, days: int = 0) -> datetime | None:
    """The beginning of a day, or of one after it."""
    try:
        begins = date.fromisoformat(text) + timedelta(days=days)
        return datetime.combine(begins, time(), zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
