"""Measures in the talk: each holds at once, stands in the record with its reason, and is done once however often it is sent."""

from collections.abc import Callable
from typing import Any

import pytest

from mediation.errors import Invalid, NotAllowed, NotFound, TooMany, WrongState
from mediation.record.entry import Entry, read_entries
from mediation.rooms.channel import members_of
from mediation.rooms.entrance import enter_room
from mediation.rooms.measures import (
    allow_writing,
    expel_person,
    freeze_talk,
    readmit_person,
    set_posting,
    slow_talk,
    stop_writing,
    thaw_talk,
)
from mediation.rooms.message import mark_read, post_message
from mediation.rooms.pause import call_pause, end_pause, extend_pause
from tests.conftest import House
from tests.stories import Story, opened


@pytest.fixture
def story(house: House) -> Story:
    return opened(house)


def test_who_is_silenced_reads_and_writes_to_the_mediator_until_the_time_is_over(
    house: House, story: Story
) -> None:
    _lead(house, story, stop_writing, person="respondent", minutes=10, reason="insults")

    with pytest.raises(WrongState, match="silenced_for"):
        _say(house, story, "respondent", "1")
    _say(house, story, "agent", "2")
    _say(house, story, "respondent", "3", where=_private(story))
    house.clock.pass_by(minutes=10)
    _say(house, story, "respondent", "4")

    said = house.ask(read_entries, house.store.keys, story.record)[-1]
    assert said.kind == "writing_stopped"
    assert said.body is not None
    assert (said.body["person"], said.body["reason"]) == (story.people["respondent"], "insults")
    assert "reason" not in said.public


def test_a_message_that_was_taken_is_still_acknowledged_after_its_writer_was_silenced(
    house: House, story: Story
) -> None:
    first = _say(house, story, "respondent", "lost-answer")
    _lead(house, story, stop_writing, person="respondent", minutes=0, reason="insults")

    again = _say(house, story, "respondent", "lost-answer")

    assert again.seq == first.seq
    _lead(house, story, allow_writing, person="respondent")
    _say(house, story, "respondent", "after")


def test_in_slow_mode_a_party_waits_and_who_leads_does_not(house: House, story: Story) -> None:
    _lead(house, story, slow_talk, seconds=30)

    first = _say(house, story, "claimant", "1")
    house.clock.pass_by(seconds=29)
    with pytest.raises(WrongState) as refused:
        _say(house, story, "claimant", "2")
    assert _say(house, story, "claimant", "1").seq == first.seq
    _say(house, story, "claimant", "p", where=_private(story, "claimant"))
    _say(house, story, "mediator", "3")
    _say(house, story, "mediator", "4")
    house.clock.pass_by(seconds=2)
    _say(house, story, "claimant", "5")

    assert (refused.value.message, refused.value.params) == ("house.slow", {"wait": 30, "seconds": 1})


def test_two_messages_handed_over_together_are_two_messages_for_the_slow_mode(
    house: House, story: Story
) -> None:
    _lead(house, story, slow_talk, seconds=30)

    told = [
        house.store.write(post_message, by=story.people["claimant"], channel=story.talks, text=each, client_id=each)
        for each in ("a", "b", "c")
    ]  # fmt: skip

    assert [each.exception() is None for each in told] == [True, False, False]


def test_at_a_stage_those_write_whose_turn_it_is(house: House, story: Story) -> None:
    _lead(house, story, set_posting, stage="statements", writers=["claimant"])
    with pytest.raises(WrongState, match="not_your_turn"):
        _say(house, story, "respondent", "1")
    _say(house, story, "claimant", "2")
    _lead(house, story, set_posting, stage="opening")
    with pytest.raises(WrongState, match="not_your_turn"):
        _say(house, story, "claimant", "3")
    _lead(house, story, set_posting, stage="")
    _say(house, story, "respondent", "4")

    with pytest.raises(Invalid):
        _lead(house, story, set_posting, stage="lunch")
    with pytest.raises(Invalid):
        _lead(house, story, set_posting, stage="offers", writers=["judge"])


def test_an_old_measure_that_is_sent_again_changes_nothing(house: House, story: Story) -> None:
    _lead(house, story, freeze_talk, reason="enough for today", client_id="f")
    with pytest.raises(WrongState, match="frozen"):
        _say(house, story, "claimant", "1")
    _lead(house, story, thaw_talk)

    _lead(house, story, freeze_talk, reason="enough for today", client_id="f")

    _say(house, story, "claimant", "2")


def test_who_was_sent_out_reads_the_talk_no_more_until_let_in_again(house: House, story: Story) -> None:
    bo = story.people["respondent"]
    first = _say(house, story, "claimant", "1")
    house.do(mark_read, by=bo, channel=story.talks, seq=first.seq)
    _lead(house, story, expel_person, person="respondent", reason="threats")
    unseen = _say(house, story, "claimant", "2")

    without = {view.kind for view in house.ask(enter_room, bo, story.room).channels}
    with pytest.raises(NotFound):
        _say(house, story, "respondent", "3")
    told = house.ask(members_of, unseen.channel)
    _lead(house, story, readmit_person, person="respondent")
    talks = next(view for view in house.ask(enter_room, bo, story.room).channels if view.kind == "talks")

    assert without == {"record", "private"}
    assert bo not in told
    assert (talks.read_seq, talks.last_seq) == (first.seq, unseen.seq)
    with pytest.raises(WrongState):
        _lead(house, story, readmit_person, person="respondent")


def test_any_party_calls_a_pause_and_only_who_leads_ends_it(house: House, story: Story) -> None:
    _pause(house, story, "agent")
    with pytest.raises(WrongState, match="paused"):
        _say(house, story, "claimant", "1")
    _say(house, story, "mediator", "2")
    _say(house, story, "claimant", "3", where=_private(story, "claimant"))
    with pytest.raises(WrongState, match="paused_already"):
        _pause(house, story, "claimant")
    with pytest.raises(NotAllowed):
        house.do(end_pause, by=story.people["agent"], room=story.room, client_id="e")
    _lead(house, story, extend_pause, minutes=5)
    house.clock.pass_by(minutes=19, seconds=59)
    with pytest.raises(WrongState, match="paused"):
        _say(house, story, "claimant", "4")
    _lead(house, story, end_pause)
    _say(house, story, "claimant", "5")
    with pytest.raises(WrongState, match="no_pause"):
        _lead(house, story, end_pause)


def test_a_pause_ends_by_itself_and_a_party_calls_so_many_a_day(house: House, story: Story) -> None:
    for _ in range(2):
        _pause(house, story, "claimant")
        house.clock.pass_by(minutes=15)
        _say(house, story, "respondent", f"{house.clock.now}")
    with pytest.raises(TooMany):
        _pause(house, story, "claimant")
    _pause(house, story, "respondent")
    house.clock.pass_by(hours=24)

    _pause(house, story, "claimant")


def test_only_who_leads_takes_measures_with_a_reason_and_only_against_the_sides(
    house: House, story: Story
) -> None:
    asked = {"room": story.room, "person": story.people["respondent"], "client_id": "x"}
    for measure in (stop_writing, expel_person):
        extra = {"minutes": 0} if measure is stop_writing else {}
        for by in ("claimant", "agent", "judge", "clerk"):
            with pytest.raises(NotAllowed):
                house.do(measure, by=story.people[by], reason="r", **asked, **extra)
        with pytest.raises(NotFound):
            house.do(measure, by=story.people["stranger"], reason="r", **asked, **extra)
        with pytest.raises(Invalid, match="reason_missing"):
            house.do(measure, by=story.people["mediator"], reason=" ", **asked, **extra)
        for person, refusal in (("judge", Invalid), ("stranger", NotFound)):
            who = asked | {"person": story.people[person]}
            with pytest.raises(refusal):
                house.do(measure, by=story.people["mediator"], reason="r", **who, **extra)
    with pytest.raises(NotAllowed):
        house.do(call_pause, by=story.people["judge"], room=story.room, client_id="x")


def _lead(house: House, story: Story, measure: Callable[..., Entry], **asked: Any) -> None:
    if "person" in asked:
        asked["person"] = story.people[asked["person"]]
    told = {"client_id": f"{len(house.published)}", **asked}
    house.do(measure, by=story.people["mediator"], room=story.room, **told)


def _pause(house: House, story: Story, role: str) -> None:
    house.do(call_pause, by=story.people[role], room=story.room, client_id=f"p{len(house.published)}")


def _say(house: House, story: Story, role: str, client_id: str, *, where: str | None = None) -> Entry:
    return house.do(
        post_message, by=story.people[role], channel=where or story.talks, text="…", client_id=client_id
    )


def _private(story: Story, side: str = "respondent") -> str:
    assert story.private is not None
    return story.private[side]
