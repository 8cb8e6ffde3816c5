"""Stories: the cast brought to a point of the first mediation, always through the use cases."""

import atexit
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.case import actor_of, register_case
from mediation.cases.consent import Answering, give_consent
from mediation.cases.party import Party, PartyDraft
from mediation.packs.pack import load_pack
from mediation.people.permission import Actor
from mediation.people.person import add_person
from mediation.rooms.channel import private_of, record_of, talks_of
from mediation.rooms.entrance import open_room
from mediation.rooms.room import room_of
from tests.cast import CAST, STRANGER, Role
from tests.conftest import House
from tests.postgres import migrated_database


@dataclass(slots=True)
class Story:
    """Where a case stands: ids of its people by role, its room and channels."""

    house: House
    people: dict[str, str]
    case: str
    room: str
    record: str
    talks: str = ""
    private: dict[str, str] | None = None

    def actor(self, role: str) -> Actor:
        """The person of this role as the rules see them in this case."""
        return self.house.ask(_actor, self.people[role], self.case)


def how(version: str | None = None) -> Answering:
    """A consent given on a phone by somebody known by a code."""
    current = version or load_pack("cn").consent.version
    return Answering(version=current, language="zh-CN", identity_level="phone_code", device="Phone")


def registered(house: House) -> Story:
    """The lending dispute is registered; nobody has answered."""
    return _told_before(house, _register)


def opened(house: House) -> Story:
    """Both sides have consented and the mediator has opened the room."""
    return _told_before(house, _open)


def _told_before(house: House, tell: Callable[[House], Story]) -> Story:
    """A house in which nothing has happened gets a copy of the story as it was told first: that saves a tenth of a second a test."""
    if not house.is_untouched:
        return tell(house)
    story = _told(tell, bool(house.settings.database))
    house.move_into(story.house)
    return replace(story, house=house, people=dict(story.people))


@cache
def _told(tell: Callable[[House], Story], on_postgres: bool) -> Story:
    folder = Path(tempfile.mkdtemp(prefix="mediation-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    house = House(folder / "data", database=migrated_database() if on_postgres else "")
    story = tell(house)
    house.store.close()
    return story


def _register(house: House) -> Story:
    people = {role: _person(house, who) for role, who in CAST.items()} | {
        "stranger": _person(house, STRANGER)
    }
    drafts = [
        PartyDraft(people["claimant"], "claimant"),
        PartyDraft(people["respondent"], "respondent"),
        PartyDraft(people["agent"], "agent", authority="special", represents=people["respondent"]),
        PartyDraft(people["mediator"], "mediator"),
        PartyDraft(people["judge"], "judge"),
        PartyDraft(people["clerk"], "clerk"),
    ]
    clerk = Actor(people["clerk"], "clerk")
    case = house.do(
        register_case,
        by=clerk,
        title="Chen v. Bo",
        cause="private lending",
        claim="Repayment of 86,000",
        parties=drafts,
    )
    room = house.ask(room_of, case.id).id
    return Story(house, people, case.id, room, house.ask(record_of, room))


def _open(house: House) -> Story:
    story = _register(house)
    for role in ("claimant", "respondent"):
        house.do(give_consent, by=story.actor(role), case=story.case, how=how())
    house.do(open_room, by=story.actor("mediator"), case=story.case)
    story.talks = house.ask(talks_of, story.room)
    story.private = {side: house.ask(private_of, story.room, side) for side in ("claimant", "respondent")}
    return story


def _person(house: House, who: Role) -> str:
    return house.do(
        add_person,
        by=None,
        name=who.name,
        email=who.email,
        phone=who.phone,
        office=who.office,
        locale=who.locale,
    ).id


def _actor(session: Session, person: str, case: str) -> Actor:
    party = session.scalar(select(Party).where(Party.person_id == person, Party.case_id == case))
    return Actor(person) if party is None else actor_of(session, party)
