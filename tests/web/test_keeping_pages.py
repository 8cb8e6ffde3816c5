"""How long things are kept, as people see it: periods with their law, asking for an erasure, deciding, holding."""

import re
from datetime import timedelta

import pytest

from mediation.cases.case import end_case
from mediation.hearings.hearing import book_hearing, cancel_hearing
from mediation.ports.blobs import Blobs
from mediation.record.hold import set_hold
from mediation.record.leftovers import files_left, note_files_gone
from mediation.record.retention import erase_class
from mediation.rooms.message import post_message
from mediation.work import Work
from tests.mediation.agreements.scenes import propose
from tests.mediation.record.bundles import CONTRACT, submit
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
    todo = f"{path.removesuffix('/requests')}#requests"
    assert todo in await (await wen.get("/")).text()
    reason = {f"reason_{form[1]}": "Nobody needs it any more."}
    assert (await wen.post(form[0], {"answer": "granted"})).status == 422
    assert (await wen.post(form[0], {"answer": "granted"} | reason)).status == 303

    assert todo not in await (await wen.get("/")).text()
    said = await page(site.visitor(story.people["respondent"]), story)
    for words in ("It is &lt;over&gt;.", "granted it on", "Nobody needs it any more."):
        assert words in said
    assert form[0] not in said
    what = {"case": story.case, "rule": "talks", "request": form[1], "by": story.people["clerk"]}
    erase_class(site.house.store, what | {"person": story.people["claimant"]})
    assert "已经删除。" in await page(chen, story)


async def test_what_was_erased_stands_as_erased_on_the_pages_of_the_case(site: Site) -> None:
    story = opened(site.house)
    draft = propose(story)
    propose(story, base=1, total=100_000)
    stored = Blobs(site.house.settings.data / "blobs").put([CONTRACT])
    meeting = site.house.do(
        book_hearing, by=story.actor("mediator"), case=story.case, title="About my floor",
        starts_at=site.house.clock() + timedelta(days=1), minutes=60,
    )  # fmt: skip
    why = {"by": story.actor("mediator"), "reason": "The floor is wet"}
    site.house.do(cancel_hearing, hearing=meeting.id, **why)
    site.house.do(submit, by=story.people["claimant"], channel=story.record, stored=stored)
    site.house.do(end_case, by=story.actor("mediator"), case=story.case, reason="too_far_apart")
    for rule in ("talks", "record", "identity"):
        erase_class(site.house.store, {"case": story.case, "rule": rule})
    site.house.do(forget_bytes, case=story.case)
    bo = site.visitor(story.people["respondent"])

    agreement = await (await bo.get(f"/cases/{story.case}/agreement")).text()
    version = await bo.get(f"/agreements/{draft.agreement_id}/versions/1")
    comparison = await bo.get(f"/agreements/{draft.agreement_id}/comparison?from=1&to=2")
    case = await (await bo.get(f"/cases/{story.case}")).text()

    assert "The text of this version was erased" in agreement
    assert "comparison?" not in agreement
    assert (version.status, comparison.status) == (200, 409)
    assert "Documents that were erased, because their time was over: 1" in case
    assert "· cancelled\n" in case or "· cancelled<" in case
    assert "device: —" in case
    for gone in ("loan.pdf", "About my floor", "The floor is wet", "None</small>"):
        assert gone not in case


def forget_bytes(work: Work, *, case: str) -> None:
    """As the job does later: bytes that came a moment ago are left at first."""
    note_files_gone(work, files=list(files_left(work.session, case)))


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
