"""Where in a channel a time is."""

from datetime import timedelta

import pytest

from mediation.clock import iso
from mediation.record.entry import Entry
from mediation.record.place import entries_around
from mediation.rooms.message import post_message
from tests.conftest import House
from tests.stories import Story, opened


@pytest.fixture
def said(house: House) -> tuple[Story, list[Entry]]:
    """Twenty messages, one a minute."""
    story = opened(house)
    said = []
    for n in range(20):
        house.clock.pass_by(minutes=1)
        what = {"by": story.people["claimant"], "channel": story.talks, "text": f"{n}", "client_id": f"k{n}"}
        said.append(house.do(post_message, **what))
    return story, said


def around(story: Story, at: str, limit: int = 6) -> list[int]:
    keys = story.house.store.keys
    return [one.seq for one in story.house.ask(entries_around, keys, story.talks, at, limit=limit)]


def test_about_half_is_from_before_a_time_and_half_from_then_on(said: tuple[Story, list[Entry]]) -> None:
    story, entries = said

    assert around(story, entries[9].at) == [7, 8, 9, 10, 11, 12]


def test_before_the_beginning_come_the_first_and_after_the_end_the_last(
    said: tuple[Story, list[Entry]],
) -> None:
    story, _ = said
    now = story.house.clock()

    assert around(story, iso(now - timedelta(days=1))) == [1, 2, 3, 4, 5, 6]
    assert around(story, iso(now + timedelta(days=1))) == [15, 16, 17, 18, 19, 20]
    assert around(story, iso(now), limit=50) == list(range(1, 21))


def test_a_time_to_the_second_is_before_all_of_that_second(said: tuple[Story, list[Entry]]) -> None:
    story, entries = said

    assert around(story, entries[9].at[:19], limit=1) == [10]


def test_an_empty_channel_has_nothing_around_any_time(house: House) -> None:
    story = opened(house)

    assert around(story, "2026-11-22T08:00:00") == []
