"""What a person reads of what they have found in all of their rooms: each place with its room, who said it, and a way there."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.case import Case
from mediation.cases.party import Party
from mediation.keys import Keys
from mediation.masking import mask
from mediation.people.person import Person
from mediation.record.findable import words_in
from mediation.rooms.channel import Channel
from mediation.rooms.room import Room
from mediation.rooms.search import Hit, Wanted, search_all


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place that was found. `where` is the kind of its channel, of a private one for who leads its side; `parts` are the words and
    whether they are marked."""

    case: str
    where: str
    name: str
    who: str
    at: str
    link: str
    parts: tuple[tuple[str, bool], ...]
    page: int | None
    file: str


@dataclass(frozen=True, slots=True)
class FoundView:
    places: tuple[Place, ...]
    further: str | None


def found_for(session: Session, keys: Keys, person: str, wanted: Wanted) -> FoundView:
    """What is found, with everything that its lines need read in two questions."""
    found = search_all(session, keys, person, wanted)
    rooms = _rooms(session, person, {hit.entry.channel for hit in found.hits})
    people = {hit.entry.actor for hit in found.hits}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))
    names = {row.id: row.name for row in rows}
    places = tuple(_place(hit, wanted, *rooms[hit.entry.channel], names) for hit in found.hits)
    return FoundView(places, found.further)


def _rooms(session: Session, person: str, channels: Iterable[str]) -> dict[str, tuple[Channel, Case, str]]:
    """Each channel with its case, and what the reader is in it."""
    query = (
        select(Channel, Case, Party.standing)
        .join(Room, Room.id == Channel.room_id)
        .join(Case, Case.id == Room.case_id)
        .join(Party, (Party.case_id == Case.id) & (Party.person_id == person) & Party.left_at.is_(None))
    )
    rows = session.execute(query.where(Channel.id.in_(channels)))
    return {channel.id: (channel, case, standing) for channel, case, standing in rows}


def _place(
    hit: Hit, wanted: Wanted, channel: Channel, case: Case, standing: str, names: dict[str, str]
) -> Place:
    entry = hit.entry
    leads = standing == "mediator"
    body = entry.body or {}
    words, marks = wanted.query.excerpt(mask(words_in(body)))
    return Place(
        case=case.title,
        where=channel.side or channel.kind if leads and channel.kind == "private" else channel.kind,
        name=channel.name if leads else "",
        who=names.get(entry.actor or "", ""),
        at=entry.at,
        link=f"/rooms/{channel.room_id}#{channel.id}:{entry.seq}",
        parts=_parts(words, marks),
        page=hit.page,
        file=(body.get("file") or body.get("document") or {}).get("id", ""),
    )


def _parts(words: str, marks: tuple[tuple[int, int], ...]) -> tuple[tuple[str, bool], ...]:
    parts, end = [], 0
    for start, stop in marks:
        parts += [(words[end:start], False), (words[start:stop], True)]
        end = stop
    return tuple(part for part in [*parts, (words[end:], False)] if part[0])
