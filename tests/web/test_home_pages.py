"""Home: what waits in each room, and search over all of them; for each person only what they may read."""

import re

import pytest

from mediation.rooms.message import post_message
from tests.cast import BO
from tests.site import Site
from tests.stories import Story, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")


def says(site: Site, story: Story, role: str, text: str, channel: str, mentions: tuple[str, ...] = ()) -> int:
    who = {"by": story.people[role], "channel": channel, "client_id": text[:40], "mentions": mentions}
    return site.house.do(post_message, **who, text=text).seq


async def test_home_says_what_waits_in_a_room_and_search_leads_to_it(site: Site) -> None:
    story = opened(site.house)
    assert story.private is not None
    bo, chen = (site.visitor(story.people[role]) for role in ("respondent", "claimant"))
    says(site, story, "mediator", "请看借款合同", story.talks, (story.people["respondent"],))
    secret = says(site, story, "respondent", "借款我最多还七万 <b>", story.private["respondent"])

    home, other = await (await bo.get("/")).text(), await (await chen.get("/")).text()
    mine = await (await bo.get("/search?q=借款")).text()
    theirs = await (await chen.get("/search?q=借款")).text()
    nothing = await (await bo.get("/search?q=quinquereme")).text()
    unasked = await (await bo.get("/search")).text()

    assert "You were mentioned" in home
    assert "You were mentioned" not in other
    assert waiting_in(home) == waiting_in(other) + 1
    assert f'href="/rooms/{story.room}#{story.private["respondent"]}:{secret}"' in mine
    assert "<mark>借款</mark>我最多还七万 &lt;b&gt;" in mine
    assert mine.count("<mark>") == 2
    assert BO.name in mine
    assert theirs.count("<mark>") == 1
    assert "七万" not in theirs
    assert "Nothing found" in nothing
    assert "<mark>" not in unasked


async def test_a_search_has_a_longest_and_a_bound_for_each_person(site: Site) -> None:
    story = opened(site.house)
    stranger, bo = site.visitor(story.people["stranger"]), site.visitor(story.people["respondent"])
    says(site, story, "mediator", "a word", story.talks)

    long = await stranger.get("/search?q=" + "a" * 201)
    answers = [(await stranger.get("/search?q=word")).status for _ in range(41)]

    assert long.status == 422
    assert "at most 200 characters" in await long.text()
    assert (answers[0], answers[-1]) == (200, 429)
    assert (await bo.get("/search?q=word")).status == 200


async def test_numbers_that_could_be_misused_are_masked_in_what_was_found(site: Site) -> None:
    story = opened(site.house)
    says(site, story, "claimant", "payback to 4111 1111 1111 1111", story.talks)

    page = await (await site.visitor(story.people["claimant"]).get("/search?q=payback")).text()

    assert "************1111" in page
    assert "4111 1111" not in page


def waiting_in(page: str) -> int:
    found = re.search(r'<span class="count"><span class="unseen">[^<]*</span>(\d+)', page)
    assert found
    return int(found[1])
