"""The entrance of a room: who comes in, and what they see there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from mediation.cases.case import Case, Standing, actor_of, case_for, standings_in
from mediation.cases.party import Party, party_of, people_in
from mediation.clock import utc_now
from mediation.errors import NotFound
from mediation.people.permission import Actor, may, require
from mediation.people.person import Person
from mediation.record.entry import heads_of
from mediation.rooms.channel import Channel, Member, channel_for, channels_of
from mediation.rooms.guest import Call, CaucusView, calls_for, caucus_views
from mediation.rooms.house import House
from mediation.rooms.receipt import deliveries_in
from mediation.rooms.room import Room, open_channels, room_of
from mediation.work import Work

ASKED = (
    "speak", "submit_document", "lead", "join_stage", "raise_hand", "book_hearing", "call_own_side", "call_bench",
    "say_unsafe", "report", "see_concerns",
    "call_pause", "record_meeting", "order_recording", "run_ordered_recording", "mention_all", "pin_notice",
    "acknowledge_notice", "ask_unsealing", "order_unsealing", "unseal_message",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A channel as one of its members sees it; `reads` says up to which seq the others have seen it, `deliveries` up to which it has
    reached devices.

    `shut` names the rule of the house for which they may only read at the moment, as the refusal would.
    """

    id: str
    kind: str
    name: str
    side: str | None
    last_seq: int
    read_seq: int
    may_speak: bool
    shut: str
    open: bool
    people: tuple[str, ...]
    reads: Mapping[str, int]
    deliveries: Mapping[str, int]
    caucus: CaucusView | None = None


@dataclass(frozen=True, slots=True)
class RoomView:
    """A room as one person sees it."""

    room: Room
    case: Case
    actor: Actor
    people: tuple[Standing, ...]
    channels: tuple[ChannelView, ...]
    calls: tuple[Call, ...]
    may: tuple[str, ...]


def open_room(work: Work, *, by: Actor, case: str) -> Room:
    """The mediator opens the room of a case in which all have consented."""
    opened, room = work.get(Case, case), room_of(work.session, case)
    require(by, "open_room", opened)
    sides: dict[str, tuple[str, ...]] = {"claimant": (), "respondent": ()}
    mediators: tuple[str, ...] = ()
    for party, person in people_in(work.session, case):
        if party.standing == "mediator":
            mediators += (person.id,)
        elif party.side in sides:
            sides[party.side] += (person.id,)
    open_channels(work, room, by=by.person, sides=sides, mediators=mediators)
    return room


def room_for(session: Session, person: str, room: str) -> tuple[Room, Actor]:
    """The room and what this person is in it; raises `NotFound` when they have no part in it."""
    found = session.get(Room, room)
    party = party_of(session, person, found.case_id) if found else None
    if found is None or party is None:
        raise NotFound
    return found, actor_of(session, party)


def enter_room(session: Session, person: str, room: str, *, now: datetime | None = None) -> RoomView:
    """All that a person sees on entering."""
    at = now or utc_now()
    found, actor = room_for(session, person, room)
    case, _ = case_for(session, person, found.case_id)
    people = tuple(standings_in(session, case.id))
    channels = channels_of(session, person, room)
    heads = heads_of(session, [channel.id for channel in channels])
    caucuses = caucus_views(session, [channel.id for channel in channels if channel.kind == "caucus"])
    views = tuple(
        _view(session, channel, found, actor, heads[channel.id], at, caucuses.get(channel.id))
        for channel in channels
    )
    allowed = tuple(action for action in ASKED if may(actor, action, found))
    calls = tuple(calls_for(session, person, room))
    return RoomView(found, case, actor, people, views, calls, allowed)


def channel_view(session: Session, person: str, channel: str, *, now: datetime | None = None) -> ChannelView:
    """One channel as this person sees it."""
    found = channel_for(session, person, channel)
    room, actor = room_for(session, person, found.room_id or "")
    head, caucus = heads_of(session, [channel])[channel], caucus_views(session, [channel]).get(channel)
    return _view(session, found, room, actor, head, now or utc_now(), caucus)


@dataclass(frozen=True, slots=True)
class Place:
    """A channel as somebody who wants to say something there meets it."""

    id: str
    kind: str
    room_id: str
    side: str | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Hall:
    """Its room."""

    id: str
    case_id: str
    state: str
    house: Mapping[str, Any] | None


_SPEAKER = (
    select(
        Channel.kind,
        Channel.side.label("of_side"),
        Channel.closed_at,
        Room.id.label("room_id"),
        Room.case_id,
        Room.state,
        Room.house,
        Party.standing,
        Party.side,
        Party.authority,
        Person.office,
    )
    .join(Member, Member.channel_id == Channel.id)
    .join(Room, Room.id == Channel.room_id)
    .join(Party, and_(Party.case_id == Room.case_id, Party.person_id == Member.person_id))
    .join(Person, Person.id == Member.person_id)
    .where(
        Channel.id == bindparam("channel"), Member.person_id == bindparam("person"), Party.left_at.is_(None)
    )
)
"""The path on which everybody waits: one statement, built once, and no ORM objects."""


def speaking_in(
    work: Work, person: str, channel: str, *, action: str | None = None
) -> tuple[Place, Hall, Actor]:
    """The channel, its room and the speaker, when this person may speak there now.

    Raises `NotFound` for who is no member, `NotAllowed` and `WrongState` as `require`, and `WrongState` with the rule of the
    house for which they may only read. `action` asks for another right than to speak (`submit_document`).
    """
    row = work.connection.execute(_SPEAKER, {"channel": channel, "person": person}).first()
    if row is None:
        raise NotFound
    found = Place(channel, row.kind, row.room_id, row.of_side, row.closed_at)
    room = Hall(row.room_id, row.case_id, row.state, row.house)
    actor = Actor(person, row.office, row.standing, row.side, row.authority)
    require(actor, action or _speaking(found), room)
    if found.closed_at is not None:
        require(actor, "speak", _Closed())
    if shut := House.of(room.house).why_not(actor, found.kind, work.now):
        raise shut
    return found, room, actor


class _Closed:
    state = "closed"


def _speaking(channel: Channel | Place) -> str:
    """The right that it takes to speak in a channel: the bench speaks for the record, and in a room of its own."""
    of_the_bench = channel.kind == "record" or (channel.kind == "caucus" and channel.side == "bench")
    return "speak_for_the_record" if of_the_bench else "speak"


def _view(
    session: Session, channel: Channel, room: Room, actor: Actor, last_seq: int, now: datetime,
    caucus: CaucusView | None,
) -> ChannelView:  # fmt: skip
    rows: Any = session.execute(
        select(Member.person_id, Member.read_seq).where(Member.channel_id == channel.id)
    ).all()
    reads = {row.person_id: row.read_seq for row in rows}
    is_open = channel.closed_at is None
    speaks = is_open and may(actor, _speaking(channel), room)
    shut = House.of(room.house).why_not(actor, channel.kind, now) if speaks else None
    return ChannelView(
        id=channel.id,
        kind=channel.kind,
        name=channel.name,
        side=channel.side,
        last_seq=last_seq,
        read_seq=reads[actor.person],
        may_speak=speaks and shut is None,
        shut=shut.message if shut else "",
        open=is_open,
        people=tuple(reads),
        reads={reader: seq for reader, seq in reads.items() if reader != actor.person},
        deliveries=deliveries_in(session, channel.id),
        caucus=caucus,
    )
