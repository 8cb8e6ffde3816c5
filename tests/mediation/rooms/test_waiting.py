"""What waits for a person in their rooms: counted by what they have read, of channels that they read, in one question."""

from typing import Any

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from mediation.cases.party import Party
from mediation.record.entry import heads_of
from mediation.rooms.channel import channels_of
from mediation.rooms.message import mark_read, post_message
from mediation.rooms.waiting import Waiting, waiting_for
from mediation.work import Work
from tests.conftest import House
from tests.stories import Story, opened

ROLES = ("claimant", "respondent", "agent", "mediator")


@pytest.fixture
def story(house: House) -> Story:
    """Everybody has read what there is."""
    told = opened(house)
    for role in ROLES:
        house.do(read_all, person=told.people[role], room=told.room)
    return told


def read_all(work: Work, person: str, room: str) -> None:
    channels = [one.id for one in channels_of(work.session, person, room)]
    for channel, seq in heads_of(work.session, channels).items():
        if seq:
            mark_read(work, by=person, channel=channel, seq=seq)


def says(story: Story, role: str, text: str, channel: str = "", *, mentions: tuple[str, ...] = ()) -> None:
    called = tuple(story.people.get(one, one) for one in mentions)
    who = {"by": story.people[role], "channel": channel or story.talks}
    story.house.do(post_message, **who, text=text, client_id=text, mentions=called)


def waits(story: Story, role: str) -> Waiting | None:
    return story.house.ask(waiting_for, story.people[role]).get(story.room)


def test_each_message_waits_until_it_was_read_and_a_call_with_it(story: Story) -> None:
    says(story, "mediator", "one")
    says(story, "mediator", "two", mentions=("respondent",))

    assert waits(story, "respondent") == Waiting(2, 1)
    assert waits(story, "claimant") == Waiting(2, 0)

    story.house.do(read_all, person=story.people["respondent"], room=story.room)
    assert waits(story, "respondent") == Waiting()


def test_what_is_said_where_one_does_not_read_counts_for_nothing(story: Story) -> None:
    assert story.private is not None
    says(story, "mediator", "between us", story.private["respondent"], mentions=("respondent",))

    assert waits(story, "respondent") == Waiting(1, 1)
    assert waits(story, "claimant") == Waiting()
    assert waits(story, "stranger") is None


def test_whoever_has_left_a_case_is_told_nothing_of_it(story: Story) -> None:
    says(story, "mediator", "one")
    left = update(Party).where(Party.person_id == story.people["agent"])
    story.house.do(lambda work: work.session.execute(left.values(left_at=work.now)) and None)

    assert waits(story, "agent") is None


def test_all_rooms_are_asked_for_in_one_question(story: Story) -> None:
    asked: list[str] = []

    def look(session: Session) -> dict[str, Waiting]:
        engine = session.get_bind()

        def note(_: Any, __: Any, statement: str, *___: Any) -> None:
            asked.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            return waiting_for(session, story.people["mediator"])
        finally:
            event.remove(engine, "before_cursor_execute", note)

    assert story.room in story.house.ask(look)
    assert len([one for one in asked if "SELECT" in one]) == 1
