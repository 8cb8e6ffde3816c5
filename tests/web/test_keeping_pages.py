"""How long things are kept, as people see it: periods with their law, asking for an erasure, deciding, holding."""

import re

import pytest

from mediation.cases.case import end_case
from mediation.record.hold import set_hold
from mediation.record.retention import erase_class
from mediation.rooms.message import post_message
from tests.site import Site, Visitor
from tests.stories import Story, opened


@pytest.fixture
def story(site: Site) -> Story:
    """A case that is over; the claimant has said something."""
    told = opened(site.house)
    chen = told.people["claimant"]
    site.house.do(post_message, by=chen, channel=told.talks, text="My floor", client_id="k")
    site.house.do(end_case, by=told.actor("mediator"), case=told.case, reason="too_far_apart")
    return told


async def page(visitor: Visitor, story: Story) -> str:
    answer = await visitor.get(f"/cases/{story.case}/keeping")
    assert answer.status == 200
    return await answer.text()


async def test_the_page_says_what_is_kept_until_when_and_by_which_law(site: Site, story: Story) -> None:
    said = await page(site.visitor(story.people["respondent"]), story)

    until = site.house.clock().replace(year=site.house.clock().year + 1).year
    assert ("for good" in said, "until" in said, str(until) in said) == (True, True, True)
    assert "Personal Information Protection Law" in said
    assert (
        f"/cases/{story.case}/keeping"
        in await (await site.visitor(story.people["respondent"]).get(f"/cases/{story.case}")).text()
    )


async def test_somebody_asks_the_clerk_grants_it_and_everybody_reads_both(site: Site, story: Story) -> None:
    chen, wen = (site.visitor(story.people[role]) for role in ("claimant", "clerk"))
    path = f"/cases/{story.case}/keeping/requests"
    empty = await chen.post(path, {"ask_reason": "It is over."})
    assert empty.status == 422

    await chen.post(path, {"classes": "talks", "ask_reason": "It is <over>."})
    form = re.search(rf"{path}/([\w-]+)", await page(wen, story))
    assert form
    reason = {f"reason_{form[1]}": "Nobody needs it any more."}
    assert (await wen.post(form[0], {"answer": "granted"})).status == 422
    assert (await wen.post(form[0], {"answer": "granted"} | reason)).status == 303

    said = await page(site.visitor(story.people["respondent"]), story)
    for words in ("It is &lt;over&gt;.", "granted it on", "Nobody needs it any more."):
        assert words in said
    assert form[0] not in said
    what = {"case": story.case, "rule": "talks", "request": form[1], "by": story.people["clerk"]}
    erase_class(site.house.store, what | {"person": story.people["claimant"]})
    assert "已经删除。" in await page(chen, story)


async def test_a_hold_is_seen_by_all_and_lifted_by_judge_or_clerk(site: Site, story: Story) -> None:
    why = {"why": "enforcement", "reason": "The plan was not kept."}
    site.house.do(set_hold, by=story.people["judge"], case=story.case, client_id="h", **why)
    path = f"/cases/{story.case}/keeping/hold"

    theirs = await page(site.visitor(story.people["respondent"]), story)
    wen = site.visitor(story.people["clerk"])
    assert ("The plan was not kept." in theirs, path in theirs, path in await page(wen, story)) == (
        True,
        False,
        True,
    )
    await wen.post(path, {"hold": "lift", "hold_reason": "It was paid."})

    assert "The plan was not kept." not in await page(wen, story)
