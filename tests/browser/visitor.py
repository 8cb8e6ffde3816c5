"""A person at a browser: a context of their own, with a device, a language, a theme and a line."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Error, Page

PATIENCE = 15
"""Seconds for what comes at once where nothing else runs."""
SCREENSHOTS = Path(__file__).resolve().parents[2] / ".screenshots"
DEVICES: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
    "desktop": {"viewport": {"width": 1280, "height": 800}},
}
WCAG_2_2_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

# Pictures of 640×480 for five people would be more than two cores can encode and decode; `cameraSize` asks for others.
GENTLE_CAMERA = """(() => {
  if (!globalThis.MediaDevices) return
  const ask = MediaDevices.prototype.getUserMedia
  MediaDevices.prototype.getUserMedia = function (wanted) {
    if (!wanted?.video) return ask.call(this, wanted)
    const named = typeof wanted.video === "object" ? wanted.video : {}
    const [width, height] = globalThis.cameraSize ?? [320, 240]
    const small = { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: 10 } }
    return ask.call(this, { ...wanted, video: { ...named, ...small } })
  }
})()"""

# Sends this browser's media to another port: the client writes the server's candidates into the description that it
# sets, so there is the one place where a detour can be told without touching the protocol or the server.
DETOUR = """(() => {
  const set = RTCPeerConnection.prototype.setRemoteDescription
  const turn = (line) => line.replace(/^(a=candidate:\\S+ \\d+ udp \\d+) \\S+ \\d+ /i, "$1 ADDRESS PORT ")
  RTCPeerConnection.prototype.setRemoteDescription = function (description) {
    const lines = description.sdp.split("\\r\\n").filter((line) => !/^a=candidate:.* tcp /i.test(line))
    return set.call(this, { type: description.type, sdp: lines.map(turn).join("\\r\\n") })
  }
})()"""


def detour(address: str, port: int) -> str:
    """A script for a page: all its media goes to that address and port instead of the server's."""
    return DETOUR.replace("ADDRESS", address).replace("PORT", str(port))


@dataclass
class Visitor:
    """Somebody in front of a page, and what went wrong there."""

    name: str
    device: str
    locale: str
    theme: str
    context: BrowserContext
    page: Page
    troubles: list[str] = field(default_factory=list)

    @classmethod
    async def arrive(cls, browser: Browser, name: str, device: str, locale: str, theme: str) -> Visitor:
        context = await browser.new_context(
            **DEVICES[device],
            locale=locale,
            color_scheme="dark" if theme == "dark" else "light",
            permissions=["camera", "microphone"],
            ignore_https_errors=True,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE * 1000)
        await context.add_init_script(GENTLE_CAMERA)
        visitor = cls(name, device, locale, theme, context, await context.new_page())
        context.on("weberror", lambda found: visitor.troubles.append(f"{found.error}"))
        context.on("console", visitor._heard)
        return visitor

    def _heard(self, said: ConsoleMessage) -> None:
        """A policy that was violated and an error that nobody caught are faults; a refused request is not."""
        if said.type == "error" and ("Content Security Policy" in said.text or "Uncaught" in said.text):
            self.troubles.append(said.text)

    async def picture(self, what: str, *, page: Page | None = None) -> Path:
        """Leave a screenshot that people can look at later."""
        SCREENSHOTS.mkdir(exist_ok=True)
        path = SCREENSHOTS / f"{what}-{self.device}-{self.theme}-{self.locale}.png"
        await (page or self.page).screenshot(path=path, animations="disabled", full_page=True)
        return path

    async def leave(self) -> None:
        try:
            await self.context.close()
        except Error as gone:  # a browser that was killed has closed its contexts already
            self.troubles += [] if "closed" in str(gone) else [str(gone)]


async def until(page: Page, expression: str, *, within: float = PATIENCE) -> Any:
    """Wait until an expression is true in the page; `wait_for_function` cannot, for our policy forbids eval."""
    async with asyncio.timeout(within):
        while not (found := await page.evaluate(expression)):
            await asyncio.sleep(0.05)
    return found


async def assert_accessible(page: Page, *, leaving_out: list[str] | None = None) -> None:
    """No violation of WCAG 2.2 AA that axe-core can find; the elements are named where there is one."""
    options: dict[str, Any] = {
        "runOnly": {"type": "tag", "values": WCAG_2_2_AA},
        "resultTypes": ["violations"],
    }
    context = {"exclude": [[selector] for selector in leaving_out]} if leaving_out else None

    found = (await Axe().run(page, context=context, options=options)).response["violations"]

    assert not found, "\n".join(
        f"{violation['id']}: {violation['help']}\n    {node['html'][:200]}\n    {node['failureSummary']}"
        for violation in found
        for node in violation["nodes"]
    )
