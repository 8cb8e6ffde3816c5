"""The page of a connection statement: a timeline in plain words, what it means, a signature, and "I do not agree"."""

import json

import pytest

from mediation.hearings.connection import note_fact
from mediation.hearings.hearing import Hearing, start_hearing
from mediation.hearings.line import Line, Stretch, keep_line
from tests.site import Site
from tests.stories import Story, opened


@pytest.fixture
def story(site: Site) -> Story:
    return opened(site.house)


@pytest.fixture
def hearing(site: Site, story: Story) -> Hearing:
    """A meeting in which the respondent's line failed, and the claimant left by the button after a warning."""
    house, room = site.house, story.room
    meeting = house.do(start_hearing, by=story.people["mediator"], room=room)
    told = {
        "respondent": [
            ("seat_taken", ""),
            ("answer_missing", ""),
            ("time_given", "30"),
            ("seat_given_up", ""),
        ],
        "claimant": [("seat_taken", ""), ("warned", "leaving"), ("left", "")],
    }
    for role, facts in told.items():
        for kind, code in facts:
            house.clock.pass_by(seconds=5)
            house.do(note_fact, room=room, person=story.people[role], kind=kind, code=code)
    stretch = Stretch("poor", [Line(rtt_ms=700, loss_up=0.125)])
    house.do(keep_line, room=room, person=story.people["respondent"], stretch=stretch)
    house.clock.pass_by(seconds=20)
    return meeting


@pytest.mark.parametrize(
    ("reader", "words"),
    [
        ("respondent", ("The line failed", "The page did not answer any more", "Got 30 seconds to come back", "12.5 %", "power")),
        ("mediator", ("线路故障", "页面不再应答", "有30秒时间可以返回", "12.5 %", "不算缺席")),
    ],
)  # fmt: skip
async def test_a_statement_says_in_plain_words_what_was_seen_and_what_it_means(
    site: Site, story: Story, hearing: Hearing, reader: str, words: tuple[str, ...]
) -> None:
    bo = story.people["respondent"]

    page = await (await site.visitor(story.people[reader]).get(path(hearing, bo))).text()

    assert [word for word in words if word not in page] == []


async def test_who_leads_finds_everybodys_statement_from_the_case(
    site: Site, story: Story, hearing: Hearing
) -> None:
    lin = site.visitor(story.people["mediator"])

    case = await (await lin.get(f"/cases/{story.case}")).text()
    listed = await (await lin.get(f"/hearings/{hearing.id}/connections")).text()
    chens = await (await lin.get(path(hearing, story.people["claimant"]))).text()

    assert f"/hearings/{hearing.id}/connections" in case
    assert (listed.count("查看说明"), "线路故障" in listed) == (2, True)
    assert ("自行离开" in chens, "事先已被告知" in chens) == (True, True)
    assert "我对本说明有异议" not in chens  # nobody says it for them


async def test_one_click_says_that_one_does_not_agree(site: Site, story: Story, hearing: Hearing) -> None:
    bo = story.people["respondent"]
    visitor = site.visitor(bo)

    before = await (await visitor.get(path(hearing, bo))).text()
    answer = await visitor.post(path(hearing, bo) + "/objection")
    after = await (await visitor.get(answer.headers["Location"])).text()

    assert ("I do not agree" in before, "I do not agree" in after) == (True, False)
    assert "does not agree with this statement" in after


async def test_the_signed_statement_can_be_taken_along(site: Site, story: Story, hearing: Hearing) -> None:
    bo = story.people["respondent"]

    answer = await site.visitor(bo).get(path(hearing, bo) + "/statement")

    signed = json.loads(await answer.text())
    assert signed["statement"]["verdict"] == "line_fault"
    assert signed["key"] == site.house.store.keys.public_key.hex()
    assert answer.headers["Content-Disposition"].startswith("attachment")


def path(hearing: Hearing, person: str) -> str:
    return f"/hearings/{hearing.id}/connections/{person}"
