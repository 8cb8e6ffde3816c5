"""Measures: what who leads does to keep order in the talk, each an entry in the record with its reason (F7, J1).

A person may only read for a time; is sent out of the talk, and let in again; everybody is held up, made slower, or has their turn.
What concerns the meeting (warn, mute, send out of it) is in `order.py` and in the hearings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select

from mediation.cases.case import Case
from mediation.cases.party import party_of
from mediation.clock import iso
from mediation.errors import Invalid, NotFound, WrongState
from mediation.people.permission import SIDES, require
from mediation.record.entry import Entry
from mediation.rooms.channel import Member, ReadMark, record_of, talks_of
from mediation.rooms.entrance import room_for
from mediation.rooms.house import UNTIL_LIFTED, WRITERS, House
from mediation.rooms.order import LONGEST_REASON
from mediation.rooms.room import Room
from mediation.work import Work

SLOWEST = 3600
LONGEST_SILENCE = 7 * 24 * 60


def freeze_talk(work: Work, *, by: str, room: str, reason: str, client_id: str) -> Entry:
    """Nobody but who leads adds anything to the talk or the record, until it is thawed."""
    held = _led(work, by, room)
    return _set(work, held, by, "talk_frozen", {}, _given(reason), client_id, frozen=True)


def thaw_talk(work: Work, *, by: str, room: str, client_id: str) -> Entry:
    """Everybody may write again."""
    return _set(work, _led(work, by, room), by, "talk_thawed", {}, "", client_id, frozen=False)


def slow_talk(work: Work, *, by: str, room: str, seconds: int, reason: str = "", client_id: str) -> Entry:
    """Parties and their lawyers send one message every so many seconds; 0 is as fast as they like."""
    held = _led(work, by, room)
    if not 0 <= seconds <= SLOWEST:
        raise Invalid("house.too_slow")
    return _set(work, held, by, "talk_slowed", {"seconds": seconds}, reason, client_id, slow=seconds)


def set_posting(
    work: Work, *, by: str, room: str, stage: str, writers: Sequence[str] | None = None, reason: str = "",
    client_id: str,
) -> Entry:  # fmt: skip
    """The talk is at this stage of the pack, and these write in it (by default those whom the pack names); no stage is the end of it."""
    held = _led(work, by, room)
    known = work.get(Case, held.case_id).rules.stage(stage)
    if stage and known is None:
        raise Invalid("house.stage_unknown")
    chosen = known.writers if known is not None and writers is None else writers or ()
    if not set(chosen) <= set(WRITERS):
        raise Invalid("house.writer_unknown")
    write = [each for each in WRITERS if each in chosen] if stage else list(WRITERS)
    facts = {"stage": stage, "writers": write}
    return _set(
        work, held, by, "posting_set", facts, reason, client_id,
        stage=stage, writers=tuple(write) if stage else None,
    )  # fmt: skip


def stop_writing(
    work: Work, *, by: str, room: str, person: str, minutes: int, reason: str, client_id: str
) -> Entry:
    """A party or lawyer may read the talk and not write in it, for so many minutes; 0 is until it is lifted."""
    held = _led(work, by, room)
    _of_a_side(work, held, person)
    if not 0 <= minutes <= LONGEST_SILENCE:
        raise Invalid("house.too_long")
    until = iso(work.now + timedelta(minutes=minutes)) if minutes else UNTIL_LIFTED
    house = House.of(held.house).with_silence(person, until)
    facts = {"person": person, "minutes": minutes, "until": until}
    return _set(work, held, by, "writing_stopped", facts, _given(reason), client_id, silenced=house.silenced)


def allow_writing(work: Work, *, by: str, room: str, person: str, client_id: str) -> Entry:
    """A person may write in the talk again."""
    held = _led(work, by, room)
    _of_a_side(work, held, person)
    house = House.of(held.house).without_silence(person)
    return _set(work, held, by, "writing_allowed", {"person": person}, "", client_id, silenced=house.silenced)


def expel_person(work: Work, *, by: str, room: str, person: str, reason: str, client_id: str) -> Entry:
    """Sends a party or lawyer out of the talk: from now on they read nothing of it. The record and their line to the mediator stay theirs."""
    held = _led(work, by, room)
    _of_a_side(work, held, person)
    reason, facts = _given(reason), {"person": person}
    if done := work.earlier(record_of(work.session, room), by, client_id):
        return done
    talks = talks_of(work.session, room)
    work.session.execute(delete(Member).where(Member.channel_id == talks, Member.person_id == person))
    out = tuple(dict.fromkeys((*House.of(held.house).out, person)))
    return _set(work, held, by, "person_expelled", facts, reason, client_id, out=out)


def readmit_person(work: Work, *, by: str, room: str, person: str, client_id: str) -> Entry:
    """Lets a person into the talk again, where they find all that was said meanwhile."""
    held = _led(work, by, room)
    _of_a_side(work, held, person)
    if done := work.earlier(record_of(work.session, room), by, client_id):
        return done
    was_out = House.of(held.house).out
    if person not in was_out:
        raise WrongState("house.not_out")
    talks = talks_of(work.session, room)
    seen = select(func.max(ReadMark.seq)).where(ReadMark.channel_id == talks, ReadMark.person_id == person)
    read = work.session.scalar(seen) or 0
    work.add(Member(channel_id=talks, person_id=person, since=work.now, read_seq=read))
    out = tuple(each for each in was_out if each != person)
    return _set(work, held, by, "person_readmitted", {"person": person}, "", client_id, out=out)


def part_sides(work: Work, *, by: str, room: str, reason: str = "", client_id: str) -> Entry:
    """Shuttle mode: from now on the sides neither meet on the stage nor write to each other; the mediator goes between them (I9)."""
    return _set(work, _led(work, by, room), by, "sides_parted", {}, reason, client_id, apart=True)


def join_sides(work: Work, *, by: str, room: str, client_id: str) -> Entry:
    """The sides meet again."""
    return _set(work, _led(work, by, room), by, "sides_joined", {}, "", client_id, apart=False)


def _led(work: Work, by: str, room: str) -> Room:
    held, actor = room_for(work.session, by, room)
    require(actor, "lead", held)
    return held


def _of_a_side(work: Work, held: Room, person: str) -> None:
    party = party_of(work.session, person, held.case_id)
    if party is None:
        raise NotFound
    if party.standing not in SIDES:
        raise Invalid("house.only_sides")


def _given(reason: str) -> str:
    if not reason.strip():
        raise Invalid("order.reason_missing")
    return reason


def _set(
    work: Work, held: Room, by: str, kind: str, facts: Mapping[str, Any], reason: str, client_id: str,
    **rules: Any,
) -> Entry:  # fmt: skip
    """Changes the rules of the house and says so in the record; sent again it changes nothing."""
    record = record_of(work.session, held.id)
    if done := work.earlier(record, by, client_id):
        return done
    held.house = replace(House.of(held.house), **rules).kept()
    body = dict(facts) | ({"reason": reason.strip()[:LONGEST_REASON]} if reason.strip() else {})
    return work.happened(kind, record, by, public=facts, body=body, client_id=client_id)
