"""Holds, and erasure at somebody's request: who may, with which reason, and what becomes of it."""

from collections.abc import Mapping
from typing import Any

import pytest

from mediation.errors import Invalid, NotAllowed, NotFound, Refusal, WrongState
from mediation.jobs import Job
from mediation.people.person import acts_of
from mediation.record.entry import Entry, read_entries
from mediation.record.hold import is_held, lift_hold, set_hold
from mediation.record.request import Request, ask_erasure, decide_erasure, requests_in
from mediation.record.retention import erase_class, keep_periods
from mediation.record.verify import verify
from mediation.rooms.concern import Concern, handle_concern, report_concern
from mediation.rooms.message import post_message
from tests.conftest import House
from tests.mediation.agreements.scenes import settled
from tests.mediation.record.erasing import what_is_over
from tests.stories import Story, opened

WHY = {"reason": "The parties dispute what was said on Monday."}


@pytest.fixture
def ended(house: House) -> Story:
    """A settled case in which both sides have said something."""
    story = opened(house)
    for role in ("claimant", "respondent", "claimant"):
        by, words = story.people[role], f"{role} says"
        n = len(house.published)
        house.do(post_message, by=by, channel=story.talks, text=words, client_id=f"k{n}")
    settled(story)
    return story


def hold(story: Story, role: str, use_case: Any = set_hold, n: str = "h", **more: str) -> Entry:
    given = WHY | ({"why": "dispute"} if use_case is set_hold else {}) | more
    entry: Entry = story.house.do(use_case, by=story.people[role], case=story.case, client_id=n, **given)
    return entry


def ask(story: Story, role: str, *classes: str, reason: str = "It is over.", n: str = "a") -> Entry:
    return story.house.do(
        ask_erasure, by=story.people[role], case=story.case, classes=classes, reason=reason, client_id=n
    )


def decide(
    story: Story, asked: Entry, answer: str, *, role: str = "clerk", n: str = "d", reason: str = "So it is."
) -> Entry:
    return story.house.do(
        decide_erasure, by=story.people[role], case=story.case, request=asked.id, answer=answer,
        reason=reason, client_id=n,
    )  # fmt: skip


def carry_out(story: Story) -> None:
    """What the server does with the jobs that were left."""
    for payload in story.house.ask(_erasing):
        erase_class(story.house.store, payload)


def _erasing(session: Any) -> list[Mapping[str, Any]]:
    return [job.payload for job in session.query(Job).filter(Job.kind == "erase")]


def texts(story: Story) -> list[str | None]:
    said = story.house.ask(read_entries, story.house.store.keys, story.talks, after=0)
    return [one.body["text"] if one.body else None for one in said if one.kind == "message_posted"]


def request_of(story: Story) -> Request:
    return story.house.ask(requests_in, story.case)[-1]


def is_whole(house: House) -> bool:
    said: list[str] = []
    return verify(house.settings.data, say=said.append, database=house.settings.database) == 0


def test_a_case_that_is_held_keeps_everything_until_the_hold_is_lifted(house: House, ended: Story) -> None:
    hold(ended, "judge")
    house.clock.pass_by(days=366)
    assert what_is_over(house) == []
    erase_class(house.store, {"case": ended.case, "rule": "talks"})
    assert None not in texts(ended)

    hold(ended, "clerk", lift_hold, "l")

    assert what_is_over(house) == [(ended.case, "talks")]
    assert [one.kind for one in house.published][-2:] == ["hold_set", "hold_lifted"]


@pytest.mark.parametrize("role", ["claimant", "agent", "mediator"])
def test_only_judge_and_clerk_hold(ended: Story, role: str) -> None:
    with pytest.raises(NotAllowed):
        hold(ended, role)
    assert not ended.house.ask(is_held, ended.case)


def test_a_hold_has_a_reason_and_is_set_once_and_lifted_once(ended: Story) -> None:
    for wrong in ({"reason": " "}, {"why": "weather"}):
        with pytest.raises(Invalid):
            hold(ended, "judge", **wrong)
    with pytest.raises(WrongState):
        hold(ended, "judge", lift_hold)
    first = hold(ended, "judge")
    assert hold(ended, "judge").id == first.id
    with pytest.raises(WrongState):
        hold(ended, "clerk", n="again")
    assert first.body is not None
    assert first.body["reason"] == WHY["reason"]
    assert "reason" not in first.public


@pytest.mark.both_databases
def test_what_somebody_said_is_erased_when_they_ask_and_the_clerk_grants_it(ended: Story) -> None:
    asked = ask(ended, "claimant", "talks")

    decide(ended, asked, "granted")
    carry_out(ended)

    assert texts(ended) == [None, "respondent says", None]
    assert request_of(ended).done == ("talks",)
    tombs = [one for one in ended.house.published if one.kind == "content_erased"]
    assert [(one.public["why"], one.public["request"], one.actor) for one in tombs] == [
        ("request", asked.id, ended.people["clerk"])
    ]
    assert is_whole(ended.house)


def test_what_the_law_obliges_us_to_keep_is_refused(ended: Story) -> None:
    asked = ask(ended, "claimant", "record", "outcome")
    with pytest.raises(WrongState):
        decide(ended, asked, "granted")

    decide(ended, asked, "refused")
    carry_out(ended)

    assert request_of(ended).answer == "refused"
    assert None not in texts(ended)
    mixed = ask(ended, "claimant", "talks", "record", n="b")
    assert decide(ended, mixed, "granted", n="e").public["granted"] == ["talks"]


def test_nothing_is_erased_while_the_mediation_goes_on(house: House) -> None:
    story = opened(house)
    asked = ask(story, "respondent", "talks")

    with pytest.raises(WrongState):
        decide(story, asked, "granted")


def test_what_was_granted_under_a_hold_is_carried_out_when_it_is_lifted(ended: Story) -> None:
    hold(ended, "judge")
    decide(ended, ask(ended, "respondent", "talks"), "granted")
    carry_out(ended)
    assert None not in texts(ended)
    assert request_of(ended).left == ("talks",)

    hold(ended, "judge", lift_hold, "l")
    keep_periods(ended.house.store, {})
    carry_out(ended)

    assert texts(ended) == ["claimant says", None, "claimant says"]
    assert request_of(ended).left == ()


def test_what_was_quietly_reported_goes_with_its_case_and_nothing_else_of_that_person(ended: Story) -> None:
    house, chen, wen = ended.house, ended.people["claimant"], ended.people["clerk"]
    bo = ended.people["respondent"]
    told = {"by": chen, "room": ended.room, "reason": "He knows where I live", "person": bo}
    concern = house.do(report_concern, **told, client_id="c")
    closed = {"state": "closed", "result": "We have spoken with him"}
    house.do(handle_concern, by=wen, concern=concern.id, client_id="h", **closed)
    house.clock.pass_by(days=1097)

    for case, rule in what_is_over(house):
        erase_class(house.store, {"case": case, "rule": rule})

    kept = house.ask(lambda session: session.get_one(Concern, concern.id))
    assert (kept.state, kept.reason, kept.result) == ("closed", "", "")
    own = house.ask(lambda session: acts_of(session, chen))
    there = house.ask(read_entries, house.store.keys, own, after=0)
    gone = [one.kind for one in there if one.body is None]
    assert gone == ["concern_reported", "concern_handled"]
    assert is_whole(house)


@pytest.mark.parametrize(
    ("role", "refusal"), [("mediator", NotAllowed), ("judge", NotAllowed), ("claimant", NotAllowed)]
)
def test_only_the_clerk_decides_and_only_sides_ask(ended: Story, role: str, refusal: type[Refusal]) -> None:
    asked = ask(ended, "claimant", "talks")
    with pytest.raises(refusal):
        decide(ended, asked, "granted", role=role)
    if role != "claimant":
        with pytest.raises(refusal):
            ask(ended, role, "talks", n="x")


def test_a_request_names_what_and_why_and_is_decided_once(ended: Story) -> None:
    for classes, reason in ((), "Why"), (("everything",), "Why"), (("talks",), " "):
        with pytest.raises(Invalid):
            ask(ended, "claimant", *classes, reason=reason)
    asked = ask(ended, "claimant", "talks")
    assert ask(ended, "claimant", "talks").id == asked.id
    with pytest.raises(Invalid):
        decide(ended, asked, "perhaps")
    with pytest.raises(NotFound):
        ended.house.do(
            decide_erasure, by=ended.people["clerk"], case=ended.case, request="none", answer="refused",
            reason="No", client_id="n",
        )  # fmt: skip
    decide(ended, asked, "refused")
    with pytest.raises(WrongState):
        decide(ended, asked, "granted", n="again")
