"""The media plane with real Chromium and mediasoup-client, without the product's pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from tests.browser.chromium import FLAGS, the_browser
from tests.signaling.media.chromium import Site
from tests.signaling.media.stand import Stand

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.browser]


@pytest_asyncio.fixture(loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=the_browser(), args=FLAGS, ignore_default_args=["--mute-audio"]
        )
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def site(stand: Stand) -> AsyncIterator[Site]:
    opened = await Site(stand).open()
    yield opened
    await opened.close()


async def arrive(browser: Browser, site: Site, seat: str) -> Page:
    context = await browser.new_context(permissions=["camera", "microphone"])
    page = await context.new_page()
    await page.goto(f"{site.url}?seat={seat}")
    await page.wait_for_function("globalThis.ready")
    return page


async def test_two_browsers_and_a_program_see_and_hear_each_other(
    stand: Stand, site: Site, browser: Browser
) -> None:
    seats = [(await stand.sit()).seat for _ in range(2)]
    one, two = [await arrive(browser, site, seat) for seat in seats]
    ones, twos = await one.evaluate("publish()"), await two.evaluate("publish()")
    program = await stand.enter()
    sound, picture = await program.publish(pitch=400, colour="green")

    waits = [
        await one.evaluate("id => consume(id)", id_) for id_ in (twos["camera"], twos["mic"], picture, sound)
    ]
    await two.evaluate("id => consume(id)", ones["camera"])
    await program.consume(ones["camera"])
    await program.until_decoded(ones["camera"], 10)
    await asyncio.sleep(1)

    camera = await one.evaluate("id => received(id)", twos["camera"])
    drawn = await one.evaluate("id => received(id)", picture)
    heard = await one.evaluate("id => received(id)", sound)
    assert max(waits) < 1500
    assert (camera["width"], drawn["width"]) == (320, 160)
    assert min(camera["frames"], drawn["frames"]) >= 8
    assert heard["energy"] > 0
    assert program.seen[ones["camera"]].size == (320, 240)

    # A new network: both transports restart, and the picture goes on.
    await one.evaluate("restart()")
    await asyncio.sleep(1.5)
    after = await one.evaluate("id => received(id)", twos["camera"])
    assert after["frames"] >= camera["frames"] + 8
    assert after["freezes"] == camera["freezes"]

    # A moderator's hand on the camera: not one frame more, and at once back.
    await stand.plane.hold_producer(twos["camera"])
    await asyncio.sleep(0.3)
    held = await one.evaluate("id => received(id)", twos["camera"])
    await asyncio.sleep(0.7)
    assert (await one.evaluate("id => received(id)", twos["camera"]))["packets"] == held["packets"]
    await stand.plane.release_producer(twos["camera"])
    await asyncio.sleep(1.2)
    assert (await one.evaluate("id => received(id)", twos["camera"]))["frames"] > held["frames"] + 4


async def test_a_picture_in_three_layers_is_shown_in_the_size_of_its_tile_and_never_freezes(
    stand: Stand, site: Site, browser: Browser
) -> None:
    seats = [(await stand.sit()).seat for _ in range(2)]
    sender, viewer = [await arrive(browser, site, seat) for seat in seats]
    made = await sender.evaluate("publishLayers()")
    await viewer.evaluate("id => consume(id)", made)
    consumer = stand.lines[seats[1]].consumers[made]
    before = await viewer.evaluate("id => received(id)", made)

    for width, height in ((960, 540), (240, 135), (480, 270), (960, 540), (240, 135)):
        await stand.plane.set_layers(seats[1], consumer, width, height)
        await viewer.evaluate("([id, width]) => untilWide(id, width)", [made, width])
        await asyncio.sleep(0.5)
    await asyncio.sleep(1)

    after = await viewer.evaluate("id => received(id)", made)
    assert after["freezes"] == before["freezes"]
    assert after["frames"] >= before["frames"] + 20
    assert after["lost"] == before["lost"]
