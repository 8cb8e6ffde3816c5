"""Messages: who is called, what may be taken back and until when, and what stands because something was built on it."""

from datetime import timedelta

import pytest

from mediation.errors import Invalid, NotAllowed, WrongState
from mediation.record.entry import Entry
from mediation.rooms.mention import EVERYBODY, Call, calls_for
from mediation.rooms.message import mark_read, post_message, recall_message
from mediation.rooms.reliance import rely_on
from mediation.work import Work
from tests.conftest import House
from tests.stories import Story, opened


@pytest.fixture
def story(house: House) -> Story:
    return opened(house)


def test_who_is_called_finds_the_place_until_they_have_read_it(story: Story) -> None:
    _say(story, "claimant", "Ms Bo?", mentions=[story.people["respondent"]])
    said = _say(story, "claimant", "And your lawyer?", mentions=[story.people["agent"]])

    assert _called(story, "respondent") == [1]
    assert _called(story, "agent") == [2]
    assert _called(story, "claimant") == []

    story.house.do(mark_read, by=story.people["agent"], channel=story.talks, seq=said.seq)
    assert _called(story, "agent") == []


def test_who_leads_calls_everybody_and_nobody_else_does(story: Story) -> None:
    said = _say(story, "mediator", "Please read this.", mentions=[EVERYBODY, story.people["agent"]])

    assert (said.body or {})["mentions"] == [EVERYBODY]
    assert [_called(story, role) for role in ("claimant", "respondent", "agent", "mediator")] == [
        [1], [1], [1], [],
    ]  # fmt: skip
    with pytest.raises(NotAllowed):
        _say(story, "claimant", "All of you!", mentions=[EVERYBODY])


def test_who_does_not_read_a_channel_cannot_be_called_there(story: Story) -> None:
    with pytest.raises(Invalid):
        _say(story, "claimant", "Your honour?", mentions=[story.people["judge"]])


def test_nobody_is_led_to_what_was_taken_back(story: Story) -> None:
    said = _say(story, "claimant", "a slip", mentions=[story.people["respondent"]])

    story.house.do(recall_message, by=story.people["claimant"], channel=story.talks, seq=said.seq)

    assert _called(story, "respondent") == []


@pytest.mark.parametrize(
    ("file", "still", "late"),
    [(None, {"minutes": 2}, {"seconds": 1}), ({"id": "f"}, {"hours": 3}, {"seconds": 1})],
)
def test_words_are_taken_back_within_two_minutes_and_files_within_three_hours(
    story: Story, file: dict[str, str] | None, still: dict[str, float], late: dict[str, float]
) -> None:
    text = "" if file else "a slip"
    first, second = (_say(story, "claimant", text, file=file) for _ in range(2))
    story.house.clock.pass_by(**still)

    _take_back(story, first)
    story.house.clock.now += timedelta(**late)
    with pytest.raises(WrongState):
        _take_back(story, second)
    assert _take_back(story, first).seq == 3, "again gets the first answer, also when it is late"


def test_what_something_was_built_on_stands(story: Story) -> None:
    said = _say(story, "claimant", "I accept 70,000.")

    def accept(work: Work) -> None:
        rely_on(work, story.talks, said.seq, why="accepted")
        rely_on(work, story.talks, said.seq, why="accepted")

    story.house.do(accept)

    with pytest.raises(WrongState, match="relied_on"):
        _take_back(story, said)


def test_nothing_is_built_on_a_message_for_an_unknown_reason(story: Story) -> None:
    with pytest.raises(ValueError, match="liked"):
        story.house.do(lambda work: rely_on(work, story.talks, 1, why="liked"))


def _say(story: Story, role: str, text: str, **more: object) -> Entry:
    number = len(story.house.published)
    said = {"channel": story.talks, "text": text, "client_id": f"k{number}", **more}
    return story.house.do(post_message, by=story.people[role], **said)


def _take_back(story: Story, said: Entry) -> Entry:
    return story.house.do(recall_message, by=story.people["claimant"], channel=story.talks, seq=said.seq)


def _called(story: Story, role: str) -> list[int]:
    calls: list[Call] = story.house.ask(calls_for, story.people[role], story.room)
    return [call.seq for call in calls if call.channel == story.talks]
