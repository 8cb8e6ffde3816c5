"""What is kept of a case and for how long, as somebody of the case sees it: classes, holds, and what was asked and decided."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.case import Case, case_for
from mediation.packs.pack import Retention
from mediation.people.permission import Actor
from mediation.record.entry import contents, entries
from mediation.record.hold import LIFTED, SET
from mediation.record.request import Request, requests_in
from mediation.rooms.channel import Channel, Member
from mediation.rooms.room import Room


@dataclass(frozen=True, slots=True)
class Kept:
    """A class of contents: until when it is kept, where the case is over; and when something of it was erased that the reader could read."""

    rule: Retention
    until: datetime | None
    erased_at: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody set a hold, asked or decided: when, and with which words."""

    id: str
    by: str
    at: str
    public: Mapping[str, Any]
    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with its words, and the decision where there is one."""

    request: Request
    asked: Act
    decided: Act | None


@dataclass(frozen=True, slots=True)
class Keeping:
    case: Case
    actor: Actor
    classes: tuple[Kept, ...]
    hold: Act | None
    requests: tuple[Asked, ...]


def keeping_of(session: Session, person: str, case: str) -> Keeping:
    """Raises `NotFound` for somebody who is not in the case."""
    found, actor = case_for(session, person, case)
    acts = _acts(session, case)
    holds = [(kind, act) for kind, act in acts if kind in {SET, LIFTED}]
    decided = {act.public["request"]: act for kind, act in acts if kind == "erasure_decided"}
    words = {act.id: act for kind, act in acts if kind == "erasure_asked"}
    gone = _erased(session, person, case)
    return Keeping(
        found,
        actor,
        tuple(Kept(rule, _until(found, rule), gone.get(rule.code, "")) for rule in found.rules.retention),
        holds[-1][1] if holds and holds[-1][0] == SET else None,
        tuple(Asked(one, words[one.id], decided.get(one.id)) for one in requests_in(session, case)),
    )


def _until(case: Case, rule: Retention) -> datetime | None:
    return case.ended_at + timedelta(days=rule.days) if case.ended_at and rule.days else None


def _acts(session: Session, case: str) -> list[tuple[str, Act]]:
    """In the record, in their order. Where the words are gone, that it was done stays."""
    kinds = (SET, LIFTED, "erasure_asked", "erasure_decided")
    query = (
        select(entries, contents.c.body)
        .join(contents, contents.c.entry == entries.c.id, isouter=True)
        .join(Channel, Channel.id == entries.c.channel)
        .join(Room, Room.id == Channel.room_id)
        .where(Room.case_id == case, Channel.kind == "record", entries.c.kind.in_(kinds))
        .order_by(entries.c.seq)
    )
    return [(row.kind, _act(row)) for row in session.execute(query)]


def _act(row: Any) -> Act:
    body = json.loads(row.body) if row.body is not None else {}
    return Act(row.id, row.actor, row.at, json.loads(row.public), str(body.get("reason", "")))


def _erased(session: Session, person: str, case: str) -> dict[str, str]:
    """When something of each class was last erased, in the channels that somebody reads."""
    query = (
        select(entries.c.public, entries.c.at)
        .join(Channel, Channel.id == entries.c.channel)
        .join(Room, Room.id == Channel.room_id)
        .join(Member, Member.channel_id == Channel.id)
        .where(Room.case_id == case, Member.person_id == person, entries.c.kind == "content_erased")
        .order_by(entries.c.at)
    )
    return {json.loads(public)["rule"]: at for public, at in session.execute(query)}
