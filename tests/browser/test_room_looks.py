"""How the room looks: usable by everybody, light enough for a phone, and drawn on every size, in both themes and languages."""

from pathlib import Path

import pytest

from mediation.rooms.message import post_message
from tests.browser.conftest import Arrive
from tests.browser.rooms import OpenRoom, an_open_room, hears
from tests.browser.visitor import DEVICES, assert_accessible

pytestmark = pytest.mark.browser

WIDTHS = (700, 1100)
"""Where the list of people is a drawer, and the narrowest screen on which all three columns stand."""
NO_SCROLLING_SIDEWAYS = "() => document.documentElement.scrollWidth <= innerWidth"


@pytest.mark.parametrize(
    ("role", "device", "theme"),
    [("claimant", "phone", "light"), ("respondent", "phone", "dark"), ("mediator", "desktop", "light")],
)
async def test_the_room_shuts_nobody_out(
    tmp_path: Path, arrive: Arrive, role: str, device: str, theme: str
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        talk(room)
        one = await room.comes(role, device=device, theme=theme)
        await hears(one.page, "大家好")

        assert await one.page.evaluate(NO_SCROLLING_SIDEWAYS)
        await assert_accessible(one.page)
        await one.picture("room")
        for width in WIDTHS:
            await one.page.set_viewport_size({"width": width, "height": 800})
            assert await one.page.evaluate(NO_SCROLLING_SIDEWAYS)
            await assert_accessible(one.page)
        await one.page.set_viewport_size(DEVICES[device]["viewport"])

        await one.page.locator(".place--private").first.click()
        await assert_accessible(one.page)
        await one.picture("room-private")

        await one.page.locator("[popovertarget=plus]").click()
        await one.page.locator("[data-part=document]").click()
        await assert_accessible(one.page)
        await one.picture("room-document")


async def test_everything_in_the_room_can_be_reached_with_the_keyboard(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin = await room.comes("mediator")

        await lin.page.keyboard.press("Tab")
        await lin.page.keyboard.press("Enter")
        await lin.page.keyboard.type("写给大家")
        await lin.page.keyboard.press("Enter")
        await hears(lin.page, "写给大家")

        await lin.page.locator(".place[aria-selected=true]").focus()
        await lin.page.keyboard.press("ArrowRight")
        assert await lin.page.evaluate("document.activeElement.classList.contains('place--private')")
        assert await lin.page.locator(".place--private[aria-selected=true]").count() == 1


def talk(room: OpenRoom) -> None:
    """A few words from each side; one name and one word are longer than a phone is wide."""
    said = [
        ("mediator", "大家好，我是调解员。今天先听一听双方的想法。"),
        ("claimant", "我希望先拿回本金，利息可以商量。"),
        ("respondent", "I can pay in instalments. " + "Instalmentsinstalments" * 8),
    ]
    for n, (role, text) in enumerate(said):
        room.site.house.do(
            post_message, by=room.id(role), channel=room.story.talks, text=text, client_id=f"k{n}"
        )
