"""Receipts: each person's own times, once for many entries, and only for who reads the channel."""

import pytest

from mediation.errors import Invalid, NotFound
from mediation.rooms.message import mark_read, post_message
from mediation.rooms.receipt import Receipt, mark_delivered, receipts_of
from tests.conftest import House
from tests.stories import Story, opened


@pytest.fixture
def story(house: House) -> Story:
    """Three messages of the claimant."""
    story = opened(house)
    for n in range(3):
        what = {"by": story.people["claimant"], "channel": story.talks, "text": f"{n}", "client_id": f"k{n}"}
        house.do(post_message, **what)
    return story


def delivered(story: Story, role: str, seq: int) -> bool:
    return story.house.do(mark_delivered, by=story.people[role], channel=story.talks, seq=seq)


def of(story: Story, role: str, seq: int) -> Receipt:
    told = story.house.ask(receipts_of, story.people["claimant"], story.talks, seq)
    return next(one for one in told if one.person == story.people[role])


def test_one_mark_stands_for_all_entries_up_to_it_and_a_later_one_changes_nothing(story: Story) -> None:
    house, first = story.house, story.house.clock()
    delivered(story, "respondent", 2)
    house.clock.pass_by(minutes=5)
    delivered(story, "respondent", 3)

    assert [of(story, "respondent", seq).delivered_at for seq in (1, 2, 3)] == [first, first, house.clock()]
    assert of(story, "respondent", 1).read_at is None
    assert of(story, "agent", 1) == Receipt(story.people["agent"], None, None)


def test_whoever_has_read_it_has_got_it_and_needs_no_mark_of_its_own(story: Story) -> None:
    house, people = story.house, story.people
    house.do(mark_read, by=people["respondent"], channel=story.talks, seq=3)
    at = house.clock()
    house.clock.pass_by(minutes=1)

    assert delivered(story, "respondent", 3) is False
    assert of(story, "respondent", 2) == Receipt(people["respondent"], at, at)


def test_the_speaker_is_not_among_the_readers(story: Story) -> None:
    told = story.house.ask(receipts_of, story.people["mediator"], story.talks, 1)

    assert {one.person for one in told} == {story.people[who] for who in ("respondent", "agent", "mediator")}


def test_who_does_not_read_a_channel_neither_marks_it_nor_learns_who_did(story: Story) -> None:
    house = story.house
    for role in ("judge", "stranger"):
        with pytest.raises(NotFound):
            delivered(story, role, 1)
        with pytest.raises(NotFound):
            house.ask(receipts_of, story.people[role], story.talks, 1)


def test_what_was_never_said_cannot_have_been_delivered(story: Story) -> None:
    with pytest.raises(Invalid):
        delivered(story, "respondent", 4)
    with pytest.raises(NotFound):
        story.house.ask(receipts_of, story.people["claimant"], story.talks, 4)
