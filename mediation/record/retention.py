"""Retention: how long the contents of a case are kept after its end is data of the rule pack; every day what is over is erased (K7).

The job of a class erases piece by piece, so that a kill loses no more than time: done again it finds what is left.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.case import Case
from mediation.errors import NotFound
from mediation.jobs import keep_lease
from mediation.packs.pack import Retention
from mediation.record.clearing import clear_away
from mediation.record.entry import contents, entries
from mediation.record.erasure import AT_ONCE, STAYS, Ground, erase_contents
from mediation.record.hold import is_held
from mediation.record.places import concerns_in, places_of
from mediation.record.request import Request, job_for, note_done, requests_in
from mediation.rooms.channel import Channel
from mediation.store import Store
from mediation.work import Work

DAILY = timedelta(days=1)
COPIES_KEPT = timedelta(days=30)
"""A copy that was made before a migration holds what was erased since; after this time nobody goes back to it."""


def keep_periods(store: Store, _payload: Mapping[str, Any]) -> None:
    """The daily job: leaves a job for each class of each case whose period is over, drops old copies, and comes again tomorrow."""
    now = store.writer.clock()
    for case in store.read(
        ended_cases
    ).result():  # one snapshot each: others are not kept from the log for long
        if rules := store.read(over_in, case, now).result():
            store.write(leave_erasures, case=case, rules=rules).result()
    store.write(leave_granted, left=store.read(granted_and_left).result()).result()
    drop_old_copies(store.settings.data / "backups", now)
    store.write(plan_retention).result()


def plan_retention(work: Work) -> None:
    """Leaves the next daily look at the periods, once for each day."""
    day = (work.now + DAILY).date().isoformat()
    work.later("retention", {}, run_at=work.now + DAILY, key=f"retention:{day}")


def ended_cases(session: Session) -> list[str]:
    """Ids of all cases that are over, the oldest first."""
    return list(session.scalars(select(Case.id).where(Case.ended_at.is_not(None)).order_by(Case.ended_at)))


def over_in(session: Session, case: str, now: datetime) -> list[str]:
    """The classes of a case whose period is over and of which something is still there; none while it is held."""
    found = session.get_one(Case, case)
    if found.ended_at is None or is_held(session, case):
        return []
    over = [
        rule
        for rule in found.rules.retention
        if rule.days is not None and found.ended_at + timedelta(days=rule.days) <= now
    ]
    return [rule.code for rule in over if any(True for _ in _under(session, found, rule))]


def leave_erasures(work: Work, *, case: str, rules: list[str]) -> None:
    """A job for each, once a day."""
    for rule in rules:
        key = f"erase:{case}:{rule}:{work.now.date().isoformat()}"
        work.later("erase", {"case": case, "rule": rule}, key=key)


def granted_and_left(session: Session) -> list[Request]:
    """Requests of which something was granted and could not be carried out then, because a hold lay on the case, and does no more."""
    return [one for one in requests_in(session) if one.left and not is_held(session, one.case)]


def leave_granted(work: Work, *, left: list[Request]) -> None:
    """A job for each class of each, once a day."""
    for asked in left:
        for rule in asked.left:
            key = f"erase:{asked.id}:{rule}:{work.now.date().isoformat()}"
            work.later("erase", job_for(asked, rule, by=asked.by), key=key)


def erase_class(store: Store, payload: Mapping[str, Any]) -> None:
    """The job: erases what a case still has of a class, and what repeats it elsewhere.

    With a `request` it is what that entry asked for: only what its `person` had said or sent until then, before the period is over.
    """
    case = payload["case"]
    rule = store.read(class_in, case, payload["rule"]).result()
    ground = Ground(rule, payload.get("request"), payload.get("by"))
    own = {"person": payload.get("person"), "until": payload.get("until")}
    found = store.read(contents_under, case, rule, **own).result()
    for channel, seqs in found.items():
        for start in range(0, len(seqs), AT_ONCE):
            some = tuple(seqs[start : start + AT_ONCE])
            store.write(erase_unless_held, case=case, channel=channel, seqs=some, ground=ground).result()
            store.write(keep_lease, kind="erase", payload=payload).result()
    clear_away(store, {"case": case})
    if ground.request is not None:
        store.write(note_done, case=case, request=ground.request, rule=rule.code).result()


def erase_unless_held(work: Work, *, case: str, channel: str, seqs: tuple[int, ...], ground: Ground) -> int:
    """A hold that was set in the meantime keeps what is left."""
    work.catch_up()
    if is_held(work.session, case):
        return 0
    return erase_contents(work, channel=channel, seqs=seqs, ground=ground)


def class_in(session: Session, case: str, code: str) -> Retention:
    """The class with this code in the pack of a case; raises `NotFound`."""
    found = session.get_one(Case, case).rules.retention_class(code)
    if found is None:
        raise NotFound
    return found


def contents_under(
    session: Session, case: str, rule: Retention, *, person: str | None = None, until: str | None = None
) -> dict[str, list[int]]:
    """What is still there of a class in a case, by channel; of one person, what they said or sent."""
    by_channel: dict[str, list[int]] = {}
    for channel, seq in _under(session, session.get_one(Case, case), rule, person, until):
        by_channel.setdefault(channel, []).append(seq)
    return by_channel


def drop_old_copies(folder: Path, now: datetime) -> None:
    """Copies of the database from before a migration go when nobody needs them any more."""
    for copy in (*folder.glob("*Z-*.db"), *folder.glob("*Z-*.dump")):
        if copy.stat().st_mtime < (now - COPIES_KEPT).timestamp():
            copy.unlink(missing_ok=True)


def _under(
    session: Session, case: Case, rule: Retention, person: str | None = None, until: str | None = None
) -> Iterator[tuple[str, int]]:
    query = (
        select(
            entries.c.channel, entries.c.seq, entries.c.kind, entries.c.public, Channel.kind.label("place")
        )
        .join(contents, contents.c.entry == entries.c.id)
        .join(Channel, Channel.id == entries.c.channel)
        .where(
            Channel.id.in_(places_of(case.id)), Channel.kind.in_(rule.channels), entries.c.kind.not_in(STAYS)
        )
        .order_by(entries.c.channel, entries.c.seq)
    )
    if rule.kinds:
        query = query.where(entries.c.kind.in_(rule.kinds))
    if person is not None:
        query = query.where(entries.c.actor == person)
    if until is not None:
        query = query.where(entries.c.at <= until)
    own = concerns_in(session, case.id) if "person" in rule.channels else frozenset()
    for row in session.execute(query):
        if row.place == "person" and json.loads(row.public).get("concern") not in own:
            continue  # of another case, or of none
        has_file = '"file":' in row.public or '"document":' in row.public
        if case.rules.retention_of(row.place, row.kind, has_file=has_file) == rule:
            yield row.channel, row.seq
