"""The story of the first mediation, from an invitation to a recorded outcome, with five people at real browsers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrive
from tests.browser.story import agreeing, arriving, caucus, documents, gallery, meeting, talking
from tests.browser.story.demo import Demo, free_port
from tests.browser.story.people import WATCH, Player, Story
from tests.proxy import Proxy, losing

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

expect.set_options(timeout=30_000)


@pytest.fixture
async def story(tmp_path: Path, arrive: Arrive) -> AsyncIterator[Story]:
    """The demo on a fresh folder, and five people in front of it; the respondent's line is a bad one."""
    demo = await Demo(tmp_path / "demo", free_port(), free_port()).start()
    line = await Proxy(
        ("127.0.0.1", demo.media_port), up=losing(0.05), down=losing(0.05, seed=2), jitter=0.05
    ).open("127.0.0.1")

    async def sits(
        role: str, device: str, locale: str, theme: str = "light", line: Proxy | None = None
    ) -> Player:
        card = demo.cards[role]
        visitor = await arrive(card.name, device=device, locale=locale, theme=theme, line=line)
        await visitor.context.add_init_script(WATCH)
        player = Player(card, visitor)
        player.listen()
        return player

    yield Story(
        demo,
        line,
        claimant=await sits("claimant", "phone", "zh-CN", "dark"),
        respondent=await sits("respondent", "desktop", "en", line=line),
        agent=await sits("agent", "phone", "zh-CN"),
        mediator=await sits("mediator", "desktop", "zh-CN"),
        judge=await sits("judge", "desktop", "zh-CN", "dark"),
    )
    await demo.stop()
    await line.close()


async def test_a_mediation_goes_from_an_invitation_to_a_recorded_outcome(
    story: Story, arrive: Arrive
) -> None:
    await arriving.play(story)
    await talking.play(story, arrive)
    await documents.play(story)
    await meeting.play(story)
    await caucus.play(story)
    await gallery.before_the_end(story)
    await agreeing.play(story)
    await gallery.play(story, arrive)
