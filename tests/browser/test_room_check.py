"""The check before a meeting, on a phone: a real way to the server and back, played back, kept."""

from pathlib import Path

import pytest

from mediation.hearings.kit import KitCheck
from tests.browser.conftest import Arrive
from tests.browser.rooms import an_open_room
from tests.browser.visitor import assert_accessible, until

pytestmark = pytest.mark.browser


async def test_the_check_plays_back_what_came_from_the_server_and_the_mediator_sees_the_result(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, chen = await room.comes("mediator"), await room.comes("claimant")
        kit = f".people__person{room.of('respondent')} .people__kit"
        await lin.page.locator(kit, has_text="尚未检测").wait_for()
        bo = await room.comes("respondent", device="phone", path="/check")
        await assert_accessible(bo.page)
        await bo.picture("check-start")

        await bo.page.locator("[data-part=start]").click()
        await bo.page.locator("[data-part=check][data-state=question]").wait_for(timeout=40_000)
        await until(bo.page, "document.querySelector('[data-part=player]').dataset.size > 5000")
        await until(bo.page, "document.querySelector('[data-part=player]').videoWidth > 0")
        await bo.page.locator("[data-part=yes]").click()

        await bo.page.locator("[data-part=check][data-state=done]").wait_for()
        await bo.picture("check-done")
        await assert_accessible(bo.page)
        kept = room.site.house.ask(lambda session: session.query(KitCheck).one())
        assert kept.person_id == room.id("respondent")
        assert kept.camera == "works"
        await lin.page.locator(f"{kit}[data-score={kept.score}]").wait_for()
        await lin.picture("room-kits")
        assert await chen.page.locator(".people__kit").count() == 0

        await bo.page.goto(f"{room.site.origin}/rooms/{room.story.room}")
        await lin.page.locator("[data-part=start]").click()
        await bo.page.locator("[data-part=join]").click()
        await lin.page.locator(
            f"[data-part=queue] {room.of('respondent')} .lead__kit", has_text="已检测"
        ).wait_for()
        await assert_accessible(lin.page)
        await lin.picture("room-kits-queue")
        await lin.page.goto(f"{room.site.origin}/cases/{room.story.case}")
        await assert_accessible(lin.page)
        await lin.picture("case-kits")


async def test_a_refused_camera_gets_a_sentence_that_helps(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        bo = await room.comes("respondent", path="/check")
        await bo.page.evaluate(
            "() => { MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError')) }"
        )

        await bo.page.locator("[data-part=start]").click()

        await bo.page.locator("[data-part=trouble]", has_text="Tap the sign beside the address").wait_for()
        await bo.page.locator("[data-part=check][data-state=done]").wait_for()
