"""The rules of the house, as plain facts: who may only read, until when, and why."""

from datetime import UTC, datetime, timedelta

import pytest

from mediation.clock import iso
from mediation.people.permission import Actor
from mediation.rooms.house import NO_RULES, House

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SOON = iso(NOW + timedelta(minutes=14, seconds=30))
PAST = iso(NOW - timedelta(seconds=1))
BO = Actor("bo", standing="respondent", side="respondent")
GU = Actor("gu", standing="agent", side="respondent")
LIN = Actor("lin", standing="mediator", side="bench")
WEN = Actor("wen", office="clerk", standing="clerk", side="bench")


@pytest.mark.parametrize(
    ("house", "why"),
    [
        (NO_RULES, ""),
        (House(frozen=True), "house.frozen"),
        (House(pause_until=SOON, frozen=True), "house.paused"),
        (House(pause_until=PAST), ""),
        (House(silenced={"bo": ""}), "house.silenced"),
        (House(silenced={"bo": SOON}), "house.silenced_for"),
        (House(silenced={"bo": PAST, "gu": ""}), ""),
        (House(stage="statements", writers=("claimant", "respondent_agent")), "house.not_your_turn"),
        (House(stage="statements", writers=("respondent",)), ""),
        (House(stage="opening", writers=()), "house.not_your_turn"),
    ],
)
def test_a_party_reads_why_they_may_not_write_in_the_talk(house: House, why: str) -> None:
    shut = house.why_not(BO, "talks", NOW)

    assert (shut.message if shut else "") == why


def test_what_holds_up_the_talk_never_holds_up_who_leads_or_a_line_to_the_mediator() -> None:
    all_at_once = House(
        frozen=True, pause_until=SOON, silenced={"bo": "", "lin": ""}, stage="opening", writers=()
    )

    assert [all_at_once.why_not(LIN, kind, NOW) for kind in ("talks", "record", "private")] == [None] * 3
    assert [all_at_once.why_not(BO, kind, NOW) for kind in ("private", "caucus")] == [None] * 2


def test_a_pause_and_a_frozen_talk_hold_for_the_record_too_and_a_turn_does_not() -> None:
    assert House(frozen=True).why_not(WEN, "record", NOW)
    assert House(pause_until=SOON).why_not(BO, "record", NOW)
    assert House(silenced={"bo": ""}, stage="opening", writers=()).why_not(BO, "record", NOW) is None


def test_the_minutes_that_are_left_are_counted_up() -> None:
    shut = House(pause_until=SOON).why_not(BO, "talks", NOW)

    assert shut is not None
    assert shut.params == {"minutes": 15}


def test_a_lawyer_has_a_turn_of_their_own() -> None:
    house = House(stage="statements", writers=("respondent_agent",))

    assert house.why_not(GU, "talks", NOW) is None
    assert house.why_not(BO, "talks", NOW)


def test_only_parties_and_lawyers_are_slowed_down_and_only_in_the_talk() -> None:
    house = House(slow=30)

    assert [house.slow_for(who, "talks").seconds for who in (BO, GU, LIN)] == [30, 30, 0]
    assert house.slow_for(BO, "private") == timedelta(0)


def test_the_rules_are_kept_as_little_as_they_are_and_read_again_as_they_were() -> None:
    house = House(slow=5, stage="opening", writers=(), silenced={"bo": ""}, out=("gu",))

    assert NO_RULES.kept() == {}
    assert House.of(None) == NO_RULES
    assert (
        House.of({"slow": 5, "stage": "opening", "writers": [], "silenced": {"bo": ""}, "out": ["gu"]})
        == house
    )
    assert House.of(house.kept()) == house
