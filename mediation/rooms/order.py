"""Order in the room: what a moderator does to keep it, each with its reason in the record (J1).

A warning; a mute, which the person may lift; a lock, which only a moderator lifts; and the permission to share the screen. Order
belongs to the place where the person is: in a caucus it stands in the caucus' own ledger, so that nobody outside hears of it, and it
ends with the caucus. It holds over everything but the end of the meeting.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.party import party_of
from mediation.errors import Invalid, NotAllowed, NotFound, WrongState
from mediation.people.permission import may, require
from mediation.record.entry import Entry, entries
from mediation.rooms.channel import members_of, record_of
from mediation.rooms.entrance import room_for
from mediation.rooms.guest import caucus_of
from mediation.work import Work

SOURCES = ("mic", "camera", "screen")
LONGEST_REASON = 500
KINDS = (
    "hearing_started", "person_muted", "people_muted", "person_unmuted", "share_allowed", "share_forbidden"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """What holds for a person where they are: of the `muted` sources the `locked` ones are lifted by a moderator only."""

    muted: frozenset[str]
    locked: frozenset[str]
    may_share: bool


def mute_person(
    work: Work, *, by: str, room: str, person: str, source: str, lock: bool = True, reason: str = "",
    client_id: str,
) -> Entry:  # fmt: skip
    """Notes that a moderator stopped one source of a person; the forwarding unit does it before anybody is answered."""
    facts = {"source": _known(source), "lock": lock}
    return _order(work, "person_muted", by, room, person, facts=facts, reason=reason, client_id=client_id)


def unmute_person(work: Work, *, by: str, room: str, person: str, source: str, client_id: str) -> Entry:
    """Notes that a moderator's mute was lifted."""
    facts = {"source": _known(source)}
    return _order(work, "person_unmuted", by, room, person, facts=facts, reason="", client_id=client_id)


def mute_people(
    work: Work, *, by: str, room: str, people: Sequence[str], lock: bool, reason: str, client_id: str
) -> tuple[str, ...]:
    """Notes that a moderator stopped the microphones of all these people in their own place; gives whom it concerned the first time."""
    held, actor = room_for(work.session, by, room)
    require(actor, "lead", held)
    ledger = ledger_of(work.session, room, by)
    here = tuple(person for person in people if ledger_of(work.session, room, person) == ledger)
    if any(party_of(work.session, person, held.case_id) is None for person in here):
        raise NotFound
    public = {"people": list(here), "source": "mic", "lock": lock}
    body = public | {"reason": _shortened(reason)}
    entry = work.happened("people_muted", ledger, by, public=public, body=body, client_id=client_id)
    return tuple(entry.public["people"])


def lift_own_mute(work: Work, *, by: str, room: str, source: str) -> None:
    """The person takes a mute without a lock off again; raises `NotAllowed` for a locked one. Twice is once."""
    room_for(work.session, by, room)
    order = order_of(work.session, room, by)
    if source in order.locked:
        raise NotAllowed("stage.muted_by_moderator")
    if source in order.muted:
        public = {"person": by, "source": source}
        work.happened("person_unmuted", ledger_of(work.session, room, by), by, public=public, body=public)


def warn_person(work: Work, *, by: str, room: str, person: str, reason: str, client_id: str) -> Entry:
    """A warning with its reason, before anything stronger."""
    if not reason.strip():
        raise Invalid("order.reason_missing")
    return _order(work, "person_warned", by, room, person, facts={}, reason=reason, client_id=client_id)


def allow_share(work: Work, *, by: str, room: str, person: str, client_id: str) -> Entry:
    """Lets a person share the screen."""
    return _order(work, "share_allowed", by, room, person, facts={}, reason="", client_id=client_id)


def forbid_share(work: Work, *, by: str, room: str, person: str, reason: str = "", client_id: str) -> Entry:
    """Takes the permission to share the screen away; what is shared ends before anybody is answered."""
    return _order(work, "share_forbidden", by, room, person, facts={}, reason=reason, client_id=client_id)


def order_of(session: Session, room: str, person: str) -> Order:
    """What holds for a person where they are, in the meeting that is on."""
    _, actor = room_for(session, person, room)
    by_standing = may(actor, "share_screen")
    locks: dict[str, bool] = {}
    may_share = by_standing
    for kind, facts in _acts(session, ledger_of(session, room, person)):
        if kind == "hearing_started":
            locks, may_share = {}, by_standing
        elif person not in facts.get("people", (facts.get("person"),)):
            continue
        elif kind in ("share_allowed", "share_forbidden"):
            may_share = kind == "share_allowed"
        elif kind == "person_unmuted":
            locks.pop(facts["source"], None)
        else:
            # an entry of before there were two kinds of mute: all were locks
            locks[facts["source"]] = facts.get("lock", True)
    return Order(frozenset(locks), frozenset(source for source, lock in locks.items() if lock), may_share)


def ledger_of(session: Session, room: str, person: str) -> str:
    """Where it stands what is done with a person: the caucus they are in, else the record."""
    return caucus_of(session, room, person) or record_of(session, room)


def _acts(session: Session, ledger: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    query = select(entries.c.kind, entries.c.public).where(
        entries.c.channel == ledger, entries.c.kind.in_(KINDS)
    )
    for kind, public in session.execute(query.order_by(entries.c.seq)):
        yield kind, json.loads(public)


def _order(
    work: Work, kind: str, by: str, room: str, person: str, *, facts: Mapping[str, Any], reason: str,
    client_id: str,
) -> Entry:  # fmt: skip
    held, actor = room_for(work.session, by, room)
    require(actor, "lead", held)
    if party_of(work.session, person, held.case_id) is None:
        raise NotFound
    ledger = ledger_of(work.session, room, person)
    if ledger != record_of(work.session, room) and by not in members_of(work.session, ledger):
        raise WrongState("order.behind_a_wall")
    public = {"person": person, **facts}
    body = public | {"reason": _shortened(reason)}
    return work.happened(kind, ledger, by, public=public, body=body, client_id=client_id)


def _known(source: str) -> str:
    if source not in SOURCES:
        raise Invalid("order.source_unknown")
    return source


def _shortened(reason: str) -> str:
    return reason.strip()[:LONGEST_REASON]
