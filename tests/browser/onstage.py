"""What the browser tests of the stage share: people let in, what a page asks of the server, and its modules' state."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page

from tests.browser.rooms import OpenRoom, is_on_stage
from tests.browser.visitor import Visitor

# Keeps every request that a page sends, by its name.
LISTEN = """(() => {
  globalThis.sent = []
  const send = WebSocket.prototype.send
  WebSocket.prototype.send = function (data) {
    const asked = typeof data === "string" && /^42\\d*(\\[.*)$/s.exec(data)
    if (asked) sent.push(JSON.parse(asked[1]))
    return send.call(this, data)
  }
})()"""

MODULE = """(name) => import(performance.getEntriesByType("resource").map((one) => one.name).find((one) => one.endsWith(`/js/${name}`)))"""


async def begin(
    room: OpenRoom, *, listens: bool = False, devices: tuple[str, str] = ("desktop", "phone")
) -> tuple[Visitor, Visitor, Visitor]:
    """Mediator, claimant and respondent, all let in."""
    lin = await room.comes("mediator")
    await lin.page.locator("[data-part=start]").click()
    await is_on_stage(lin.page)
    others = []
    for role, device in zip(("claimant", "respondent"), devices, strict=True):
        visitor = await room.comes(role, device=device)
        if listens:
            await visitor.context.add_init_script(LISTEN)
            await visitor.page.reload()
        await visitor.page.locator("[data-part=join]").click()
        await is_on_stage(visitor.page, "waiting")
        await lin.page.locator(f"[data-part=queue] {room.of(role)} button").click()
        await is_on_stage(visitor.page)
        others.append(visitor)
    return lin, others[0], others[1]


async def asked(page: Page, name: str) -> list[dict[str, Any]]:
    """What this page has asked of the server under this name, in its order; only of pages that listen."""
    found: list[dict[str, Any]] = await page.evaluate(
        "(name) => sent.filter((one) => one[0] === name).map((one) => one[1])", name
    )
    return found


async def hears_push(page: Page, name: str, said: dict[str, Any]) -> None:
    """What the page does when the server says this."""
    await page.evaluate(
        f"([name, said]) => ({MODULE})('connection.js').then((line) => line.tell(name, said))", [name, said]
    )


async def shown_on(page: Page, name: str, said: dict[str, Any], *selectors: str) -> list[str]:
    """What stands at these places right after the server has said this; what it says next may change it."""
    found: list[str] = await page.evaluate(
        f"""async ([name, said, places]) => {{
          (await ({MODULE})("connection.js")).tell(name, said)
          await new Promise((drawn) => setTimeout(drawn, 100))
          return places.map((place) => document.querySelector(place)).map((one) => one === null || one.closest("[hidden]") ? "" : one.textContent)
        }}""",
        [name, said, selectors],
    )
    return found


async def stage_now(page: Page, script: str) -> Any:
    """Looks at the stage's state, as `now`."""
    return await page.evaluate(f"() => ({MODULE})('stage/now.js').then(({{ now, show }}) => {{ {script} }})")
