"""Pinned notices: who puts them up, who has read them, and who has not (F3)."""

import pytest

from mediation.errors import Invalid, NotAllowed, NotFound, TooLarge, WrongState
from mediation.record.entry import Entry
from mediation.rooms.message import post_message, recall_message
from mediation.rooms.notice import (
    LONGEST,
    MOST,
    NoticeView,
    acknowledge_notice,
    notices_for,
    pin_notice,
    unpin_notice,
)
from tests.conftest import House
from tests.stories import Story, opened


@pytest.fixture
def story(house: House) -> Story:
    return opened(house)


def test_it_is_seen_who_has_read_a_notice_and_when_and_who_has_not(story: Story) -> None:
    pinned = _pin(story)
    story.house.clock.pass_by(minutes=5)

    first = _acknowledge(story, "claimant", pinned)
    again = _acknowledge(story, "claimant", pinned)

    assert again == first
    (view,) = _notices(story, "mediator")
    assert view.entry.body == {"text": "Bring the originals."}
    people = story.people
    assert dict(view.asked) == {
        people["claimant"]: story.house.clock.now,
        people["respondent"]: None,
        people["agent"]: None,
    }


def test_a_notice_is_put_up_and_taken_down_by_a_moderator_where_they_may_speak(story: Story) -> None:
    for role in ("claimant", "agent"):
        with pytest.raises(NotAllowed):
            _pin(story, by=role)
    for role in ("judge", "clerk"):
        _pin(story, by=role, channel=story.record)
        with pytest.raises(NotFound):
            _pin(story, by=role)

    pinned = _pin(story)
    with pytest.raises(NotAllowed):
        _unpin(story, "claimant", pinned)
    assert _unpin(story, "mediator", pinned) == _unpin(story, "mediator", pinned)

    assert _notices(story, "claimant") == []
    with pytest.raises(WrongState):
        _acknowledge(story, "claimant", pinned)


def test_a_notice_is_not_any_entry(story: Story) -> None:
    _say(story)

    for use_case, role in ((acknowledge_notice, "respondent"), (unpin_notice, "mediator")):
        with pytest.raises(NotFound):
            story.house.do(use_case, by=story.people[role], channel=story.talks, seq=1)
    with pytest.raises(NotFound):
        _pin(story, message=7)


def test_a_notice_has_words_and_not_too_many(story: Story) -> None:
    with pytest.raises(Invalid):
        _pin(story, text=" \n ")
    with pytest.raises(TooLarge):
        _pin(story, text="x" * (LONGEST + 1))


def test_five_notices_are_up_at_once_and_the_sixth_waits_until_one_is_down(story: Story) -> None:
    pinned = [_pin(story, client_id=f"n{n}") for n in range(MOST)]

    with pytest.raises(WrongState):
        _pin(story, client_id="one more")
    _unpin(story, "mediator", pinned[0])
    _pin(story, client_id="one more")

    assert [view.entry.seq for view in _notices(story, "mediator")] == [7, 5, 4, 3, 2]


def test_the_message_that_a_notice_is_about_stands(story: Story) -> None:
    said = _say(story)

    _pin(story, message=said.seq)

    with pytest.raises(WrongState):
        story.house.do(recall_message, by=story.people["claimant"], channel=story.talks, seq=said.seq)


def test_a_notice_in_a_private_channel_asks_its_side_alone(story: Story) -> None:
    assert story.private
    _pin(story, channel=story.private["respondent"])

    (view,) = story.house.ask(
        notices_for, story.house.store.keys, story.people["agent"], story.private["respondent"]
    )
    assert set(view.asked) == {story.people["respondent"], story.people["agent"]}
    with pytest.raises(NotFound):
        _notices(story, "claimant", story.private["respondent"])


def _pin(
    story: Story,
    *,
    by: str = "mediator",
    channel: str = "",
    text: str = "Bring the originals.",
    **more: object,
) -> Entry:
    what = {"channel": channel or story.talks, "text": text, "client_id": f"n:{by}", **more}
    return story.house.do(pin_notice, by=story.people[by], **what)


def _acknowledge(story: Story, role: str, pinned: Entry) -> Entry:
    return story.house.do(acknowledge_notice, by=story.people[role], channel=pinned.channel, seq=pinned.seq)


def _unpin(story: Story, role: str, pinned: Entry) -> Entry:
    return story.house.do(unpin_notice, by=story.people[role], channel=pinned.channel, seq=pinned.seq)


def _notices(story: Story, role: str, channel: str = "") -> list[NoticeView]:
    keys = story.house.store.keys
    return story.house.ask(notices_for, keys, story.people[role], channel or story.talks)


def _say(story: Story) -> Entry:
    said = {"channel": story.talks, "text": "On Friday then.", "client_id": "said"}
    return story.house.do(post_message, by=story.people["claimant"], **said)
