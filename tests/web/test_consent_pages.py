"""The page of the consent: both sides answer for themselves, everybody reads the ledger."""

import re

import pytest

from tests.cast import BO, CHEN, GU
from tests.site import Site, Visitor, field_of
from tests.stories import Story, opened, registered

pytestmark = pytest.mark.asyncio(loop_scope="module")

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1"


async def answer(who: Visitor, story: Story, given: str, **more: str) -> tuple[int, str]:
    page = await (await who.get(f"/cases/{story.case}/consent")).text()
    form = {"answer": given, "version": field_of(page, "version"), "client_id": field_of(page, "client_id")}
    answered = await who.post(f"/cases/{story.case}/consent", form | more)
    return answered.status, await answered.text()


async def test_the_mediation_begins_when_both_sides_have_agreed(site: Site) -> None:
    story = registered(site.house)
    chen, bo = site.visitor(story.people["claimant"]), site.visitor(story.people["respondent"])

    await answer(chen, story, "give", declared="yes")
    between = await (await bo.get(f"/cases/{story.case}")).text()
    await answer(bo, story, "give", declared="yes")
    after = await (await bo.get(f"/cases/{story.case}")).text()

    assert "Waiting for consent" in between
    assert "In mediation" in after


async def test_everybody_in_the_case_sees_who_answered_how(site: Site) -> None:
    story = registered(site.house)
    bo = site.visitor(story.people["respondent"])
    bo.headers["User-Agent"] = IPHONE

    await answer(bo, story, "give", declared="yes")

    for role in ("claimant", "agent", "mediator", "judge", "clerk"):
        page = await (await site.visitor(story.people[role]).get(f"/cases/{story.case}/consent")).text()
        ledger = page[page.index('id="ledger"') :]
        assert BO.name in ledger
        assert "iPhone, Safari" in ledger
        assert "cn-2026.11" in ledger
        assert CHEN.name in ledger


async def test_nothing_is_chosen_beforehand_and_an_empty_answer_is_asked_again(site: Site) -> None:
    story = registered(site.house)
    bo = site.visitor(story.people["respondent"])
    page = await (await bo.get(f"/cases/{story.case}/consent")).text()

    status, again = await answer(bo, story, "")

    assert not re.search(r"<input[^>]* checked", page)
    assert status == 422
    assert 'id="answer-wrong"' in again


async def test_who_agrees_declares_not_to_record_and_the_choice_is_kept(site: Site) -> None:
    story = registered(site.house)

    status, page = await answer(site.visitor(story.people["respondent"]), story, "give")

    assert status == 422
    assert 'id="declared-wrong"' in page
    assert re.search(r'value="give" checked', page)


async def test_one_refusal_ends_the_mediation_with_that_reason(site: Site) -> None:
    story = registered(site.house)

    await answer(site.visitor(story.people["respondent"]), story, "refuse")
    page = await (await site.visitor(story.people["mediator"]).get(f"/cases/{story.case}")).text()

    assert "一方当事人不愿意调解" in page


async def test_an_agent_with_special_authority_answers_for_the_client(site: Site) -> None:
    story = registered(site.house)
    gu = site.visitor(story.people["agent"])

    page = await (await gu.get(f"/cases/{story.case}/consent")).text()
    await answer(gu, story, "give", declared="yes")
    ledger = await (await gu.get(f"/cases/{story.case}/consent")).text()

    assert BO.name in page[page.index('id="decide"') :]
    assert f"由{GU.name}代为答复" in ledger


async def test_a_given_consent_can_be_withdrawn_after_a_second_thought(site: Site) -> None:
    story = opened(site.house)
    bo = site.visitor(story.people["respondent"])

    hasty, _ = await answer(bo, story, "withdraw")
    status, _ = await answer(bo, story, "withdraw", sure="yes")
    page = await (await bo.get(f"/cases/{story.case}")).text()

    assert hasty == 422
    assert status == 303
    assert "Withdrew" in page


async def test_a_text_that_changed_while_it_was_read_is_not_agreed_to(site: Site) -> None:
    story = registered(site.house)
    bo = site.visitor(story.people["respondent"])

    answered = await bo.post(
        f"/cases/{story.case}/consent", {"answer": "give", "declared": "yes", "version": "cn-2020.01"}
    )

    assert answered.status == 422


async def test_the_bench_is_not_asked(site: Site) -> None:
    story = registered(site.house)

    for role in ("mediator", "judge", "clerk"):
        page = await (await site.visitor(story.people[role]).get(f"/cases/{story.case}/consent")).text()
        assert 'name="answer"' not in page
        status, _ = await answer(site.visitor(story.people[role]), story, "give", declared="yes")
        assert status == 403


async def test_a_stranger_finds_no_case_there(site: Site) -> None:
    story = registered(site.house)
    stranger = site.visitor(story.people["stranger"])

    for path in ("", "/consent", "/ending", "/agreement", "/hearings", "/welcome", "/certificate"):
        assert (await stranger.get(f"/cases/{story.case}{path}")).status == 404
    posted = await stranger.post(f"/cases/{story.case}/consent", {"answer": "refuse"})
    assert posted.status == 404
