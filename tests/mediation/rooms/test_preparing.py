"""Private rooms prepared beforehand: only who prepares one knows of it, until people are called or taken along."""

import pytest

from mediation.errors import Invalid, NotAllowed, NotFound
from mediation.hearings.hearing import close_hearing, start_hearing
from mediation.record.entry import read_entries
from mediation.rooms.call import accept_call, call_again
from mediation.rooms.channel import members_of
from mediation.rooms.entrance import enter_room
from mediation.rooms.guest import insiders, open_caucuses
from mediation.rooms.inside import enter_caucus
from mediation.rooms.preparing import begin_caucus, prepare_caucus
from tests.conftest import House
from tests.stories import Story, opened


@pytest.fixture
def story(house: House) -> Story:
    return opened(house)


def test_a_prepared_room_is_known_to_the_mediator_alone_and_outlasts_a_meeting(
    house: House, story: Story
) -> None:
    channel, lin = _prepared(house, story), story.people["mediator"]

    house.do(start_hearing, by=lin, room=story.room)
    house.do(close_hearing, by=lin, room=story.room)

    rooms = {
        role: house.ask(enter_room, story.people[role], story.room)
        for role in ("respondent", "agent", "claimant")
    }
    assert all(not room.calls and channel not in {one.id for one in room.channels} for room in rooms.values())
    with pytest.raises(NotFound):
        house.do(enter_caucus, by=story.people["respondent"], channel=channel)
    assert house.ask(open_caucuses, story.room) == [channel]
    assert "caucus_opened" not in [
        entry.kind for entry in house.ask(read_entries, house.store.keys, story.record)
    ]


def test_one_tap_takes_everybody_along_once(house: House, story: Story) -> None:
    channel, lin = _prepared(house, story), story.people["mediator"]

    for _twice in range(2):
        house.do(begin_caucus, by=lin, channel=channel)

    people = {lin, story.people["respondent"], story.people["agent"]}
    assert set(house.ask(insiders, channel)) == set(house.ask(members_of, channel)) == people
    kinds = [entry.kind for entry in house.ask(read_entries, house.store.keys, story.record)]
    assert kinds.count("caucus_opened") == 1


def test_or_they_are_called_and_come_by_themselves(house: House, story: Story) -> None:
    channel, bo = _prepared(house, story), story.people["respondent"]

    house.do(call_again, by=story.people["mediator"], channel=channel, people=[bo], client_id="ring")
    house.do(accept_call, by=bo, channel=channel)

    assert set(house.ask(members_of, channel)) == {story.people["mediator"], bo}


def test_the_same_preparation_sent_twice_is_one_room(house: House, story: Story) -> None:
    assert _prepared(house, story) == _prepared(house, story)


def test_a_party_prepares_no_room_with_the_mediator_and_nobody_one_of_both_sides(
    house: House, story: Story
) -> None:
    with pytest.raises(NotAllowed):
        _prepared(house, story, by="respondent")
    with pytest.raises(Invalid):
        _prepared(house, story, "claimant", "respondent")


def _prepared(house: House, story: Story, *roles: str, by: str = "mediator") -> str:
    people = [story.people[role] for role in roles or ("respondent", "agent")]
    there = {"by": story.people[by], "room": story.room, "people": people}
    return house.do(prepare_caucus, **there, name="The instalments", client_id="plan")
