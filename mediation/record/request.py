"""Requests for erasure: somebody asks that what they said or sent be erased, the clerk decides with a reason, and it is carried out (PIPL 47).

All three are entries of the record, so that everybody in the case reads them. Granted is only what the pack allows: what the law obliges
us to keep is refused. It is carried out when no hold lies on the case, and never while the mediation goes on.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.case import Case, case_for, record_of_case
from mediation.errors import Invalid, NotFound, WrongState
from mediation.people.permission import require
from mediation.record.entry import Entry, entries
from mediation.record.hold import given, is_held
from mediation.rooms.channel import Channel
from mediation.rooms.room import Room
from mediation.work import Work

ANSWERS = ("granted", "refused")


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked for, in which entry, and how it was decided; `done` are the classes that have been erased since."""

    id: str
    case: str
    person: str
    at: str
    classes: tuple[str, ...]
    answer: str = ""
    by: str = ""
    granted: tuple[str, ...] = ()
    done: tuple[str, ...] = ()

    @property
    def left(self) -> tuple[str, ...]:
        """What was granted and is still to be carried out."""
        return tuple(one for one in self.granted if one not in self.done)


def ask_erasure(
    work: Work, *, by: str, case: str, classes: Collection[str], reason: str, client_id: str
) -> Entry:
    """Asks; raises `NotFound` for a stranger, `NotAllowed` for who is on no side, `Invalid` without a class of the pack or a reason."""
    found, actor = case_for(work.session, by, case)
    require(actor, "ask_erasure")
    record = record_of_case(work.session, case)
    if done := work.earlier(record, by, client_id):
        return done
    wanted = [one.code for one in found.rules.retention if one.code in classes]
    if not wanted or len(wanted) != len(set(classes)):
        raise Invalid("erasure.what_missing")
    public = {"case": case, "classes": wanted}
    body = public | {"reason": given(reason)}
    return work.happened("erasure_asked", record, by, public=public, body=body, client_id=client_id)


def decide_erasure(
    work: Work, *, by: str, case: str, request: str, answer: str, reason: str, client_id: str
) -> Entry:
    """The clerk grants it, as far as the pack allows, or refuses it. Decided once, it stays so.

    Raises `WrongState` where nothing of it may be granted, and for a case that goes on or was decided already.
    """
    found, actor = case_for(work.session, by, case)
    require(actor, "decide_erasure")
    record = record_of_case(work.session, case)
    if done := work.earlier(record, by, client_id):
        return done
    work.catch_up()
    asked = next((one for one in requests_in(work.session, case) if one.id == request), None)
    if asked is None:
        raise NotFound
    if answer not in ANSWERS:
        raise Invalid("erasure.answer_missing")
    if asked.answer:
        raise WrongState("erasure.decided")
    granted = _allowed(found, asked) if answer == "granted" else []
    public = {"case": case, "request": request, "answer": answer, "granted": granted}
    body = public | {"reason": given(reason)}
    decided = work.happened("erasure_decided", record, by, public=public, body=body, client_id=client_id)
    for rule in granted:
        key = f"erase:{request}:{rule}"
        work.later("erase", job_for(asked, rule, by=by), key=key)
    return decided


def note_done(work: Work, *, case: str, request: str, rule: str) -> None:
    """A class of a request has been erased, unless a hold was in the way."""
    work.catch_up()
    if not is_held(work.session, case):
        public = {"case": case, "request": request, "rule": rule}
        act = f"erased:{request[:32]}:{rule}"
        record = record_of_case(work.session, case)
        work.happened("erasure_done", record, None, public=public, body=public, client_id=act)


def job_for(asked: Request, rule: str, *, by: str) -> dict[str, str]:
    """What the job of a class is told: whose contents, and up to when."""
    return {
        "case": asked.case,
        "rule": rule,
        "request": asked.id,
        "person": asked.person,
        "until": asked.at,
        "by": by,
    }


def requests_in(session: Session, case: str | None = None) -> list[Request]:
    """The requests of a case, or of all, in their order, as the records tell of them."""
    kinds = ("erasure_asked", "erasure_decided", "erasure_done")
    query = (
        select(entries.c.id, entries.c.kind, entries.c.actor, entries.c.at, entries.c.public)
        .join(Channel, Channel.id == entries.c.channel)
        .join(Room, Room.id == Channel.room_id)
        .where(Channel.kind == "record", entries.c.kind.in_(kinds))
        .order_by(entries.c.at)
    )
    found: dict[str, Request] = {}
    for row in session.execute(query if case is None else query.where(Room.case_id == case)):
        _take(found, row, json.loads(row.public))
    return list(found.values())


def _take(found: dict[str, Request], row: Any, told: Mapping[str, Any]) -> None:
    if row.kind == "erasure_asked":
        found[row.id] = Request(row.id, told["case"], row.actor, row.at, tuple(told["classes"]))
        return
    asked = found[told["request"]]
    if row.kind == "erasure_decided":
        answer = {"answer": told["answer"], "by": row.actor, "granted": tuple(told["granted"])}
        found[asked.id] = replace(asked, **answer)
    else:
        found[asked.id] = replace(asked, done=(*asked.done, told["rule"]))


def _allowed(case: Case, asked: Request) -> list[str]:
    if not case.is_over:
        raise WrongState("erasure.case_goes_on")
    allowed = [one.code for one in case.rules.retention if one.on_request and one.code in asked.classes]
    if not allowed:
        raise WrongState("erasure.obliged")
    return allowed
