"""Arriving: the invitation's page, signing in by a code, and signing out."""

import re

import pytest
from sqlalchemy import delete

from mediation.cases.invitation import invite
from mediation.people.code import Code
from tests.cast import BO, CAST, CHEN
from tests.site import Site, field_of
from tests.stories import Story, registered
from tests.web.letters import Letters
from web.session import SESSION_COOKIE

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(autouse=True)
def nobody_has_asked_for_codes_yet(site: Site) -> None:
    """The site is shared by these tests; the hour's budget of codes is each test's own."""
    site.house.do(lambda work: work.session.execute(delete(Code)))


@pytest.fixture
def letters(capsys: pytest.CaptureFixture[str]) -> Letters:
    return Letters(capsys)


async def link_to(site: Site, story: Story, role: str, letters: Letters) -> str:
    """The path of the invitation that the mediator sends to a person of the case."""
    site.house.do(invite, by=story.actor("mediator"), case=story.case, person=story.people[role])
    return await letters.link(CAST[role].phone)


async def test_an_invited_person_reads_who_asks_and_signs_in_by_a_code(site: Site, letters: Letters) -> None:
    story = registered(site.house)
    path = await link_to(site, story, "respondent", letters)
    bo = site.visitor()

    page = await (await bo.get(path)).text()
    asked = await bo.post(f"{path}/code")
    answer = await bo.post(path, {"code": await letters.code(BO.phone)})

    assert site.house.settings.organisation in page
    assert "+861****0002" in page or "****0002" in page
    assert BO.name not in page
    assert asked.status == 200
    assert answer.status == 303
    assert answer.headers["Location"] == f"/cases/{story.case}/welcome"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{SESSION_COOKIE}=")
    assert "HttpOnly" in cookie
    assert "Secure" in cookie


async def test_opening_an_invitation_never_uses_it_up(site: Site, letters: Letters) -> None:
    path = await link_to(site, registered(site.house), "respondent", letters)

    answers = [await site.visitor().get(path) for _ in range(5)]

    assert {answer.status for answer in answers} == {200}


async def test_an_expired_invitation_says_so_and_sends_no_code(site: Site, letters: Letters) -> None:
    story = registered(site.house)
    old = await link_to(site, story, "respondent", letters)
    site.house.clock.pass_by(minutes=5)
    await link_to(site, story, "respondent", letters)

    page = await (await site.visitor().get(old)).text()
    asked = await site.visitor().post(f"{old}/code")

    assert "This link is no longer good" in page
    assert "Send me a code" not in page
    assert asked.status == 422


async def test_an_unknown_invitation_is_not_found(site: Site) -> None:
    assert (await site.visitor().get("/invitations/nosuchtoken")).status == 404


async def test_a_known_person_signs_in_and_goes_on_to_where_they_wanted(site: Site, letters: Letters) -> None:
    story = registered(site.house)
    chen = site.visitor()

    first = await chen.get(f"/cases/{story.case}")
    form = await (await chen.get(first.headers["Location"])).text()
    wanted = field_of(form, "next")
    await chen.post("/sign-in", {"address": CHEN.phone, "next": wanted})
    code = await letters.code(CHEN.phone)
    answer = await chen.post("/sign-in/code", {"address": CHEN.phone, "code": code, "next": wanted})

    assert wanted == f"/cases/{story.case}"
    assert answer.status == 303
    assert answer.headers["Location"] == wanted


async def test_an_unknown_address_gets_the_same_page_as_a_known_one(site: Site) -> None:
    registered(site.house)
    visitor = site.visitor()

    known = await (await visitor.post("/sign-in", {"address": CHEN.email})).text()
    unknown = await (await visitor.post("/sign-in", {"address": "nobody.here@example.org"})).text()

    assert known.replace(CHEN.email, "X") == unknown.replace("nobody.here@example.org", "X")


async def test_a_wrong_code_is_answered_at_its_field_and_the_address_is_kept(
    site: Site, letters: Letters
) -> None:
    registered(site.house)
    chen = site.visitor()
    await chen.post("/sign-in", {"address": CHEN.phone})
    right = await letters.code(CHEN.phone)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"

    answer = await chen.post("/sign-in/code", {"address": CHEN.phone, "code": wrong})
    page = await answer.text()

    assert answer.status == 422
    assert 'id="code-wrong"' in page
    assert field_of(page, "address") == CHEN.phone
    assert wrong not in page


async def test_after_five_wrong_codes_the_right_one_is_spent(site: Site, letters: Letters) -> None:
    registered(site.house)
    chen = site.visitor()
    await chen.post("/sign-in", {"address": CHEN.phone})
    right = await letters.code(CHEN.phone)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"

    for _ in range(5):
        await chen.post("/sign-in/code", {"address": CHEN.phone, "code": wrong})
    answer = await chen.post("/sign-in/code", {"address": CHEN.phone, "code": right})

    assert answer.status == 429
    assert SESSION_COOKIE not in answer.headers.get("Set-Cookie", "")


async def test_nobody_is_sent_to_another_site_after_signing_in(site: Site, letters: Letters) -> None:
    registered(site.house)
    for elsewhere in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        chen = site.visitor()
        await chen.post("/sign-in", {"address": CHEN.phone})
        code = await letters.code(CHEN.phone)

        answer = await chen.post("/sign-in/code", {"address": CHEN.phone, "code": code, "next": elsewhere})

        assert answer.headers["Location"] == "/"


async def test_signing_out_ends_the_session_for_good(site: Site) -> None:
    story = registered(site.house)
    chen = site.visitor(story.people["claimant"])

    before = await chen.get("/devices")
    left = await chen.post("/sign-out")
    after = await chen.get("/devices")

    assert before.status == 200
    assert left.headers["Clear-Site-Data"] == '"storage"', "drafts and unsent words go with the session"
    assert after.status == 303
    assert after.headers["Location"] == "/sign-in?next=/devices"


async def test_a_person_sees_their_devices_and_signs_another_one_out(site: Site) -> None:
    story = registered(site.house)
    here = site.visitor(story.people["respondent"])
    there = site.visitor(story.people["respondent"])

    page = await (await here.get("/devices")).text()
    theirs = re.findall(r'action="/devices/([\w-]+)/revocation"', page)
    own = re.search(r"this device.*?/devices/([\w-]+)/revocation", page, re.DOTALL)
    assert own is not None
    other = next(one for one in theirs if one != own[1])  # last used first: it is `there`
    await here.post(f"/devices/{other}/revocation")

    assert len(theirs) >= 2
    assert (await here.get("/devices")).status == 200
    assert (await there.get("/devices")).status == 303


async def test_nobody_signs_out_the_device_of_somebody_else(site: Site) -> None:
    story = registered(site.house)
    chen, bo = site.visitor(story.people["claimant"]), site.visitor(story.people["respondent"])
    page = await (await bo.get("/devices")).text()
    device = re.findall(r"/devices/([\w-]+)/revocation", page)[0]

    answer = await chen.post(f"/devices/{device}/revocation")

    assert answer.status == 404
    assert (await bo.get("/devices")).status == 200


async def test_the_language_is_kept_with_the_person(site: Site) -> None:
    story = registered(site.house)
    bo = site.visitor(story.people["respondent"])

    answer = await bo.post("/language", {"locale": "zh-CN", "back": "/devices"})
    page = await (await bo.get("/devices")).text()

    assert answer.headers["Location"] == "/devices"
    assert '<html lang="zh-CN"' in page
    assert "已登录的设备" in page


async def test_a_theme_is_chosen_without_a_script(site: Site) -> None:
    visitor = site.visitor()

    answer = await visitor.post("/theme", {"theme": "dark", "back": "/sign-in"})
    page = await (await visitor.get("/sign-in", Cookie="theme=dark")).text()

    assert "theme=dark" in answer.headers["Set-Cookie"]
    assert "dark.css" in page


async def test_the_size_of_text_is_chosen_without_a_script_and_only_from_what_is_offered(site: Site) -> None:
    visitor = site.visitor()

    answer = await visitor.post("/text-size", {"size": "150", "back": "/sign-in"})
    other = await visitor.post("/text-size", {"size": "900", "back": "/sign-in"})

    assert "size=150" in answer.headers["Set-Cookie"]
    assert "Set-Cookie" not in other.headers
    for cookie, size in (("150", "150"), ("900", "100")):
        page = await (await visitor.get("/sign-in", Cookie=f"size={cookie}")).text()
        assert f'data-size="{size}"' in page


async def test_a_number_written_as_people_at_home_write_it_is_the_same_number(
    site: Site, letters: Letters
) -> None:
    registered(site.house)

    await site.visitor().post("/sign-in", {"address": "138 0000 0001"})

    assert len(await letters.code(CHEN.phone)) == 6
