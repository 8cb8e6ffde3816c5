"""What may leave a caucus: each statement is kept, may be told, or is to be told now, as its speaker says; the mediator carries over
only what is released, word for word, and the speaker reads what was carried, when and to whom.

The mark of a statement and what was carried of it are entries of the caucus' own ledger, also after it has ended. What stands on the
other side of the wall names the statement's side and its text, and nothing by which one could count what else was said.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.errors import Invalid, NotAllowed, NotFound, WrongState
from mediation.keys import Keys
from mediation.people.permission import require
from mediation.record.entry import Entry, entries, read_entries
from mediation.rooms.caucus import caucus_for
from mediation.rooms.channel import Channel, channels_of
from mediation.rooms.entrance import Place, room_for, speaking_in
from mediation.rooms.guest import Caucus
from mediation.rooms.reliance import rely_on
from mediation.work import Work

KEEP = "keep"
TAGS = (KEEP, "may_tell", "tell_now")
REACHES = frozenset({"talks", "private", "caucus"})
"""Kinds of channels into which a statement may be carried."""
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Mark:
    """How a statement is marked now, and whether it was carried already."""

    tag: str = KEEP
    carried: bool = False


KEPT = Mark()


def tag_statement(work: Work, *, by: str, channel: str, seq: int, tag: str) -> str:
    """Its speaker says what may become of a statement, up or down, until it was carried (mission 7.1). The same again changes nothing."""
    said = _statement(work, by, channel, seq)
    if said.actor != by:
        raise NotAllowed("disclosure.not_yours")
    if tag not in TAGS:
        raise Invalid("disclosure.tag_unknown")
    work.catch_up()
    mark = marks_in(work.session, channel).get(seq, KEPT)
    if mark.carried and tag != mark.tag:
        raise WrongState("disclosure.already_carried")
    if tag != mark.tag:
        facts = {"seq": seq, "tag": tag}
        work.happened("statement_tagged", channel, by, public=facts, body=facts)
    return tag


def carry_statement(work: Work, *, by: str, channel: str, seq: int, to: str) -> str:
    """The mediator carries a released statement into the talks, a private line or another caucus; gives the entry made there.

    Carrying it to the same place again gives the first one. Raises `NotAllowed` for what its speaker keeps.
    """
    said = _statement(work, by, channel, seq)
    source, room, actor = caucus_for(work.session, by, channel)
    require(actor, "lead", room)
    if carried := work.earlier(channel, by, _once(seq, to)):
        return str(carried.public["entry"])
    work.catch_up()
    if marks_in(work.session, channel).get(seq, KEPT).tag == KEEP:
        raise NotAllowed("disclosure.not_released")
    target = _target(work, by, source, to)
    text = str((said.body or {}).get("text", ""))
    if not text:
        raise Invalid("disclosure.only_words")
    rely_on(work, channel, seq, why="carried_over")
    told = work.happened("statement_carried", to, by, body={"text": text, "side": source.side})
    place = {"to_kind": target.kind, "to_side": target.side}
    public = {"seq": seq, "to": to, "entry": told.id} | place
    work.happened(
        "statement_released",
        channel,
        by,
        public=public,
        body=public | {"text": text},
        client_id=_once(seq, to),
    )
    return told.id


def marks_in(session: Session, channel: str) -> dict[int, Mark]:
    """Every statement of a caucus that is marked otherwise than to be kept, or was carried."""
    kinds = ("statement_tagged", "statement_released")
    query = select(entries.c.kind, entries.c.public).where(
        entries.c.channel == channel, entries.c.kind.in_(kinds)
    )
    marks: dict[int, Mark] = {}
    for kind, public in session.execute(query.order_by(entries.c.seq)):
        facts: Mapping[str, Any] = json.loads(public)
        before = marks.get(facts["seq"], KEPT)
        tagged = kind == "statement_tagged"
        marks[facts["seq"]] = Mark(facts["tag"], before.carried) if tagged else Mark(before.tag, carried=True)
    return marks


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A statement that left a caucus or may: `carried` are the entries that say when it went where."""

    said: Entry
    tag: str
    carried: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class DisclosureLedger:
    """What may leave one caucus, and what has."""

    channel: Channel
    statements: tuple[Disclosed, ...]


def disclosures_for(session: Session, keys: Keys, person: str, room: str) -> list[DisclosureLedger]:
    """The disclosure ledgers of the caucuses that this person may read, oldest first; those of which nothing left are left out."""
    room_for(session, person, room)
    channels = [one for one in channels_of(session, person, room) if one.kind == "caucus"]
    ledgers = (_ledger(session, keys, channel) for channel in channels)
    return [ledger for ledger in ledgers if ledger.statements]


def _ledger(session: Session, keys: Keys, channel: Channel) -> DisclosureLedger:
    every = read_entries(session, keys, channel.id, after=0, limit=MOST)
    said = {entry.seq: entry for entry in every}
    carried: dict[int, list[Entry]] = {}
    for entry in every:
        if entry.kind == "statement_released":
            carried.setdefault(int(entry.public["seq"]), []).append(entry)
    marks = sorted(marks_in(session, channel.id).items())
    statements = tuple(
        Disclosed(said[seq], mark.tag, tuple(carried.get(seq, ())))
        for seq, mark in marks
        if mark.carried or mark.tag != KEEP
    )
    return DisclosureLedger(channel, statements)


def _statement(work: Work, by: str, channel: str, seq: int) -> Entry:
    """What was said in a caucus of the mediator's; raises `NotFound` for anything else, `WrongState` when it was taken back."""
    caucus_for(work.session, by, channel)
    if work.get(Caucus, channel).form != "caucus":
        raise Invalid("disclosure.not_here")
    work.catch_up()
    found = read_entries(work.session, work.keys, channel, after=seq - 1, limit=1)
    if not found or found[0].seq != seq or found[0].kind != "message_posted":
        raise NotFound
    if found[0].body is None:
        raise WrongState("disclosure.taken_back")
    return found[0]


def _target(work: Work, by: str, source: Channel, to: str) -> Place:
    target, room, _ = speaking_in(work, by, to)
    if room.id != source.room_id:
        raise NotFound
    of_the_bench = target.kind == "caucus" and work.get(Caucus, to).form != "caucus"
    if target.kind not in REACHES or target.id == source.id or of_the_bench:
        raise Invalid("disclosure.not_there")
    return target


def _once(seq: int, to: str) -> str:
    return f"carry:{seq}:{to}"
