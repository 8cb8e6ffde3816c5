"""How one looks at the meeting: who is large, what is fetched, the keys, and what is said of weak lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Route

from tests.browser.conftest import Arrive
from tests.browser.onstage import asked, begin, hears_push, shown_on, stage_now
from tests.browser.rooms import OpenRoom, an_open_room, is_in, is_on_stage
from tests.browser.visitor import Visitor, assert_accessible, until

pytestmark = pytest.mark.browser

FITS = """() => {
  const box = document.querySelector("[data-part=tiles]").getBoundingClientRect()
  const tiles = [...document.querySelectorAll(".tile")].map((tile) => tile.getBoundingClientRect())
  const apart = tiles.every((a, n) => tiles.slice(n + 1).every((b) =>
    a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1))
  const within = tiles.every((a) => a.left >= box.left - 1 && a.right <= box.right + 1)
  return { apart, within, smallest: Math.min(...tiles.map((a) => Math.min(a.width, a.height))), room: innerHeight - box.bottom }
}"""
HIDE = """(state) => {
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state })
  document.dispatchEvent(new Event("visibilitychange"))
}"""


async def let_guests_in(route: Route) -> None:
    """A case of six has no sixteen people: guests with long names are known to the page, on each side in turn."""
    answer = await route.fetch()
    guest = """{ id, name: "Wolfeschlegelsteinhausenbergerdorff " + id, side: ["claimant", "respondent", "bench"][Number(id.slice(5)) % 3], standing: "claimant", online: true }"""
    known = "return id ? people.get(id) : undefined"
    script = await answer.text()
    assert known in script
    await route.fulfill(
        response=answer, body=script.replace(known, f"return id ? people.get(id) ?? ({guest}) : undefined")
    )


async def alone(room: OpenRoom, *, device: str = "desktop") -> Visitor:
    lin = await room.comes("mediator", device=device)
    await lin.page.locator("[data-part=start]").click()
    await is_on_stage(lin.page)
    return lin


@pytest.mark.parametrize("device", ["desktop", "phone"])
async def test_every_number_of_pictures_has_its_place(tmp_path: Path, arrive: Arrive, device: str) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin = await room.comes("mediator", device=device)
        await lin.page.route("**/js/facts.js", let_guests_in)
        await lin.page.reload()
        await lin.page.locator("[data-part=start]").click()
        await is_on_stage(lin.page)
        for count in (1, 2, 4, 6, 9, 16):
            crowd = [room.id("mediator"), *(f"guest{n}" for n in range(15))][:count]
            await stage_now(lin.page, f"now.people = new Set({crowd}); show()")
            for way in ("auto", "grid", "speaker", "bench"):
                await lin.page.evaluate(
                    "(way) => { const field = document.querySelector(`[name=way][value=${way}]`); field.checked = true; field.dispatchEvent(new Event('change', { bubbles: true })) }",
                    way,
                )
                await until(
                    lin.page,
                    f"document.querySelectorAll('.tile').length === {count} && new Promise((drawn) => setTimeout(() => drawn(true), 60))",
                )
                found = await lin.page.evaluate(FITS)
                assert found["within"], (count, way)
                assert found["smallest"] >= 40, (count, way, found)
                assert found["room"] > 100 or device == "desktop", (count, way, found)
                if device == "desktop":
                    assert found["apart"], (count, way)


async def test_whom_one_pins_is_large_for_oneself_and_stays_so(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, chen, _ = await begin(room)
        tile = f".tile{room.of('respondent')}"

        await chen.page.locator(f"{tile} [data-part=pin]").click()
        await chen.page.locator(f"{tile}.tile--large").wait_for()
        assert await chen.page.locator(".tile--large").count() == 1
        assert await lin.page.locator(".tile--large").count() == 0
        await chen.picture("room-pinned")

        await chen.page.reload()
        await is_in(chen.page)
        await is_on_stage(chen.page)
        await chen.page.locator(f"{tile}.tile--large").wait_for()
        await chen.page.locator(f"{tile} [data-part=pin]").click()
        await chen.page.locator("[data-layout=grid]").wait_for()


async def test_whom_the_mediator_shows_large_is_large_for_everybody_who_has_not_pinned_another(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, chen, bo = await begin(room)
        tile = f".tile{room.of('respondent')}"
        row = lin.page.locator(f".people__person{room.of('respondent')}")
        open_menu = row.locator(".people__acts > .button--round")

        await open_menu.click()
        await lin.page.get_by_role("button", name="向所有人放大显示").click()
        await chen.page.locator(f"{tile}.tile--large .tile__mark[title]").wait_for()
        await lin.page.locator(f"{tile}.tile--large").wait_for()
        await bo.page.locator(".toast", has_text="shows you large to everybody").wait_for()
        await lin.picture("room-spotlight")
        await bo.picture("room-spotlight-own")

        await chen.page.locator(f".tile{room.of('mediator')} [data-part=pin]").click()
        await chen.page.locator(f".tile{room.of('mediator')}.tile--large").wait_for()
        assert await chen.page.locator(".tile--large").count() == 1
        await open_menu.click()
        await lin.page.get_by_role("button", name="取消向所有人放大显示").click()
        await lin.page.locator("[data-layout=grid]").wait_for()


async def test_each_picture_is_fetched_as_large_as_it_is_seen_and_not_where_nobody_sees_it(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, chen, _ = await begin(room, listens=True)
        page = chen.page
        box = await page.locator(f".tile{room.of('mediator')}").bounding_box()
        assert box
        await until(
            page,
            f"sent.some(([name, one]) => name === 'set_layers' && Math.abs(one.width - {box['width']}) < 40)",
        )

        for end, begins in (
            (page.evaluate(HIDE, "hidden"), page.evaluate(HIDE, "visible")),
            (page.keyboard.press("Alt+KeyN"), page.keyboard.press("Alt+KeyN")),
        ):
            before = len(await asked(page, "set_layers"))
            await end
            await until(page, f"sent.filter((one) => one[0] === 'set_layers').length >= {before + 2}")
            assert all(one["width"] == 0 for one in (await asked(page, "set_layers"))[before:])
            await begins
            await until(page, f"sent.filter((one) => one[0] === 'set_layers').length >= {before + 4}")
            assert all(one["width"] > 0 for one in (await asked(page, "set_layers"))[before + 2 :])

        await page.keyboard.press("Alt+KeyN")
        await lin.page.locator(f".tile{room.of('claimant')}[data-camera=off]").wait_for()
        await page.locator("[data-part=says-words]", has_text="节省流量").wait_for()


async def test_the_microphone_is_open_for_as_long_as_space_is_held(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, chen, _ = await begin(room)
        tile = f".tile{room.of('claimant')}"
        await chen.page.keyboard.press("Alt+KeyM")
        await lin.page.locator(f"{tile}[data-mic=off]").wait_for()

        await chen.page.keyboard.down("Space")
        await lin.page.locator(f"{tile}[data-mic=on]").wait_for()
        await chen.page.keyboard.up("Space")
        await lin.page.locator(f"{tile}[data-mic=off]").wait_for()

        await chen.page.locator("#message").press("Space")
        assert await chen.page.locator("#message").input_value() == " "
        assert await chen.page.locator(".tile--own[data-mic=off]").count() == 1


async def test_the_keys_are_listed_and_can_be_switched_off(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin = await alone(room)

        await lin.page.evaluate("document.activeElement.blur()")
        await lin.page.keyboard.press("?")
        sheet = lin.page.locator("[data-part=keys-sheet][open]")
        await sheet.wait_for()
        await assert_accessible(lin.page)
        await lin.picture("room-keys")
        await sheet.locator("[data-part=alone]").uncheck()
        await sheet.locator("[data-part=done]").click()
        await lin.page.evaluate("document.activeElement.blur()")
        await lin.page.keyboard.press("?")
        await lin.page.keyboard.press("Space")

        assert await sheet.count() == 0
        assert await lin.page.locator(".tile--own[data-mic=on]").count() == 1

        await lin.page.locator("[data-part=tools] [data-part=view]").click()
        await lin.page.locator("[data-part=view-menu]").wait_for()
        await assert_accessible(lin.page)
        await lin.picture("room-view")


async def test_hands_are_numbered_in_their_order(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin, chen, bo = await begin(room)

        await bo.page.locator("[data-part=hand]").click()
        await lin.page.locator(f".tile{room.of('respondent')}", has_text="1").wait_for()
        await chen.page.locator("[data-part=hand]").click()

        await lin.page.locator(f".tile{room.of('claimant')} .tile__mark", has_text="2").wait_for()
        await lin.page.locator(f".people__person{room.of('claimant')} .people__mark", has_text="2").wait_for()


@pytest.mark.parametrize(("role", "theme"), [("claimant", "light"), ("respondent", "dark")])
async def test_a_weak_line_is_said_plainly_with_what_to_do(
    tmp_path: Path, arrive: Arrive, role: str, theme: str
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin = await alone(room)
        one = await room.comes(role, device="phone", theme=theme)
        await one.page.locator("[data-part=join]").click()
        await is_on_stage(one.page, "waiting")
        await lin.page.locator(f"[data-part=queue] {room.of(role)} button").click()
        await is_on_stage(one.page)
        consumer = "[...now.line.consumers.values()].find((one) => one.kind === 'video')?.id"
        await until(one.page, "document.querySelector('.tile[data-picture=true]:not(.tile--own)') !== null")
        paused = await stage_now(one.page, f"return {consumer}")

        await hears_push(
            one.page,
            "consumer_layers",
            {"consumerId": paused, "spatial": -1, "temporal": 0, "spatial_layers": 1},
        )
        figures = {
            "rtt_ms": 240,
            "loss_up": 0.0,
            "loss_down": 0.12,
            "kbit_up": 60,
            "kbit_down": 90,
            "layer": -1,
        }
        line = {
            "room": room.story.room,
            "person": room.id(role),
            "quality": "poor",
            "why": "loss_down",
            **figures,
        }
        await one.page.locator(f".tile{room.of('mediator')}[data-weak=true] [data-part=weak]").wait_for()

        words, save, numbers = await shown_on(
            one.page,
            "network",
            line,
            "[data-part=says-words]",
            "[data-part=says-save]",
            "[data-part=figures-words]",
        )
        assert words
        assert save
        assert "240" in numbers
        await assert_accessible(one.page)
        await shown_on(one.page, "network", line)
        await one.picture("room-weak-line")
        [seen] = await shown_on(lin.page, "network", line, f"details[data-line='{room.id(role)}'] p")
        assert "240" in seen
        await lin.picture("room-figures")

        await hears_push(
            one.page,
            "consumer_layers",
            {"consumerId": paused, "spatial": 0, "temporal": 0, "spatial_layers": 1},
        )
        await one.page.locator(f".tile{room.of('mediator')}[data-weak=false]").wait_for()


async def test_the_screen_stays_on_and_is_held_again_after_one_looked_elsewhere(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin = await room.comes("mediator", device="phone")
        await lin.page.evaluate(
            "globalThis.held = 0; Object.defineProperty(navigator, 'wakeLock', { value: { request: async () => { held++; return { release: async () => { held = -1 } } } } })"
        )
        await lin.page.locator("[data-part=start]").click()
        await is_on_stage(lin.page)
        await until(lin.page, "held > 0")
        before = await lin.page.evaluate("held")

        await lin.page.evaluate(HIDE, "hidden")
        await lin.page.evaluate(HIDE, "visible")
        await until(lin.page, f"held > {before}")
        await lin.page.locator("[data-part=leave]").click()
        await until(lin.page, "held === -1")


async def test_who_may_not_share_asks_for_it_and_a_friendly_mute_is_lifted_by_oneself(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin = await alone(room)
        order = {"room": room.story.room, "person": room.id("mediator")}

        await hears_push(lin.page, "order_changed", {**order, "muted": [], "locked": [], "share": "no"})
        await lin.page.locator("[data-part=screen][aria-label='请求共享屏幕']").wait_for()
        await hears_push(lin.page, "order_changed", {**order, "muted": [], "locked": [], "share": "yes"})
        await lin.page.locator("[data-part=screen][aria-label='共享屏幕']").wait_for()
