"""The rehearsal: rooms that are ready to talk in, made by the same use cases as the pages, for training and load tests."""

import secrets
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from mediation.cases.case import actor_of, register_case
from mediation.cases.consent import Answering, give_consent
from mediation.cases.party import PartyDraft, party_of
from mediation.errors import NotFound
from mediation.hearings.attendance import admit_person
from mediation.hearings.hearing import start_hearing
from mediation.packs.pack import load_pack
from mediation.people.permission import Actor
from mediation.people.person import add_person
from mediation.people.signin import open_sign_in
from mediation.rooms.channel import talks_of
from mediation.rooms.entrance import open_room
from mediation.rooms.room import room_of
from mediation.store import Store

FEWEST = 3


@dataclass(frozen=True, slots=True)
class Player:
    """One person of a rehearsal, with the token of their program."""

    room: str
    channel: str
    person: str
    role: str
    token: str


def rehearse(store: Store, *, rooms: int, people: int) -> Iterator[Player]:
    """Makes `rooms` cases of `people` people (at least three: claimant, respondent, mediator; then lawyers of either side).

    All have consented, the room is open, a meeting is on and everybody is admitted to it.
    """
    batch = secrets.token_hex(4)
    clerk = store.write(
        add_person, by=None, name="Rehearsal clerk", email=f"clerk@{batch}.example.org", office="clerk"
    ).result()
    for number in range(rooms):
        yield from _room(store, Actor(clerk.id, "clerk"), f"{number}.{batch}", number, max(FEWEST, people))


def _room(store: Store, clerk: Actor, label: str, number: int, people: int) -> Iterator[Player]:
    roles = ["claimant", "respondent", "mediator"] + ["agent"] * (people - FEWEST)
    coming = [_person(store, role, f"{index}.{label}") for index, role in enumerate(roles)]
    ids = [each.result().id for each in coming]
    drafts = [
        PartyDraft(person, role, authority="special", represents=ids[index % 2])
        if role == "agent"
        else PartyDraft(person, role)
        for index, (role, person) in enumerate(zip(roles, ids, strict=True))
    ]
    case = store.write(
        register_case, by=clerk, title=f"Rehearsal {number + 1}", cause="rehearsal", claim="", parties=drafts
    ).result()
    actors = {
        role: store.read(_actor, ids[index], case.id).result() for index, role in enumerate(roles[:FEWEST])
    }
    how = Answering(
        version=load_pack(case.pack).consent.version,
        language="en",
        identity_level="rehearsal",
        device="mediation rehearse",
    )
    for role in ("claimant", "respondent"):
        store.write(give_consent, by=actors[role], case=case.id, how=how)
    store.write(open_room, by=actors["mediator"], case=case.id).result()
    room = store.read(room_of, case.id).result().id
    lead = actors["mediator"].person
    store.write(start_hearing, by=lead, room=room)
    for person in ids:
        if person != lead:
            store.write(admit_person, by=lead, room=room, person=person, client_id=f"admit:{person}")
    tokens = [_token(store, person) for person in ids]
    channel = store.read(talks_of, room).result()
    for person, role, token in zip(ids, roles, tokens, strict=True):
        yield Player(room, channel, person, role, token.result())


def _person(store: Store, role: str, label: str) -> "Future[Any]":
    office = "mediator" if role == "mediator" else None
    address = f"{role}.{label}.example.org".replace(".", "@", 1)
    return store.write(
        add_person, by=None, name=f"{role.title()} {label}", email=address, office=office, locale="en"
    )


def _token(store: Store, person: str) -> "Future[str]":
    return store.write(
        open_sign_in, person=person, kind="program", way="rehearsal", device="mediation rehearse"
    )


def _actor(session: Session, person: str, case: str) -> Actor:
    party = party_of(session, person, case)
    if party is None:
        raise NotFound
    return actor_of(session, party)
