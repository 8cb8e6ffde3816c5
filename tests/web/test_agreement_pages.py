"""Agreements as links and forms: drafted in rows, compared, fixed, signed with a code, and certified."""

import asyncio
import html
import re

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from mediation.agreements.outcome import outcome_of
from mediation.people.code import Code
from tests.cast import BO, CHEN, GU
from tests.site import Site, Visitor, field_of
from tests.stories import Story, opened
from tests.web.letters import Letters

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(autouse=True)
def nobody_has_asked_for_codes_yet(site: Site) -> None:
    site.house.do(lambda work: work.session.execute(delete(Code)))


@pytest.fixture
def letters(capsys: pytest.CaptureFixture[str]) -> Letters:
    return Letters(capsys)


def rows(story: Story, *amounts: str, year: int = 2036) -> list[tuple[str, str]]:
    """The fields of a form in which the respondent pays the claimant these amounts, a month apart."""
    fields: list[tuple[str, str]] = []
    for month, amount in enumerate(amounts, start=1):
        fields += [
            ("payer", story.people["respondent"]),
            ("payee", story.people["claimant"]),
            ("amount", amount),
        ]
        fields += [("due", f"{year}-{month:02d}-28"), ("how", "bank_transfer"), ("account", ""), ("deed", "")]
    return fields


async def post_rows(who: Visitor, path: str, fields: list[tuple[str, str]]) -> tuple[int, str]:
    token = who.site.server.store.keys.mac("form", who.form_secret)
    answer = await who._ask("POST", path, data=[("csrf", token), *fields])
    return answer.status, await answer.text()


async def propose(who: Visitor, story: Story, *amounts: str, base: int = 0, **more: str) -> tuple[int, str]:
    fields = [
        *rows(story, *amounts),
        ("base", str(base)),
        ("do", "save"),
        ("final", "yes"),
        ("costs", "none"),
    ]
    return await post_rows(who, f"/cases/{story.case}/agreement", fields + list(more.items()))


async def agreement_id(who: Visitor, story: Story) -> str:
    page = await (await who.get(f"/cases/{story.case}/agreement")).text()
    found = re.search(r"/agreements/([\w-]+)/", page)
    assert found is not None
    return found[1]


async def frozen(site: Site) -> tuple[Story, str]:
    """A case whose first version is fixed for signing."""
    story = opened(site.house)
    lin = site.visitor(story.people["mediator"])
    await propose(lin, story, "43000", "43000")
    agreement = await agreement_id(lin, story)
    await lin.post(f"/agreements/{agreement}/freeze", {"version": "1"})
    return story, agreement


async def sign(who: Visitor, agreement: str, letters: Letters, phone: str) -> tuple[int, str]:
    path = f"/agreements/{agreement}"
    page = await (await who.get(f"{path}/signature")).text()
    seen = {"version": field_of(page, "version"), "seen": field_of(page, "seen")}
    await who.post(f"{path}/code", seen)
    form = seen | {"code": await letters.code(phone), "willing": "yes"}
    answer = await who.post(f"{path}/signature", form)
    return answer.status, answer.headers.get("Location", "")


async def test_terms_are_drafted_in_rows_and_become_a_text(site: Site) -> None:
    story = opened(site.house)
    lin = site.visitor(story.people["mediator"])

    status, _ = await propose(lin, story, "43,000", "４３０００元", late_rate="6", clauses="Keep the peace.")
    page = html.unescape(
        await (await site.visitor(story.people["respondent"]).get(f"/cases/{story.case}/agreement")).text()
    )

    assert status == 303
    assert "CNY 86,000" in page
    assert "28 January 2036" in page
    assert "interest of 6% a year" in page
    assert "Keep the peace." in page
    assert re.search(r'data-digest="[0-9a-f]{64}"', page)


async def test_rows_are_added_spread_and_taken_out_without_a_script(site: Site) -> None:
    story = opened(site.house)
    lin = site.visitor(story.people["mediator"])
    path = f"/cases/{story.case}/agreement"

    _, added = await post_rows(lin, path, [*rows(story, "100"), ("do", "add")])
    _, fewer = await post_rows(lin, path, [*rows(story, "100", "200"), ("do", "remove-1")])
    spreading = [
        ("spread_total", "86000"),
        ("spread_count", "4"),
        ("spread_first", "2036-01-31"),
        ("do", "spread"),
    ]
    _, many = await post_rows(lin, path, [*rows(story, ""), *spreading])

    assert re.findall(r'name="amount" value="(\d*)"', added) == ["100", ""]
    assert re.findall(r'name="amount" value="(\d*)"', fewer) == ["200"]
    assert re.findall(r'name="amount" value="(\d*)"', many) == ["21500"] * 4
    assert re.findall(r'name="due" type="date" value="([\d-]*)"', many)[1] == "2036-02-29"


async def test_what_is_missing_is_said_at_its_row_and_the_rest_is_kept(site: Site) -> None:
    story = opened(site.house)
    lin = site.visitor(story.people["mediator"])
    fields = rows(story, "100", "many")

    status, page = await post_rows(lin, f"/cases/{story.case}/agreement", [*fields, ("do", "save")])

    assert status == 422
    assert 'id="row-2-wrong"' in page
    assert re.findall(r'name="amount" value="(\w*)"', page) == ["100", "many"]


async def test_a_change_to_a_version_that_is_no_longer_the_latest_is_not_taken(site: Site) -> None:
    story = opened(site.house)
    lin, chen = site.visitor(story.people["mediator"]), site.visitor(story.people["claimant"])
    await propose(lin, story, "80000")
    await propose(chen, story, "86000", base=1)

    status, page = await propose(lin, story, "82000", base=1)

    assert status == 409
    assert 'value="82000"' in page


async def test_versions_are_compared_word_by_word_and_field_by_field(site: Site) -> None:
    story = opened(site.house)
    lin, bo = site.visitor(story.people["mediator"]), site.visitor(story.people["respondent"])
    await propose(lin, story, "80000")
    await propose(lin, story, "86000", base=1, costs="shared")
    agreement = await agreement_id(lin, story)

    page = await (await bo.get(f"/agreements/{agreement}/comparison?from=1&to=2")).text()
    old = await (await bo.get(f"/agreements/{agreement}/versions/1")).text()

    assert "<del>CNY 80,000</del> <ins>CNY 86,000</ins>" in page
    assert "<del>No fee is charged</del> <ins>Shared equally</ins>" in page
    assert "80,000 (eighty thousand yuan)" in old
    for odd in ("?from=1&to=9", "?from=x&to=2", "", "?from=1"):
        assert (await bo.get(f"/agreements/{agreement}/comparison{odd}")).status == 404


async def test_only_the_mediator_fixes_a_text_and_then_nothing_can_be_proposed(site: Site) -> None:
    story = opened(site.house)
    lin, chen = site.visitor(story.people["mediator"]), site.visitor(story.people["claimant"])
    await propose(lin, story, "86000")
    agreement = await agreement_id(lin, story)

    early = await chen.post(f"/agreements/{agreement}/freeze", {"version": "1"})
    done = await lin.post(f"/agreements/{agreement}/freeze", {"version": "1"})
    late, _ = await propose(chen, story, "1", base=1)
    undone = await lin.post(f"/agreements/{agreement}/freeze", {"undo": "yes"})
    again, _ = await propose(chen, story, "85000", base=1)

    assert early.status == 403
    assert done.status == 303
    assert late == 409
    assert undone.status == 303
    assert again == 303


async def test_two_signatures_settle_the_case_and_a_certificate_follows(site: Site, letters: Letters) -> None:
    story, agreement = await frozen(site)
    chen, gu = site.visitor(story.people["claimant"]), site.visitor(story.people["agent"])

    first = await sign(chen, agreement, letters, CHEN.phone)
    between = await (await gu.get(f"/agreements/{agreement}/signature")).text()
    last = await sign(gu, agreement, letters, GU.phone)
    case = await (await site.visitor(story.people["respondent"]).get(f"/cases/{story.case}")).text()
    document = re.search(r'data-digest="([0-9a-f]{64})"', between)

    assert first == (303, f"/agreements/{agreement}/signature")
    assert last == (303, f"/cases/{story.case}#outcome")
    assert CHEN.name in between
    assert "have settled their dispute" in case
    assert "CNY 86,000" in case
    assert document is not None
    await _is_certified(site, story, document[1])


async def _is_certified(site: Site, story: Story, digest: str) -> None:
    bo = site.visitor(story.people["respondent"])
    for _ in range(200):
        answer = await bo.get(f"/cases/{story.case}/certificate")
        if answer.status == 303:
            break
        await asyncio.sleep(0.1)
    pdf = await bo.get(answer.headers["Location"])
    code = site.house.ask(_code, story.case)
    nobody = site.visitor()
    genuine = await (await nobody.get(f"/genuine/{code}")).text()
    unknown = await nobody.get("/genuine?number=ABC")

    assert (await pdf.read()).startswith(b"%PDF")
    assert "This certificate is genuine" in genuine
    assert digest in genuine
    assert BO.name not in genuine
    assert "86,000" not in genuine
    assert unknown.status == 404
    assert "We know no document with this number" in await unknown.text()


def _code(session: Session, case: str) -> str:
    outcome = outcome_of(session, case)
    assert outcome is not None
    return outcome.code


async def test_signing_needs_a_fresh_code_and_a_deliberate_tick(site: Site, letters: Letters) -> None:
    story, agreement = await frozen(site)
    bo = site.visitor(story.people["respondent"])
    path = f"/agreements/{agreement}"
    page = await (await bo.get(f"{path}/signature")).text()
    seen = {"version": field_of(page, "version"), "seen": field_of(page, "seen")}
    await bo.post(f"{path}/code", seen)
    code = await letters.code(BO.phone)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"

    hasty = await bo.post(f"{path}/signature", seen | {"code": code})
    mistyped = await bo.post(f"{path}/signature", seen | {"code": wrong, "willing": "yes"})
    other = await bo.post(f"{path}/signature", seen | {"seen": "0" * 64, "code": code, "willing": "yes"})
    right = await bo.post(f"{path}/signature", seen | {"code": code, "willing": "yes"})
    after = await (await bo.get(f"{path}/signature")).text()

    assert (hasty.status, mistyped.status, other.status, right.status) == (422, 422, 409, 303)
    assert 'id="willing-wrong"' in await hasty.text()
    assert 'id="code-wrong"' in await mistyped.text()
    assert "You have signed" in after
    assert 'name="code"' not in after


async def test_the_signing_page_says_what_changed_since_it_was_last_read(site: Site) -> None:
    story = opened(site.house)
    lin, bo = site.visitor(story.people["mediator"]), site.visitor(story.people["respondent"])
    await propose(lin, story, "80000")
    await bo.get(f"/cases/{story.case}/agreement")
    await propose(lin, story, "86000", base=1)
    agreement = await agreement_id(lin, story)
    await lin.post(f"/agreements/{agreement}/freeze", {"version": "2"})

    first = await (await bo.get(f"/agreements/{agreement}/signature")).text()
    with_code = await (await bo.get(f"/agreements/{agreement}/signature?code=sent")).text()

    assert "You last read version 1." in first
    assert "<del>CNY 80,000</del> <ins>CNY 86,000</ins>" in first
    assert "<del>CNY 80,000</del> <ins>CNY 86,000</ins>" in with_code


async def test_who_does_not_sign_opens_the_text_again(site: Site) -> None:
    story, agreement = await frozen(site)
    bo = site.visitor(story.people["respondent"])

    unsure = await bo.post(f"/agreements/{agreement}/refusal", {"version": "1"})
    sure = await bo.post(f"/agreements/{agreement}/refusal", {"version": "1", "sure": "yes"})
    page = await (await bo.get(f"/cases/{story.case}/agreement")).text()

    assert unsure.status == 422
    assert sure.status == 303
    assert "Not signed; open for changes" in page


async def test_the_bench_and_strangers_do_not_read_drafts(site: Site) -> None:
    story = opened(site.house)
    lin = site.visitor(story.people["mediator"])
    await propose(lin, story, "86000")
    agreement = await agreement_id(lin, story)

    for role in ("judge", "clerk", "stranger"):
        who = site.visitor(story.people[role])
        assert "86,000" not in await (await who.get(f"/cases/{story.case}/agreement")).text()
        for path in ("versions/1", "comparison?from=1&to=1", "signature"):
            assert (await who.get(f"/agreements/{agreement}/{path}")).status == 404
        assert (await who.post(f"/agreements/{agreement}/freeze", {"version": "1"})).status == 404
