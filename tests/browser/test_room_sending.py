"""What is sent besides text, in real browsers: voice from press to playback, albums and the viewer, paste and drop, a place."""

from __future__ import annotations

import asyncio
import base64
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import FilePayload, Page, Route

from tests.browser.conftest import Arrive
from tests.browser.rooms import an_open_room, is_on_stage
from tests.browser.visitor import until
from tests.mediation.documents.reels import a_clip

pytestmark = pytest.mark.browser

BRING = """({ how, name, kind, body }) => {
  const bytes = Uint8Array.from(atob(body), (one) => one.charCodeAt(0))
  const data = new DataTransfer()
  data.items.add(new File([bytes], name, { type: kind }))
  const target = document.querySelector("#message")
  if (how === "paste") target.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }))
  else target.dispatchEvent(new DragEvent(how, { dataTransfer: data, bubbles: true, cancelable: true }))
}"""


def a_picture(colour: str) -> bytes:
    made = BytesIO()
    Image.new("RGB", (400, 300), colour).save(made, "PNG")
    return made.getvalue()


def picture(name: str, colour: str) -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": a_picture(colour)}


async def bring(page: Page, how: str, name: str) -> None:
    """A picture is pasted, or dragged over the page, or dropped there."""
    body = base64.b64encode(a_picture("green")).decode()
    await page.evaluate(BRING, {"how": how, "name": name, "kind": "image/png", "body": body})


class Finger:
    """A finger on the voice button, as a telephone tells it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.at = (0.0, 0.0)

    async def press(self) -> None:
        box = await self.page.locator("[data-part=voice]").bounding_box()
        assert box is not None
        self.client = await self.page.context.new_cdp_session(self.page)
        await self.slide(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, kind="touchStart")

    async def slide(self, x: float, y: float, *, kind: str = "touchMove") -> None:
        """By so much; from the button's middle when it comes down."""
        self.at = (self.at[0] + x, self.at[1] + y)
        await self._send(kind, [{"x": self.at[0], "y": self.at[1]}])

    async def lift(self) -> None:
        await self._send("touchEnd", [])

    async def _send(self, kind: str, points: list[dict[str, float]]) -> None:
        await self.client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


async def speaks(page: Page, seconds: int) -> None:
    """Waits until so much was recorded."""
    shown = "document.querySelector('[data-part=voice-time]')?.textContent ?? '0:00'"
    await until(page, f"Number(({shown}).split(':')[1]) >= {seconds}")


async def test_a_held_voice_message_is_played_on_another_device_and_its_speaker_sees_so(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        chen = await room.comes("claimant", device="phone")
        bo = await room.comes("respondent")
        await until(chen.page, "document.querySelector('[data-whole]') !== null")
        await chen.page.locator("[data-part=voice]").focus()  # the recorder comes
        finger = Finger(chen.page)

        for seconds in (1, 2):
            await finger.press()
            await speaks(chen.page, seconds)
            await finger.lift()
            finger.at = (0.0, 0.0)
            await chen.page.locator(".bubble[data-seq] .voice").nth(seconds - 1).wait_for()

        voices = bo.page.locator(".bubble[data-seq] .voice")
        await voices.nth(1).wait_for()
        assert await voices.nth(0).get_attribute("data-played") == "0"
        assert await chen.page.locator(".voicebar").count() == 0
        await voices.nth(0).locator("button").first.click()
        await bo.page.locator(".voice[data-playing=true]").wait_for()
        # The second goes on by itself, and both are marked for who spoke.
        await until(chen.page, "document.querySelectorAll('.voice[data-played=\"1\"]').length === 2")
        await until(bo.page, "document.querySelectorAll('.voice[data-playing=true]').length === 0")
        path = await voices.nth(0).locator("path").first.get_attribute("d")
        assert path is not None
        assert len({part.partition("V")[2] for part in path.split("M")[1:]}) > 1, "the beeps are seen"


async def test_a_finger_discards_or_locks_and_keys_do_it_all(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        chen = await room.comes("claimant", device="phone")
        bo = await room.comes("respondent")
        await until(chen.page, "document.querySelector('[data-whole]') !== null")
        await chen.page.locator("[data-part=voice]").focus()
        finger = Finger(chen.page)

        await finger.press()
        await speaks(chen.page, 1)
        await finger.slide(-60, 0)
        await finger.slide(-60, 0)
        await chen.page.locator(".voicebar").wait_for(state="detached")
        await finger.lift()

        finger = Finger(chen.page)
        await finger.press()
        await speaks(chen.page, 1)
        await finger.slide(0, -90)
        await finger.lift()
        await chen.page.locator(".voicebar[data-mode=open] [data-part=voice-discard]").click()

        await bo.page.locator("[data-part=voice]").focus()
        await bo.page.keyboard.press("Enter")
        await bo.page.locator(".voicebar[data-mode=open]").wait_for()
        await bo.page.keyboard.press("Enter")  # at once: too short
        await bo.page.locator(".toast", has_text="Too short").wait_for()
        await bo.page.locator("[data-part=voice]").focus()
        await bo.page.keyboard.press("Enter")
        await speaks(bo.page, 1)
        await bo.page.keyboard.press("Enter")

        assert await bo.page.locator(".bubble[data-seq] .voice").count() in {0, 1}
        await chen.page.locator(".bubble[data-seq] .voice").wait_for()
        assert await chen.page.locator(".bubble--own .voice").count() == 0


async def test_a_finger_that_holds_before_the_recorder_has_come_records_when_it_comes(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        chen = await room.comes("claimant", device="phone")
        line = asyncio.Event()

        async def slowly(route: Route) -> None:
            await line.wait()
            await route.continue_()

        await chen.page.route("**/js/voice.js", slowly)
        await chen.page.reload()
        await until(chen.page, "document.querySelector('[data-whole]') !== null")
        finger = Finger(chen.page)

        await finger.press()
        line.set()
        await speaks(chen.page, 1)
        await finger.lift()

        await chen.page.locator(".bubble[data-seq] .voice").wait_for()
        assert await chen.page.locator(".voicebar").count() == 0


async def test_the_microphone_of_the_stage_goes_on_while_a_voice_message_is_recorded(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        lin = await room.comes("mediator")
        await lin.page.locator("[data-part=start]").click()
        await is_on_stage(lin.page)
        track = "(async () => (await import(document.querySelector('[href*=\"stage/now.js\"]').href)).now.tracks.get('mic'))()"
        await lin.page.evaluate(f"(async () => {{ globalThis.before = await {track} }})()")

        await lin.page.locator("[data-part=voice]").click()
        await speaks(lin.page, 1)
        hint = await lin.page.locator("[data-part=voice-hint]").inner_text()
        await lin.page.locator("[data-part=voice-send]").click()
        await lin.page.locator(".bubble[data-seq] .voice").wait_for()

        assert "麦克风开着" in hint
        assert await lin.page.evaluate(
            f"(async () => {{ const after = await {track}; return after === before && after.readyState === 'live' && after.enabled }})()"
        )


async def test_an_album_stands_in_the_chosen_order_and_is_looked_at_by_keys(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        chen = await room.comes("claimant", device="phone")
        bo = await room.comes("respondent")
        colours = ("red", "green", "blue")

        await chen.page.locator("[data-part=picker]").set_input_files(
            [picture(f"{colour}.png", colour) for colour in colours]
        )

        tiles = bo.page.locator(".bubble--tile[data-seq] a")
        await tiles.nth(2).wait_for()
        assert [await tiles.nth(n).get_attribute("data-name") for n in range(3)] == [
            f"{one}.png" for one in colours
        ]
        first, second, third = [
            await bo.page.locator(".bubble--tile").nth(n).bounding_box() for n in range(3)
        ]
        assert first is not None
        assert second is not None
        assert third is not None
        assert (first["y"], first["x"] < second["x"], first["y"] < third["y"]) == (second["y"], True, True)
        await tiles.nth(0).focus()
        await bo.page.keyboard.press("Enter")
        viewer = bo.page.locator("dialog.viewer")
        await viewer.locator("img[alt*='red.png']").wait_for()
        await bo.page.keyboard.press("ArrowRight")
        await bo.page.keyboard.press("+")
        await viewer.locator("img[alt*='green.png']").wait_for()
        assert float(await viewer.get_attribute("data-scale") or 0) > 1
        assert await bo.page.evaluate("document.activeElement.closest('dialog.viewer') !== null")
        await bo.page.keyboard.press("Escape")
        await viewer.wait_for(state="detached")
        assert await bo.page.evaluate("document.activeElement.dataset.name") == "green.png"


async def test_a_clip_is_shown_by_its_first_picture_and_played(tmp_path: Path, arrive: Arrive) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        chen = await room.comes("claimant", device="phone")
        bo = await room.comes("respondent")

        films: list[FilePayload] = [
            {"name": "site.webm", "mimeType": "video/webm", "buffer": a_clip("webm")},
            {
                "name": "old.mp4",
                "mimeType": "video/mp4",
                "buffer": a_clip("mp4"),
            },  # MPEG-4 Part 2: no browser has it
        ]
        await chen.page.locator("[data-part=picker]").set_input_files(films)

        film = bo.page.locator(".bubble[data-seq] video.bubble__clip")
        await film.first.wait_for()
        assert (
            await film.first.evaluate(
                "(one) => fetch(one.poster).then((got) => got.headers.get('content-type'))"
            )
            == "image/jpeg"
        )
        box = await film.first.bounding_box()
        assert box is not None
        assert box["width"] / box["height"] == pytest.approx(64 / 48, abs=0.05)
        await film.first.evaluate("(one) => void one.play()")
        await until(bo.page, "document.querySelector('video.bubble__clip')?.ended")
        await (
            bo.page.locator("video[data-sha256]")
            .nth(1)
            .evaluate("(one) => void one.play().catch(() => undefined)")
        )
        await bo.page.get_by_text("This device cannot play this video").wait_for()
        await bo.picture("sending-clips")


async def test_what_is_pasted_or_dropped_is_seen_before_with_the_place_and_goes_there_only(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        bo = await room.comes("respondent")
        chen = await room.comes("claimant")
        await until(bo.page, "document.querySelector('[data-whole]') !== null")
        await bo.page.locator(".place--private").click()

        await bring(bo.page, "dragenter", "a.png")
        await bo.page.locator(".dropzone").wait_for(state="attached")
        await bring(bo.page, "dragover", "a.png")
        assert "privately" in await bo.page.locator(".dropzone[data-place=private]").inner_text()
        await bring(bo.page, "drop", "receipt.png")
        sheet = bo.page.locator("dialog.sheet--private")
        await sheet.wait_for()
        assert "The other side sees and hears nothing" in await sheet.inner_text()
        assert await bo.page.locator(".parcel, .bubble--own").count() == 0
        await sheet.locator("input").fill("The receipt.")
        await sheet.locator(".buttons .button").first.click()
        sent = bo.page.locator("[data-private] .bubble--own[data-seq]", has_text="The receipt.")
        await sent.locator("img").wait_for()

        await bo.page.locator(".place--everyone").click()
        await bring(bo.page, "paste", "image.png")
        await bo.page.locator("dialog.sheet--everyone .buttons .button").first.click()
        await chen.page.locator(".bubble[data-seq] img[alt*='picture-']").wait_for()
        seen = await chen.page.content()
        assert "The receipt." not in seen
        assert "receipt.png" not in seen


async def test_a_place_is_sent_after_a_question_and_nothing_is_fetched_from_a_map(
    tmp_path: Path, arrive: Arrive
) -> None:
    async with an_open_room(tmp_path, arrive) as room:
        chen = await room.comes("claimant")
        bo = await room.comes("respondent")
        asked: list[str] = []
        for visitor in (chen, bo):
            visitor.page.on("request", lambda request: asked.append(request.url))
        await chen.context.grant_permissions(["microphone", "geolocation"])
        await chen.context.set_geolocation({"latitude": 31.2304161, "longitude": 121.4737, "accuracy": 12})
        await until(chen.page, "document.querySelector('[data-whole]') !== null")

        await chen.page.locator("[popovertarget=plus]").click()
        await chen.page.locator("[data-part=location]").click()
        sheet = chen.page.locator("dialog.sheet")
        await sheet.locator(".buttons .button").first.click()
        await sheet.locator("input").fill("法院")
        await sheet.locator(".buttons .button").first.click()

        spot = bo.page.locator(".bubble[data-seq] .spot")
        await spot.wait_for()
        words = await spot.inner_text()
        assert ("法院" in words, "31.23042, 121.47370" in words, "12 m" in words) == (True, True, True)
        links = await spot.locator("a").evaluate_all("all => all.map((one) => one.href)")
        assert [link.partition(":")[0] for link in links] == ["geo", "https"]
        assert not [
            address
            for address in asked
            if room.site.origin not in address and not address.startswith("blob:")
        ]
