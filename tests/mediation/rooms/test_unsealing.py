"""Unsealing: what was taken back is read again by a judge's order only, by those who see its channel, and never from behind a wall."""

import pytest

from mediation.errors import Invalid, NotAllowed, NotFound, WrongState
from mediation.record.entry import read_entries
from mediation.rooms.message import post_message, recall_message
from mediation.rooms.unsealing import (
    ask_unsealing,
    look_at_message,
    order_unsealing,
    refuse_unsealing,
    unseal_message,
)
from tests.conftest import House
from tests.stories import Story, opened

WORDS = "You will regret this."
WHY = "It held a threat."


@pytest.fixture
def story(house: House) -> Story:
    return opened(house)


def test_an_opened_message_is_read_by_those_who_see_its_channel_and_each_look_is_noted(story: Story) -> None:
    seq = _taken_back(story, story.talks)
    _ask(story, seq)
    _order(story, seq)
    with pytest.raises(WrongState, match="not_open"):
        _look(story, "respondent", seq)

    _unseal(story, seq)

    assert _look(story, "respondent", seq) == {"text": WORDS}
    for role in ("judge", "clerk", "stranger"):
        with pytest.raises(NotFound):
            _look(story, role, seq)
    told = _told(story, story.talks)
    assert told[-2:] == [("message_unsealed", "clerk"), ("unsealed_message_viewed", "respondent")]
    assert _told(story, story.record)[-3:] == [
        ("unsealing_asked", "respondent"),
        ("unsealing_ordered", "judge"),
        ("message_unsealed", "clerk"),
    ]


def test_a_judge_refuses_with_a_reason_that_all_see_and_can_still_order_it(story: Story) -> None:
    seq = _taken_back(story, story.talks)
    with pytest.raises(NotFound):
        _refuse(story, seq)
    _ask(story, seq)
    with pytest.raises(NotAllowed):
        _refuse(story, seq, by="mediator")
    with pytest.raises(Invalid, match="reason_missing"):
        _refuse(story, seq, reason=" ")

    _refuse(story, seq)
    with pytest.raises(NotFound):
        _unseal(story, seq)
    _order(story, seq)
    with pytest.raises(WrongState, match="ordered"):
        _refuse(story, seq, reason="Once more.")

    assert _told(story, story.record)[-2:] == [("unsealing_refused", "judge"), ("unsealing_ordered", "judge")]


def test_it_stays_withheld_in_the_channel(story: Story) -> None:
    seq = _taken_back(story, story.talks)
    _ask(story, seq)
    _order(story, seq)
    _unseal(story, seq)
    _look(story, "claimant", seq)

    entries = story.house.ask(read_entries, story.house.store.keys, story.talks, after=0)
    assert entries[0].body is None
    assert WORDS not in repr(entries)
    assert WHY in repr(
        story.house.ask(read_entries, story.house.store.keys, story.record, after=0, limit=200)
    )


def test_a_judge_learns_of_the_talks_only_what_somebody_there_has_asked(story: Story) -> None:
    seq = _taken_back(story, story.talks)
    said = _say(story, story.talks, "b")

    for number in (seq, said, 99):
        with pytest.raises(NotFound):
            _order(story, number)
    with pytest.raises(NotFound):
        _unseal(story, seq)

    _ask(story, seq)
    with pytest.raises(NotFound):
        _order(story, said)
    _order(story, seq)


def test_in_the_record_the_judge_orders_without_being_asked(story: Story) -> None:
    seq = _taken_back(story, story.record, by="clerk")

    _order(story, seq, channel=story.record)
    _unseal(story, seq, channel=story.record)

    assert _look(story, "claimant", seq, channel=story.record) == {"text": WORDS}
    kinds = [kind for kind, _ in _told(story, story.record)]
    assert kinds.count("message_unsealed") == 1


@pytest.mark.parametrize("role", ["claimant", "mediator", "clerk"])
def test_only_the_judge_orders(story: Story, role: str) -> None:
    seq = _taken_back(story, story.talks)
    _ask(story, seq)

    with pytest.raises(NotAllowed):
        _order(story, seq, by=role)


@pytest.mark.parametrize("role", ["claimant", "mediator", "judge"])
def test_only_the_clerk_carries_it_out_and_not_without_an_order(story: Story, role: str) -> None:
    seq = _taken_back(story, story.record, by="clerk")
    with pytest.raises(WrongState, match="no_order"):
        _unseal(story, seq, channel=story.record)
    _order(story, seq, channel=story.record)

    with pytest.raises(NotAllowed):
        _unseal(story, seq, by=role, channel=story.record)


def test_what_was_said_behind_a_wall_is_never_opened(story: Story) -> None:
    assert story.private
    wall = story.private["respondent"]
    seq = _taken_back(story, wall, by="respondent")

    with pytest.raises(WrongState, match="walled"):
        _ask(story, seq, channel=wall)
    for use in (_order, _unseal):
        with pytest.raises(NotFound):
            use(story, seq, channel=wall)


def test_only_what_was_taken_back_is_asked_for_and_with_a_reason(story: Story) -> None:
    seq = _taken_back(story, story.talks)
    said = _say(story, story.talks, "b")

    with pytest.raises(WrongState, match="not_sealed"):
        _ask(story, said)
    with pytest.raises(NotFound):
        _ask(story, 99)
    with pytest.raises(Invalid):
        _ask(story, seq, reason=" ")


def test_the_same_act_again_gets_the_first_answer(story: Story) -> None:
    seq = _taken_back(story, story.talks)

    for act in (_ask, _order, _unseal):
        assert act(story, seq) == act(story, seq)


def _say(story: Story, channel: str, client_id: str, *, by: str = "claimant") -> int:
    said = {"channel": channel, "text": WORDS, "client_id": client_id}
    return story.house.do(post_message, by=story.people[by], **said).seq


def _taken_back(story: Story, channel: str, *, by: str = "claimant") -> int:
    seq = _say(story, channel, "a", by=by)
    story.house.do(recall_message, by=story.people[by], channel=channel, seq=seq)
    return seq


def _ask(story: Story, seq: int, *, channel: str = "", reason: str = WHY) -> int:
    what = {"channel": channel or story.talks, "seq": seq, "reason": reason}
    return story.house.do(ask_unsealing, by=story.people["respondent"], **what).seq


def _order(story: Story, seq: int, *, by: str = "judge", channel: str = "") -> int:
    what = {"channel": channel or story.talks, "seq": seq, "reason": "To be examined."}
    return story.house.do(order_unsealing, by=story.people[by], **what).seq


def _refuse(story: Story, seq: int, *, by: str = "judge", reason: str = "Not in dispute.") -> int:
    what = {"channel": story.talks, "seq": seq, "reason": reason}
    return story.house.do(refuse_unsealing, by=story.people[by], **what).seq


def _unseal(story: Story, seq: int, *, by: str = "clerk", channel: str = "") -> int:
    return story.house.do(unseal_message, by=story.people[by], channel=channel or story.talks, seq=seq).seq


def _look(story: Story, role: str, seq: int, *, channel: str = "") -> dict[str, object]:
    what = {"channel": channel or story.talks, "seq": seq, "client_id": "look"}
    return dict(story.house.do(look_at_message, by=story.people[role], **what))


def _told(story: Story, channel: str) -> list[tuple[str, str]]:
    roles = {person: role for role, person in story.people.items()}
    keys = story.house.store.keys
    entries = story.house.ask(read_entries, keys, channel, after=0, limit=200)
    return [(entry.kind, roles.get(entry.actor or "", "")) for entry in entries]
